import * as fc from 'fast-check';
import * as markdownParser from 'prettier/plugins/markdown';
import { Change } from '../../../lib/cli/diff/changes';
import { MARK, markdownOf } from '../../../lib/cli/diff/markdown';
import { Manifest } from '../../../lib/cli/diff/platform';
import { Difference, highestSeverity, textOf } from '../../../lib/cli/diff/report';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: Node[];
}

/** The tree that a CommonMark parser with tables makes of a text. */
function parsed(text: string): Node {
  const { parse } = (markdownParser as unknown as { parsers: { markdown: { parse(text: string, o: object): Node } } })
    .parsers.markdown;
  return parse(text, {});
}

function all(node: Node, type: string): Node[] {
  return [...(node.type === type ? [node] : []), ...(node.children ?? []).flatMap((child) => all(child, type))];
}

function change(rest: Partial<Change> & { name?: string; kind?: string }): Change {
  const { name = 'data', kind = 'PersistentVolumeClaim' } = rest;
  const manifest = { apiVersion: 'v1', kind, metadata: { name, namespace: 'apps' } } as Manifest;
  return {
    cluster: 'home',
    action: 'update',
    kustomization: 'flux-system/home-apps',
    object: { id: { group: '', kind, namespace: 'apps', name }, manifest, file: 'a.yaml' },
    ...rest,
  };
}

const difference = (...changes: Change[]): Difference => ({
  since: 'main',
  clusters: [{ name: 'home', changes, halts: [] }],
  gone: [],
});

test('what loses data stands first, and its effect is named', () => {
  const harm = { losesData: true, text: 'the volume goes too, if its reclaim policy is Delete' };
  const text = textOf(
    difference(
      change({ fields: [{ path: 'spec.a', old: 1, next: 2 }] }),
      change({ action: 'delete', deletes: 'yes', harm }),
    ),
  );
  expect(text).toBe(
    [
      'Cluster home, since main: 1 updated, 1 deleted',
      '! PersistentVolumeClaim apps/data is deleted: the volume goes too, if its reclaim policy is Delete',
      '  PersistentVolumeClaim apps/data is updated',
      '      spec.a: 1 → 2',
      '',
    ].join('\n'),
  );
});

test('values of Secrets are in no output', () => {
  const secret = change({ kind: 'Secret', fields: [{ path: 'stringData.token', old: 'abc123', next: 'def456' }] });
  for (const text of [textOf(difference(secret)), markdownOf(difference(secret))]) {
    expect(text).toContain('stringData.token');
    expect(text).not.toMatch(/abc123|def456/);
  }
});

test('a CommonMark parser finds one row for each change, with the name in a code span, whatever the names and values are', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'a|b',
      '`',
      '``',
      '</details>',
      '<script>',
      '\n# x',
      '@someone',
      '![x](http://x)',
      '\\|',
      '| a |',
      ' x ',
      '\r\n',
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 5 }), (pairs) => {
      const changes = pairs.map(([name, value]) =>
        change({ name, action: 'delete', deletes: 'yes', fields: [], kustomization: value, to: value }),
      );
      const root = parsed(markdownOf(difference(...changes)));
      const rows = all(root, 'tableRow');
      expect(rows).toHaveLength(pairs.length + 1);
      rows.forEach((row) => expect(row.children).toHaveLength(4));
      expect(all(root, 'link')).toEqual([]);
      expect(all(root, 'image')).toEqual([]);
      const tags = all(root, 'html').filter(({ value }) => !/^<\/?code>$/.test(value!));
      expect(tags.map(({ value }) => value)).toEqual([MARK]);
    }),
    { numRuns: 200 },
  );
});

test('other changes are folded away, and a long list stays below the limit of a comment', () => {
  const many = Array.from({ length: 1000 }, (_, i) =>
    change({ name: `object-${i}-${'x'.repeat(80)}`, fields: [{ path: 'a', old: 1, next: 2 }] }),
  );
  const text = markdownOf(difference(...many));
  expect(text.length).toBeLessThan(65_535);
  expect(all(parsed(text), 'html').map(({ value }) => value)).toEqual([
    MARK,
    expect.stringMatching(/^<details>/),
    ...Array(all(parsed(text), 'html').length - 3).fill('<br>'),
    '</details>',
  ]);
});

test('no name moves the cursor of a terminal', () => {
  expect(textOf(difference(change({ name: 'a\u001b[2Jb\u202ec' })))).toContain('a\\u001b[2Jb\\u202ec');
});

test('the highest severity of a difference', () => {
  const deletion = change({
    kind: 'Deployment',
    action: 'delete',
    deletes: 'yes',
    harm: { losesData: false, text: 'its pods stop' },
  });
  const loss = change({ action: 'move', deletes: 'maybe', harm: { losesData: true, text: 'x' } });
  expect(highestSeverity(difference())).toBeUndefined();
  expect(highestSeverity(difference(change({})))).toBe('change');
  expect(highestSeverity(difference(change({}), deletion))).toBe('deletion');
  expect(highestSeverity(difference(change({}), deletion, loss))).toBe('danger');
  expect(highestSeverity(difference(change({ action: 'refuse', refused: 'spec.a' })))).toBe('danger');
  const halted: Difference = {
    since: 'main',
    clusters: [{ name: 'home', changes: [], halts: [{ cluster: 'home', kustomization: 'a/b', reason: 'waits' }] }],
    gone: [],
  };
  expect(highestSeverity(halted)).toBe('danger');
});
