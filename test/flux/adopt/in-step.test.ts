import { AdoptedText } from '../../../lib/flux';
import { codesOf } from '../../support/problems';
import { image, NAME } from './shapes';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const mark = (part?: string, policy = 'flux-system:api') =>
  `# {"$imagepolicy": "${policy}${part === undefined ? '' : `:${part}`}"}`;
const TAG = `"2.0" ${mark('tag')}`;

/** An adopted text, with the version 2.0. */
function adopted(text: string, options: { name?: string; file?: string; reflectsDigest?: boolean } = {}) {
  const { file = 'k8s/api.yml', ...own } = options;
  const one = new AdoptedText(text, file, { ...image, ...own });
  return {
    ...one,
    version: one.version,
    text: one.withVersion({ tag: '2.0', ...(own.reflectsDigest ? { digest: DIGEST } : {}) }),
  };
}

const kustomization = (entry: string) => `kind: Kustomization\nimages:\n- ${entry.replace(/\n/g, '\n  ')}\n`;
const release = (entry: string) =>
  `kind: HelmRelease\nspec:\n  postRenderers:\n  - kustomize:\n      images:\n      - ${entry.replace(/\n/g, '\n        ')}\n`;
const beside = (text: string) => `good:\n  image: ${NAME}:1.0\n${text}`;

test.each([
  ['an anchor', '&v', `&v ${TAG}`],
  ['an anchor and blanks', '&v   ', `&v   ${TAG}`],
  ['a YAML tag', '!!str', `!!str ${TAG}`],
  ['the tag that is no specific one', '!', `! ${TAG}`],
  ['both', '!!str &v', `!!str &v ${TAG}`],
])('an empty version with %s stays YAML', (_, before, after) => {
  for (const [key, text] of [
    ['tag', `image:\n  repository: ${NAME}\n  tag: <value>\nb: 1\n`],
    ['newTag', kustomization(`name: ${NAME}\nnewTag: <value>`)],
  ]) {
    expect([key, adopted(text.replace('<value>', before)).text]).toEqual([key, text.replace('<value>', after)]);
  }
});

describe('what names the image and keeps a version of its own is an error', () => {
  const aliased = `t: &t "1"\nworker:\n  repository: ${NAME}\n  tag: *t\n`;
  test.each([
    [
      'newName without newTag',
      kustomization(`name: x\nnewName: ${NAME}`),
      kustomization(`name: x\nnewName: ${NAME}\nnewTag: "1"`),
    ],
    [
      'newName with only a digest',
      kustomization(`name: x\nnewName: ${NAME}\ndigest: ${DIGEST}`),
      kustomization(`name: x\nnewName: ${NAME}\nnewTag: "1"\ndigest: ""`),
    ],
    [
      'newName with an alias as newTag',
      `t: &t "1"\n${kustomization(`name: x\nnewName: ${NAME}\nnewTag: *t`)}`,
      kustomization(`name: x\nnewName: ${NAME}\nnewTag: &t "1"`),
    ],
    [
      'newName without newTag, in a Helm release',
      release(`name: x\nnewName: ${NAME}`),
      release(`name: x\nnewName: ${NAME}\nnewTag: "1"`),
    ],
    ['an aliased tag beside a good place', beside(aliased), beside(aliased.replace('*t', '"1"'))],
    [
      'an aliased tag in a flow mapping',
      beside(`t: &t "1"\nworker: {repository: ${NAME}, tag: *t}\n`),
      beside(`t: &t "1"\nworker: {repository: ${NAME}x, tag: *t}\n`),
    ],
    [
      'a merged tag',
      beside(`d: &d\n  tag: "1"\nworker:\n  <<: *d\n  repository: ${NAME}\n`),
      beside(`d: &d\n  tag: "1"\nworker:\n  <<: *d\n  repository: ${NAME}\n  tag: "1"\n`),
    ],
    [
      'an aliased name as image',
      beside(`n: &n ${NAME}\nworker:\n  image: *n\n`),
      beside(`n: &n ${NAME}\nworker: *n\n`),
    ],
    [
      'a name beside a version of its own',
      beside(`worker:\n  image: ${NAME}\n  imageTag: "1"\n`),
      beside(`worker:\n  image: ${NAME}\n  pullPolicy: Always\n`),
    ],
    [
      'an aliased digest',
      `d: &d ${DIGEST}\nimage:\n  repository: ${NAME}\n  tag: "1"\n  digest: *d\n`,
      `d: &d ""\nimage:\n  repository: ${NAME}\n  tag: "1"\n  digest: *d\n`,
    ],
    [
      'a version in the name, with a registry of its own',
      beside('worker:\n  registry: git.example.com\n  image: platform/api:1.0\n'),
      beside('worker:\n  registry: git.example.com\n  image: platform/web:1.0\n'),
    ],
    [
      'a name that is an alias of an image that gets a tag',
      `a:\n  image: &n ${NAME}\nb:\n  repository: *n\n  tag: "1"\n`,
      `a:\n  name: &n ${NAME}\nb:\n  repository: *n\n  tag: "1"\n`,
    ],
  ])('%s', (_, text, neighbour) => {
    expect(adopted(neighbour).text).toContain('2.0');
    expect(codesOf(() => adopted(text))).toEqual(['FORGE-FLUX-031']);
  });
});

