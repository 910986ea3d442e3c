import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { canonicalDocument, ManagedScalar } from '../../lib/output';
import { deriveSequenceStyle } from '../../lib/output/sequence-style';
import { ForgeError } from '../../lib/support';
import { hostileDocument, hostileKey, hostileString, numberLikeWords } from './hostile';
import { sequenceStyleOf } from './sequence-style-of';
import { seedOf } from '../support/seed';

/*
 * For every document that has a canonical form:
 *   1. a YAML 1.1 and a YAML 1.2 reader read the value back that was written, without error or warning;
 *   2. writing what was read gives the same bytes;
 *   3. the sequences stand in the style that Flux's library will guess from the text.
 */

const MANAGED = new Map<string, ManagedScalar>([
  ['<image>', { value: 'registry.example.com/app:1.0.0-managed', setter: 'ns:app' }],
  ['<tag>', { value: '77777', setter: 'ns:app:tag' }],
]);
const byPlaceholder = (text: string) => MANAGED.get(text);
const byValue = (text: string) => [...MANAGED.values()].find((m) => m.value === text);

function emit(value: object, sortKeys = false): string | undefined {
  try {
    return canonicalDocument(value, { resolve: byPlaceholder, sortKeys });
  } catch (e) {
    // The one thing a hostile key can do that no style undoes; all else must have a form.
    if (e instanceof ForgeError && e.code === 'FORGE-YAML-006') {
      return undefined;
    }
    throw e;
  }
}

function read(text: string, version: '1.1' | '1.2'): unknown {
  const document = parseDocument(text, { version, maxAliasCount: 0 } as object);
  expect([...document.errors, ...document.warnings].map(String)).toEqual([]);
  return document.toJS() as unknown;
}

/** What a reader should see: placeholders filled in, and no empty annotations. */
function seen(value: Record<string, unknown>): unknown {
  const filled = JSON.parse(JSON.stringify(value), (_, v: unknown) =>
    typeof v === 'string' ? (MANAGED.get(v)?.value ?? v) : v,
  ) as Record<string, { annotations?: object }>;
  if (filled.metadata?.annotations && Object.keys(filled.metadata.annotations).length === 0) {
    delete filled.metadata.annotations;
  }
  return filled;
}

const documents = hostileDocument([...MANAGED.keys()]);

describe('every document', () => {
  test.each(['1.1', '1.2'] as const)('reads back the same as YAML %s', (version) => {
    fc.assert(
      fc.property(documents, (value) => {
        const text = emit(value);
        if (text !== undefined) {
          expect(read(text, version)).toEqual(seen(value));
        }
      }),
      { numRuns: 500, seed: seedOf(1) },
    );
  });

  test('is written again as the same bytes', () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (value, sortKeys) => {
        const text = emit(value, sortKeys);
        if (text === undefined) {
          return;
        }
        // The order of integer-like keys is JavaScript's own, both times.
        expect(canonicalDocument(read(text, '1.2') as object, { resolve: byValue, sortKeys })).toBe(text);
      }),
      { numRuns: 500, seed: seedOf(2) },
    );
  });

  test('has its sequences in the style that is guessed from its text', () => {
    fc.assert(
      fc.property(documents, (value) => {
        const text = emit(value);
        if (text === undefined) {
          return;
        }
        const style = sequenceStyleOf(text);
        if (style !== undefined) {
          expect(deriveSequenceStyle(text)).toBe(style);
        }
      }),
      { numRuns: 500, seed: seedOf(3) },
    );
  });

  test('ends in one line feed, has no carriage return, byte order mark or document marker', () => {
    fc.assert(
      fc.property(documents, (value) => {
        const text = emit(value) ?? 'a\n';
        expect(text).toMatch(/[^\n]\n+$/);
        expect(text).not.toMatch(/[\r\ufeff\u0085\u2028\u2029]|^---|^\.\.\.|\n---|\n\.\.\./);
        expect(text).not.toMatch(/[\u{10000}-\u{10ffff}]/u);
      }),
      { numRuns: 400, seed: seedOf(4) },
    );
  });
});

describe('every string', () => {
  test.each(['1.1', '1.2'] as const)('reads back as value, item and key of YAML %s', (version) => {
    fc.assert(
      fc.property(hostileString, hostileKey, (text, key) => {
        const value = { value: text, list: [text, [text]], map: { [key]: text, inner: { [key]: [text] } } };
        expect(read(canonicalDocument(value), version)).toEqual(value);
      }),
      { numRuns: 1200, seed: seedOf(5) },
    );
  });

  test.each(['1.1', '1.2'] as const)('that looks like a number reads back as a string of YAML %s', (version) => {
    const words = numberLikeWords();
    expect(words.length).toBeGreaterThan(50000);
    expect(read(canonicalDocument({ words }), version)).toEqual({ words });
  });
});
