/**
 * Writes documents made by the canonical emitter from hostile data, for the Go tests in conformance/setters:
 *
 *   node --import tsx scripts/conformance-setters.ts <outdir> [count] [seed]
 *
 * <outdir>/files/** are the YAML files, <outdir>/manifest.json holds the data they were made from and the values that Flux shall set.
 * The same count and seed give the same files.
 */
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { canonicalDocument, canonicalFile, ManagedScalar } from '../lib/output';
import { ForgeError } from '../lib/support';
import { hostileDocument, numberLikeWords } from '../test/output/hostile';

const MANAGED = new Map<string, ManagedScalar & { readonly next: string }>([
  [
    '<image>',
    {
      setter: 'forge:app',
      value: 'registry.example.com:5000/team/app:1.0.0',
      next: 'registry.example.com:5000/team/app:1.0.1@sha256:' + 'a'.repeat(64),
    },
  ],
  ['<tag>', { setter: 'forge:app:tag', value: '7', next: '1.1' }],
  ['<digest>', { setter: 'forge:app:digest', value: '', next: 'sha256:' + 'a'.repeat(64) }],
  ['<gone>', { setter: 'forge:gone:digest', value: 'sha256:' + 'b'.repeat(64), next: '' }],
]);

interface Sample {
  readonly value: Record<string, unknown>;
  readonly header: string[];
  readonly sortKeys: boolean;
}

const headerLine = fc.constantFrom<string[]>(
  'Generated.',
  '',
  'a:',
  '- a',
  '  - a',
  '# x',
  'é: {"a": 1}',
  'k: v # c',
  '---',
  '"$imagepolicy"',
);
const samples: fc.Arbitrary<Sample> = fc.record({
  value: hostileDocument([...MANAGED.keys()]),
  header: fc.oneof(fc.constant<string[]>([]), fc.array(headerLine, { maxLength: 3 })),
  sortKeys: fc.boolean(),
});

interface Written {
  readonly text: string;
  readonly data: unknown;
  readonly marked: number;
}

function write({ value, header, sortKeys }: Sample, marks: boolean): Written | undefined {
  let marked = 0;
  const resolve = (text: string) => {
    const managed = MANAGED.get(text);
    if (managed) {
      marked++;
    }
    return managed;
  };
  // Flux reads a file only if it holds a marker, so the first document of each gets one for sure.
  const whole = marks ? { ...value, image: '<image>' } : value;
  let text = '';
  const unstable = ForgeError.problemsIn(() => {
    text = canonicalDocument(whole, { header, sortKeys, resolve: (t) => MANAGED.get(t) });
  }).map((p) => p.code);
  if (unstable.includes('FORGE-YAML-006')) {
    return undefined;
  }
  if (unstable.length > 0) {
    throw new Error(`${unstable.join()} for ${JSON.stringify(whole)}`);
  }
  const data = JSON.parse(JSON.stringify(whole), (_, v: unknown) =>
    typeof v === 'string' ? (resolve(v)?.value ?? v) : v,
  ) as { metadata?: { annotations?: object } };
  if (data.metadata?.annotations && Object.keys(data.metadata.annotations).length === 0) {
    delete data.metadata.annotations;
  }
  return { text, data, marked };
}

/** Gathers documents into files of one to three, and writes them. */
class Files {
  readonly manifest: Record<string, { documents: unknown[]; marked: number }> = {};
  documents = 0;
  unstable = 0;
  private open: Written[] = [];

  constructor(private readonly outdir: string) {}

  add(sample: Sample): void {
    const written = write(sample, this.open.length === 0);
    if (!written) {
      this.unstable++;
      return;
    }
    this.open.push(written);
    this.documents++;
    if (this.open.length > this.documents % 3) {
      this.flush();
    }
  }

  flush(): void {
    if (this.open.length === 0) {
      return;
    }
    const path = `${String(Math.floor(this.documents / 500)).padStart(4, '0')}/${this.documents}.yaml`;
    mkdirSync(dirname(join(this.outdir, path)), { recursive: true });
    writeFileSync(join(this.outdir, path), canonicalFile(this.open.map((w) => w.text)));
    this.manifest[path] = {
      documents: this.open.map((w) => w.data),
      marked: this.open.reduce((sum, w) => sum + w.marked, 0),
    };
    this.open = [];
  }
}

function main([outdir, countText = '20000', seedText = '1']: string[]): void {
  const count = Number(countText);
  const seed = Number(seedText);
  if (!outdir || !(count > 0) || !Number.isInteger(seed)) {
    throw new Error('usage: conformance-setters.ts <outdir> [count] [seed]');
  }
  const files = new Files(join(outdir, 'files'));
  for (let words = numberLikeWords(); words.length > 0; words = words.slice(2000)) {
    files.add({ value: { words: words.slice(0, 2000) }, header: [], sortKeys: false });
  }
  for (const sample of fc.sample(samples, { numRuns: Math.ceil(count * 1.1) + 10, seed })) {
    if (files.documents >= count) {
      break;
    }
    files.add(sample);
  }
  files.flush();
  if (files.documents < count) {
    throw new Error(`only ${files.documents} documents have a stable form`);
  }
  const setters = Object.fromEntries([...MANAGED.values()].map((m) => [m.setter, m.next]));
  writeFileSync(
    join(outdir, 'manifest.json'),
    JSON.stringify({ setters, documents: files.documents, files: files.manifest }),
  );
  console.log(
    `${files.documents} documents in ${Object.keys(files.manifest).length} files; ${files.unstable} left out, because no indentation is stable for them`,
  );
}

main(process.argv.slice(2));