describe('what follows a place, or overrides one, is kept in step', () => {
  test.each([
    [
      'an alias of a marked tag',
      `a:\n  repository: ${NAME}\n  tag: &t "1"\nb:\n  repository: ${NAME}\n  tag: *t\n`,
      `a:\n  repository: ${NAME}\n  tag: &t ${TAG}\nb:\n  repository: ${NAME}\n  tag: *t\n`,
    ],
    [
      'a tag that overrides a merged one',
      `d: &d\n  repository: ${NAME}\n  tag: "1"\nb:\n  <<: *d\n  tag: "0"\nc:\n  <<: [*d]\n`,
      `d: &d\n  repository: ${NAME}\n  tag: ${TAG}\nb:\n  <<: *d\n  tag: ${TAG}\nc:\n  <<: [*d]\n`,
    ],
    [
      'a merge key as Flux writes it',
      `d: &d\n  repository: ${NAME}\n  tag: ${TAG}\nb:\n  !!merge <<: *d\n  tag: "0"\n`,
      `d: &d\n  repository: ${NAME}\n  tag: ${TAG}\nb:\n  !!merge <<: *d\n  tag: ${TAG}\n`,
    ],
    [
      'the post-renderer of a Helm release',
      release(`name: ${NAME}\nnewTag: 1.0`),
      release(`name: ${NAME}\nnewTag: ${TAG}`),
    ],
    [
      'a newName that is empty',
      kustomization(`name: ${NAME}\nnewName:\nnewTag: "1"`),
      kustomization(`name: ${NAME}\nnewName:\nnewTag: ${TAG}`),
    ],
    [
      'a registry beside `image`',
      'image:\n  registry: git.example.com\n  image: platform/api\n  tag: "1"\n',
      `image:\n  registry: git.example.com\n  image: platform/api\n  tag: ${TAG}\n`,
    ],
  ])('%s', (_, before, after) => {
    expect(adopted(before)).toMatchObject({ text: after, warnings: [] });
    expect(adopted(after).text).toBe(after);
  });

  test('a merge key that refers to itself ends', () => {
    expect(adopted(`a: &a\n  <<: *a\nimage: ${NAME}:1.0\n`).text).toContain('2.0');
  });
});

test.each([
  ['a name without a tag', `worker:\n  repository: ${NAME}\n`, 'worker.repository'],
  ['a longer text', `worker:\n  args:\n  - --image=${NAME}:1.0\n`, 'worker.args.0'],
  ['a value with a comment', `worker:\n- value: ${NAME}:0.5.0 # keep old\n`, 'worker.0.value'],
  ['a value in a flow list', `worker: ["${NAME}:1.0"]\n`, 'worker.0'],
])('%s is a warning beside a good place', (_, text, where) => {
  const { text: after, warnings } = adopted(beside(text));
  expect(after).toBe(`good:\n  image: ${NAME}:2.0 ${mark()}\n${text}`);
  expect(warnings).toEqual([expect.stringContaining(`at "${where}": `)]);
  expect(adopted(after).warnings).toEqual(warnings);
});

test('an image that runs is an error where no marker works, also beside a good place', () => {
  expect(codesOf(() => adopted(beside(`worker:\n  image: ${NAME}:0.5.0 # keep old\n`)))).toEqual(['FORGE-FLUX-032']);
  expect(codesOf(() => adopted(beside(`v: &v ${NAME}:0.5.0 # keep old\nworker:\n  image: *v\n`)))).toEqual([
    'FORGE-FLUX-032',
  ]);
  expect(adopted(beside(`worker:\n  # keep old\n  image: ${NAME}:0.5.0\n`)).text).not.toContain('0.5.0');
});

test('the version is that of an image that runs, before that of another value', () => {
  expect(adopted(`env: ${NAME}:0.5\nimage: ${NAME}:1.0\n`).version).toEqual({ tag: '1.0' });
  expect(adopted(`env: ${NAME}:0.5\n`).version).toEqual({ tag: '0.5' });
});

describe('markers that stand already', () => {
  test.each([
    ['of another namespace', `image: ${NAME}:1.0 ${mark(undefined, 'prod:api')}\n`, mark(undefined, 'flux-system:old')],
    ['of a tag beside the name', `repository: ${NAME} ${mark('tag')}\ntag: "1"\n`, mark('name')],
    ['of a reference beside the name', `repository: ${NAME} ${mark()}\ntag: "1"\n`, mark('name')],
    ['of a tag at the name of an entry', kustomization(`name: ${NAME} ${mark('tag')}\nnewTag: "1"`), mark('name')],
    ['of a tag beside an empty digest', `repository: ${NAME}\ntag: "1"\ndigest: "" ${mark('tag')}\n`, mark('digest')],
    [
      'of a reference in an ImageRepository',
      `kind: ImageRepository\nspec:\n  image: ${NAME} ${mark()}\n---\nimage: ${NAME}:1.0\n`,
      mark('name'),
    ],
    [
      'of a name beside a part of the name',
      `registry: git.example.com\nrepository: platform/api ${mark('name')}\ntag: "1"\n`,
      '',
    ],
    [
      'of a name beside the registry',
      `registry: git.example.com ${mark('name')}\nrepository: platform/api\ntag: "1"\n`,
      '',
    ],
  ])('%s fails, and the right one does not', (_, text, right) => {
    const good = text.replace(/(# .*)/, right);
    expect(adopted(good).text).toContain('2.0');
    expect(codesOf(() => adopted(text))).toEqual(['FORGE-FLUX-032']);
  });

  test('of an older policy move to the new one, with the name', () => {
    const text = (policy: string, tag: string) =>
      `repository: ${NAME} ${mark('name', policy)}\ntag: "${tag}" ${mark('tag', policy)}\n`;
    expect(adopted(text('flux-system:old', '1')).text).toBe(text('flux-system:api', '2.0'));
  });

  test('with more than one number sign stay', () => {
    const text = `image: ${NAME}:2.0 #${mark()}\n`;
    expect(adopted(text).text).toBe(text);
  });
});

describe('a digest is never lost', () => {
  test.each([
    ['in a reference', `image: ${NAME}:1.0@${DIGEST}\n`],
    ['in a field', `repository: ${NAME}\ntag: "1"\ndigest: ${DIGEST}\n`],
  ])('%s', (_, text) => {
    expect(adopted(text, { reflectsDigest: true }).text).toContain(DIGEST);
    expect(codesOf(() => adopted(text))).toEqual(['FORGE-FLUX-032']);
  });

  test('in a field of the tag, whatever the policy reflects', () => {
    const text = `repository: ${NAME}\ntag: "1.0.0@${DIGEST}"\n`;
    for (const reflectsDigest of [true, false]) {
      expect(codesOf(() => adopted(text, { reflectsDigest }))).toEqual(['FORGE-FLUX-032']);
    }
    const apart = text.replace(`@${DIGEST}"`, `"\ndigest: ${DIGEST}`);
    expect(adopted(apart, { reflectsDigest: true })).toMatchObject({ version: { tag: '1.0.0', digest: DIGEST } });
  });

  test('but one that Flux wrote goes, as Flux removes it, when the policy no longer reflects digests', () => {
    expect(adopted(`image: ${NAME}:1.0@${DIGEST} ${mark()}\n`).text).toBe(`image: ${NAME}:2.0 ${mark()}\n`);
    const field = `repository: ${NAME}\ntag: ${TAG}\ndigest: "<digest>" ${mark('digest')}\n`;
    const after = field.replace('<digest>', '');
    expect(adopted(field.replace('<digest>', DIGEST)).text).toBe(after);
    expect(adopted(after).text).toBe(after);
  });
});

describe('an image of Docker Hub', () => {
  const [acme, official] = ['docker.io/acme/api', 'docker.io/library/api'];
  test.each([
    ['a short reference', acme, 'image: acme/api:1.0.0\n', `image: ${acme}:2.0 ${mark()}\n`],
    ['the other host', acme, 'image: index.docker.io/acme/api:1.0.0\n', `image: ${acme}:2.0 ${mark()}\n`],
    ['a short name', acme, 'repository: acme/api\ntag: "1"\n', `repository: acme/api\ntag: ${TAG}\n`],
    ['an official image', official, 'image: api:1.0.0\n', `image: ${official}:2.0 ${mark()}\n`],
    ['an official image without a tag', official, 'image: api\n', `image: ${official}:2.0 ${mark()}\n`],
    [
      'a registry of its own',
      official,
      'registry: docker.io\nrepository: api\ntag: "1"\n',
      `registry: docker.io\nrepository: api\ntag: ${TAG}\n`,
    ],
    [
      'an address and a name that look like it',
      official,
      'name: api\ntag: blue\nhost: api:8080\nimage: api:1.0\n',
      `name: api\ntag: blue\nhost: api:8080\nimage: ${official}:2.0 ${mark()}\n`,
    ],
  ])('%s', (_, name, before, after) => {
    expect(adopted(before, { name }).text).toBe(after);
    expect(adopted(after, { name }).text).toBe(after);
  });

  test.each([
    ['another registry', 'registry: quay.io\nimage: acme/api:1.0\n', 'registry: ""\nimage: acme/api:1.0\n'],
    ['another owner', 'image: acme2/api:1.0\n', 'image: acme/api:1.0\n'],
    ['another host', 'image: quay.io/acme/api:1.0\n', 'image: docker.io/acme/api:1.0\n'],
  ])('is not one of %s', (_, text, neighbour) => {
    expect(adopted(neighbour, { name: acme }).text).toContain('2.0');
    expect(codesOf(() => adopted(text, { name: acme }))).toEqual(['FORGE-FLUX-031']);
  });
});
