import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { AdoptedText, Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../../lib/flux';
import { Endpoint, Registry } from '../../../lib/registry';
import { accepts, codesOf, foundCodes } from '../../support/problems';
import { readTree, temporaryFolder, writeTree } from '../../support/workspace';
import { gitops, newApp, policyOf, registry as gitopsRegistry } from '../support';
import { image, NAME, shapes } from './shapes';

const MARKER = '# {"$imagepolicy": "flux-system:api"}';
const TAG_MARKER = '# {"$imagepolicy": "flux-system:api:tag"}';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const adopt = (text: string, tag = '2.0') => new AdoptedText(text, 'k8s/api.yml', image).withVersion({ tag });

describe('the one value is changed, and nothing else', () => {
  test.each([
    ['a plain value', `image: ${NAME}:1.0\n`, `image: ${NAME}:2.0 ${MARKER}\n`],
    ['the last line without a line feed', `image: ${NAME}:1.0`, `image: ${NAME}:2.0 ${MARKER}`],
    ['double quotes', `image:   "${NAME}:1.0"\n`, `image:   "${NAME}:2.0" ${MARKER}\n`],
    ['single quotes', `image: '${NAME}:1.0'\n`, `image: '${NAME}:2.0' ${MARKER}\n`],
    ['a name without a tag', `image: ${NAME}\n`, `image: ${NAME}:2.0 ${MARKER}\n`],
    ['CRLF', `a: 1\r\nimage: ${NAME}:1.0\r\nb: 2\r\n`, `a: 1\r\nimage: ${NAME}:2.0 ${MARKER}\r\nb: 2\r\n`],
    ['a list item', `args:\n    - ${NAME}:1.0\n    - x\n`, `args:\n    - ${NAME}:2.0 ${MARKER}\n    - x\n`],
    ['an anchor', `image: &i ${NAME}:1.0\n`, `image: &i ${NAME}:2.0 ${MARKER}\n`],
    [
      'the marker of another policy',
      `image: ${NAME}:1.0 # {"$imagepolicy": "flux-system:old"}\n`,
      `image: ${NAME}:2.0 ${MARKER}\n`,
    ],
    [
      'several documents',
      `a: 1 # x\n---\nimage: ${NAME}:1.0\n---\nimage: ${NAME}:1.1\n`,
      `a: 1 # x\n---\nimage: ${NAME}:2.0 ${MARKER}\n---\nimage: ${NAME}:2.0 ${MARKER}\n`,
    ],
    [
      'name and tag in two fields',
      `image:\n  repository: ${NAME}\n  tag: 1.10 # {"$imagepolicy": "flux-system:old:tag"}\n`,
      `image:\n  repository: ${NAME}\n  tag: "2.0" ${TAG_MARKER}\n`,
    ],
    [
      'a right value with a marker far away',
      `image: ${NAME}:2.0      ${MARKER}\n`,
      `image: ${NAME}:2.0      ${MARKER}\n`,
    ],
    [
      'images whose names begin alike',
      `a: ${NAME}-worker:1.0\nb: ${NAME}:1.0\n`,
      `a: ${NAME}-worker:1.0\nb: ${NAME}:2.0 ${MARKER}\n`,
    ],
  ])('%s', (_, before, after) => {
    expect(adopt(before)).toBe(after);
    expect(adopt(after)).toBe(after);
  });

  test('whatever stands around it, and a second time changes nothing', () => {
    const noise = fc.array(
      fc.constantFrom(
        '# a comment',
        '',
        "x:   'y'",
        'list: [1,   2]',
        'text: |\n    image: not this\n\n  end',
        'deep: { a: b }',
        `other: ${NAME}x:1.0`,
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const lines = (place: string, items: string[]) =>
          items.map((item, i) => item.replace(/^([a-z]+):/, `${place}${i}-$1:`).replace('\n\n  end', '\n\n    end'));
        const text = (value: string) => [...lines('before', before), value, ...lines('after', after), ''].join('\n');
        const once = adopt(text(`image: ${NAME}:1.0`));
        expect(once).toBe(text(`image: ${NAME}:2.0 ${MARKER}`));
        expect(adopt(once)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  test('its digest follows, when the policy has one', () => {
    const digested = { ...image, reflectsDigest: true };
    const text = new AdoptedText(`image: ${NAME}:1.0@${DIGEST}\n`, 'f.yml', digested);
    expect(text.version).toEqual({ tag: '1.0', digest: DIGEST });
    expect(text.withVersion({ tag: '2.0', digest: DIGEST })).toBe(`image: ${NAME}:2.0@${DIGEST} ${MARKER}\n`);
  });
});

describe('a version in a field of its own', () => {
  const marked = (tag: string) => `"${tag}" ${TAG_MARKER}`;
  const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';

  test.each([
    ['an empty tag', `image:\n  repository: ${NAME}\n  tag:`, `image:\n  repository: ${NAME}\n  tag: ${marked('2.0')}`],
    ['a null tag', `repository: ${NAME}\ntag: ~\nb: 1\n`, `repository: ${NAME}\ntag: ${marked('2.0')}\nb: 1\n`],
    [
      'a registry of its own',
      'image:\n  registry: git.example.com\n  repository: platform/api\n  tag: 1.0\n',
      `image:\n  registry: git.example.com\n  repository: platform/api\n  tag: ${marked('2.0')}\n`,
    ],
    [
      'a kustomization: newTag, never name',
      `${kustomization}images:\n  - name: ${NAME}\n    newTag: 1.3.0\n`,
      `${kustomization}images:\n  - name: ${NAME}\n    newTag: ${marked('2.0')}\n`,
    ],
    [
      'a kustomization that renames: newName and newTag',
      `${kustomization}images:\n- name: web\n  newName: ${NAME}\n  newTag: "1"\n`,
      `${kustomization}images:\n- name: web\n  newName: ${NAME} # {"$imagepolicy": "flux-system:api:name"}\n  newTag: ${marked('2.0')}\n`,
    ],
    [
      "Flux's Kustomization",
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images:\n  - name: ${NAME}\n    newTag: ""\n`,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images:\n  - name: ${NAME}\n    newTag: ${marked('2.0')}\n`,
    ],
    [
      'an ImageRepository beside stays what it is',
      `kind: ImageRepository\napiVersion: image.toolkit.fluxcd.io/v1\nspec:\n  image: ${NAME}\n---\nimage: ${NAME}:1.0\n`,
      `kind: ImageRepository\napiVersion: image.toolkit.fluxcd.io/v1\nspec:\n  image: ${NAME}\n---\nimage: ${NAME}:2.0 ${MARKER}\n`,
    ],
  ])('%s', (_, before, after) => {
    expect(adopt(before)).toBe(after);
    expect(adopt(after)).toBe(after);
  });

  test('of a kustomization without apiVersion is known by the name of the file', () => {
    const text = `images:\n- name: ${NAME}\n  newTag: 1.0\n`;
    const adopted = () => new AdoptedText(text, 'apps/kustomization.yaml', image).withVersion({ tag: '2.0' });
    expect(adopted()).toBe(`images:\n- name: ${NAME}\n  newTag: ${marked('2.0')}\n`);
    accepts(adopted);
    expect(codesOf(() => adopt(text))).toEqual(['FORGE-FLUX-031']);
  });

  test('fails beside a digest that the policy does not follow, and moves with it otherwise', () => {
    const text = `image:\n  repository: ${NAME}\n  tag: "1.0"\n  digest: ${DIGEST}\n`;
    expect(codesOf(() => adopt(text))).toEqual(['FORGE-FLUX-032']);
    expect(adopt(text.replace(DIGEST, '""'))).toContain('digest: ""\n');
    const digested = new AdoptedText(text, 'f.yaml', { ...image, reflectsDigest: true });
    expect(digested.version).toEqual({ tag: '1.0', digest: DIGEST });
    expect(digested.withVersion({ tag: '2.0', digest: DIGEST })).toContain(
      `digest: "${DIGEST}" # {"$imagepolicy": "flux-system:api:digest"}`,
    );
  });
});

describe('a comment leaves an image alone', () => {
  const ignored = '# cdk8s-forge:ignore until 2.0 can read the old database';
  const other = `image: ${NAME}:1.1\n`;
  test.each([
    ['a container', `image: ${NAME}:1.0 ${ignored}\n`],
    ['a container, at its name', `name: api ${ignored}\nimage: ${NAME}:1.0\n`],
    ['a tag of its own', `repository: ${NAME}\ntag: "1.0" ${ignored}\n`],
    ['a digest that the policy does not follow', `repository: ${NAME}\ntag: "1.0"\ndigest: ${DIGEST} ${ignored}\n`],
    ['a reference under another key', `value: ${NAME}:1.0 ${ignored}\n`],
    ['a reference inside of a longer text', `value: run ${NAME}:1.0 now ${ignored}\n`],
  ])('%s', (_, text) => {
    const whole = `${text}---\n${other}`;
    expect(adopt(whole)).toBe(`${text}---\nimage: ${NAME}:2.0 ${MARKER}\n`);
    expect(new AdoptedText(whole, 'k8s/api.yml', image).version).toEqual({ tag: '1.1' });
    expect(new AdoptedText(whole, 'k8s/api.yml', image).warnings).toEqual([]);
  });

  test('an entry of a kustomization', () => {
    const entry = `- name: x\n  newName: ${NAME}\n  newTag: "1.0"`;
    const text = `images:\n${entry} ${ignored}\n${entry}\n`;
    const adopted = new AdoptedText(text, 'k8s/kustomization.yaml', image).withVersion({ tag: '2.0' });
    expect(adopted).toContain(`newTag: "1.0" ${ignored}\n`);
    expect(adopted).toContain(`newTag: "2.0" ${TAG_MARKER}\n`);
  });

  test('no other comment does, and a file without another place has no image', () => {
    expect(codesOf(() => adopt(`image: ${NAME}:1.0 # keep\n`))).toEqual(['FORGE-FLUX-032']);
    expect(codesOf(() => adopt(`image: ${NAME}:1.0 # cdk8s-forge:ignored\n`))).toEqual(['FORGE-FLUX-032']);
    expect(codesOf(() => adopt(`image: ${NAME}:1.0 ${ignored}\n`))).toEqual(['FORGE-FLUX-031']);
    expect(() => adopt(`other: ${NAME}:1.0 ${ignored}\nimage: ${NAME}:1.0\n`)).not.toThrow();
  });
});

test.each(['imageRegistry', 'registry'])(
  'the registry of all images of a chart, global.%s, belongs to the name',
  (key) => {
    const [host, ...rest] = NAME.split('/');
    const values = (registry: string) =>
      `spec:\n  values:\n    global:\n      ${key}: ${registry}\n    redis:\n      image:\n        registry: docker.io\n        repository: ${rest.join('/')}\n        tag: 1.0`;
    expect(adopt(`${values(host)}\n`)).toBe(`${values(host).replace(/1\.0$/, '"2.0"')} ${TAG_MARKER}\n`);
    expect(codesOf(() => adopt(`${values('other.example.com')}\n`))).toEqual(['FORGE-FLUX-031']);
  },
);

test('the version of an image without a tag is `latest`; of an empty tag, none', () => {
  const version = (text: string) => new AdoptedText(text, 'f.yaml', image).version;
  expect(version(`image: ${NAME}\n`)).toEqual({ tag: 'latest' });
  expect(version(`image: ${NAME}:1.10\n`)).toEqual({ tag: '1.10' });
  expect(version(`repository: ${NAME}\ntag:\n`)).toBeUndefined();
});

test('while Flux still writes the old name of a renamed image, the file stays what it is', () => {
  const old = `image: git.example.com/platform/old:1.0 ${MARKER}\n`;
  expect(adopt(old)).toBe(old);
  expect(codesOf(() => adopt(old.replace(':api"', ':web"')))).toEqual(['FORGE-FLUX-031']);
  expect(codesOf(() => adopt(`repository: git.example.com/platform/old\ntag: "1.0" ${TAG_MARKER}\n`))).toEqual([
    'FORGE-FLUX-031',
  ]);
});

test.each([
  ['an empty document', `image: ${NAME}:1.0\n---\n---\na: 1\n`],
  ['an empty document first', `---\n---\nimage: ${NAME}:1.0\n`],
  ['an empty document last', `image: ${NAME}:1.0\n---\n`],
  ['a document with a comment only', `image: ${NAME}:1.0\n---\n# only a comment\n`],
  ['a document that is null', `image: ${NAME}:1.0\n---\nnull\n`],
  ['a comment and a blank after ---', `--- # c\nimage: ${NAME}:1.0\n--- \nb: 1\n`],
  ['a template expression in quotes', `image: ${NAME}:1.0\nnamespace: "{{ .Release.Namespace }}"\n`],
  ['a key named sops that is no stanza', `image: ${NAME}:1.0\nsops: true\n`],
])('%s does not make Flux skip the file', (_, text) => {
  expect(adopt(text)).toBe(text.replace(`${NAME}:1.0`, `${NAME}:2.0 ${MARKER}`));
});

test.each([
  ['another image', 'image: git.example.com/platform/web:1.0\n', 'FORGE-FLUX-031', `image: ${NAME}:1.0\n`],
  ['the image in a comment only', `a: 1 # ${NAME}:1.0\n`, 'FORGE-FLUX-031', `a: ${NAME}:1.0\n`],
  ['the image inside a longer text', `a: docker run ${NAME}:1.0\n`, 'FORGE-FLUX-031', `a:\n- docker\n- ${NAME}:1.0\n`],
  ['an empty file', '', 'FORGE-FLUX-031', `${NAME}:1.0: 1\na: ${NAME}:1.0\n`],
  ['a flow mapping', `a: {image: "${NAME}:1.0"}\n`, 'FORGE-FLUX-032', `a: {}\nimage: "${NAME}:1.0"\n`],
  ['a flow list', `a: ["${NAME}:1.0"]\n`, 'FORGE-FLUX-032', `a:\n- "${NAME}:1.0"\n`],
  ['another comment on the line', `image: ${NAME}:1.0 # keep\n`, 'FORGE-FLUX-032', `image: ${NAME}:1.0\n# keep\n`],
  [
    'a marker with words around it',
    `image: ${NAME}:1.0 # see {"$imagepolicy": "a:b"}\n`,
    'FORGE-FLUX-032',
    `image: ${NAME}:1.0 # {"$imagepolicy": "flux-system:b"}\n`,
  ],
  ['a block scalar', `image: |-\n  ${NAME}:1.0\n`, 'FORGE-FLUX-032', `a: |-\n  pull ${NAME}:1.0\nimage: ${NAME}:1.0\n`],
  ['a List', `kind: List\nitems:\n- image: ${NAME}:1.0\n`, 'FORGE-FLUX-032', `items:\n- image: ${NAME}:1.0\n`],
  [
    'a flow collection over several lines',
    `a: [\n  { x: 1,\n    image: ${NAME}:1.0\n  } ]\n`,
    'FORGE-FLUX-032',
    `a: [\n  { x: 1\n  } ]\nimage: ${NAME}:1.0\n`,
  ],
  ['a digest without a tag', `image: ${NAME}@${DIGEST}\n`, 'FORGE-FLUX-032', `image: ${NAME}:1.0\n`],
  [
    'a YAML tag that fits no version',
    `repository: ${NAME}\ntag: !!float 1.0\n`,
    'FORGE-FLUX-032',
    `repository: ${NAME}\ntag: !!str 1.0\n`,
  ],
  [
    'a tag with a comment and no value',
    `repository: ${NAME}\ntag: # none yet\n`,
    'FORGE-FLUX-032',
    `repository: ${NAME}\n# none yet\ntag:\n`,
  ],
  [
    'the name alone, in a chart without a tag',
    `image:\n  repository: ${NAME}\n`,
    'FORGE-FLUX-031',
    `image:\n  repository: ${NAME}\n  tag: ""\n`,
  ],
  ['the name alone, elsewhere', `data:\n  IMAGE: ${NAME}\n`, 'FORGE-FLUX-031', `data:\n  IMAGE: ${NAME}:1.0\n`],
  ['a reference inside blanks', `image: " ${NAME}:1.0 "\n`, 'FORGE-FLUX-031', `image:   "${NAME}:1.0"  \n`],
  [
    'an ImageRepository',
    `apiVersion: image.toolkit.fluxcd.io/v1\nspec:\n  image: ${NAME}\n`,
    'FORGE-FLUX-031',
    `apiVersion: apps/v1\nspec:\n  image: ${NAME}\n`,
  ],
  [
    'an ImageRepository without apiVersion',
    `kind: ImageRepository\nspec:\n  image: ${NAME}\n`,
    'FORGE-FLUX-031',
    `kind: Pod\nspec:\n  image: ${NAME}\n`,
  ],
  [
    'the name alone beside a version of its own',
    `image: ${NAME}\nimageTag: 1.0\n`,
    'FORGE-FLUX-031',
    `image: ${NAME}\nimagePullPolicy: Always\n`,
  ],
  [
    'a YAML directive',
    `%YAML 1.1\n---\nimage: ${NAME}:1.0\n`,
    'FORGE-FLUX-033',
    `# %YAML 1.1\n---\nimage: ${NAME}:1.0\n`,
  ],
  ['text after ---', `image: ${NAME}:1.0\n--- {b: 1}\n`, 'FORGE-FLUX-033', `image: ${NAME}:1.0\n---\n{b: 1}\n`],
  [
    'a template',
    `metadata:\n  namespace: {{ .Release.Namespace }}\nimage: ${NAME}:1.0\n`,
    'FORGE-FLUX-033',
    `metadata:\n  namespace: "{{ .Release.Namespace }}"\nimage: ${NAME}:1.0\n`,
  ],
  [
    'a SOPS file',
    `image: ${NAME}:1.0\nsops:\n  mac: ENC[x]\n`,
    'FORGE-FLUX-033',
    `image: ${NAME}:1.0\nspec:\n  sops:\n    mac: ENC[x]\n`,
  ],
  [
    "an annotation that stops Flux's reader",
    `image: ${NAME}:1.0\nmetadata:\n  annotations:\n    config.kubernetes.io/path: a.yaml\n`,
    'FORGE-FLUX-033',
    `image: ${NAME}:1.0\nmetadata:\n  annotations:\n    example.com/path: a.yaml\n`,
  ],
  ['a document that is a list', `- image: ${NAME}:1.0\n`, 'FORGE-FLUX-033', `a:\n- image: ${NAME}:1.0\n`],
  ['what is no YAML', `image: ${NAME}:1.0\n  a: "\n`, 'FORGE-FLUX-033', `image: ${NAME}:1.0\na: '"'\n`],
])('fails for %s, and not for its neighbour', (_, text, code, neighbour) => {
  expect(adopt(neighbour)).toContain('$imagepolicy": "flux-system:api');
  expect(codesOf(() => adopt(text))[0]).toBe(code);
});

test('never throws anything but its own errors, whatever the file', () => {
  // Files of real shapes, most of them with a few characters taken out, doubled or put in.
  const spoils = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom('', '\n', ' ', '"', ':', '#', '{', '- ', '\t', '\0', 'é')),
    {
      maxLength: 2,
    },
  );
  const file = fc.oneof(
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 9, arbitrary: fc.tuple(shapes, spoils).map(([{ text }, all]) => all.reduce(spoiled, text)) },
  );
  const taken = { well: 0, badly: 0 };
  fc.assert(
    fc.property(file, (text) => {
      const codes = foundCodes(() => adopt(text));
      taken[codes.length === 0 ? 'well' : 'badly']++;
      expect(codes.filter((code) => !/^FORGE-FLUX-03[1-7]$/.test(code))).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect([taken.well > 75, taken.badly > 100]).toEqual([true, true]);
});

function spoiled(text: string, [at, put]: [number, string]): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + put + text.slice(place + (put === '' ? 1 : 0));
}

describe('in a synth', () => {
  const program = (folder: string, file: string, foreign = false) => {
    const { app } = newApp(folder);
    const home = new Cluster(app, 'home', { source: gitops });
    const own = policyOf(home, 'api').image;
    home.adopt(file, foreign ? policyOf(new Cluster(newApp().app, 'away', { source: gitops }), 'other').image : own);
    return () => app.synth();
  };

  test('the file gets its marker, and keeps its mode and neighbours', () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'k8s/api.yml': `image: ${NAME}:1.0\n`, 'k8s/other.yml': 'a:   1\n' });
    fs.chmodSync(path.join(folder, 'k8s/api.yml'), 0o755);
    program(folder, 'k8s/api.yml')();
    expect(fs.statSync(path.join(folder, 'k8s/api.yml')).mode & 0o111).toBe(0o111);
    const { 'k8s/api.yml': api, 'k8s/other.yml': other } = readTree(folder);
    expect([api, other]).toEqual([`image: ${NAME}:1.0 ${MARKER}\n`, 'a:   1\n']);
  });

  test('a file that needs no change is not written', () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'k8s/api.yml': `image: ${NAME}:1.0 ${MARKER}\n` });
    const file = path.join(folder, 'k8s/api.yml');
    fs.utimesSync(file, 1, 1);
    program(folder, 'k8s/api.yml')();
    expect(fs.statSync(file).mtimeMs).toBe(1000);
  });

  test.each(['../api.yml', '/k8s/api.yml', 'k8s/api.json', 'k8s//api.yml'])('%p fails', (file) => {
    expect(codesOf(() => program(temporaryFolder(), file))).toEqual(['FORGE-FLUX-030']);
    expect(() =>
      ['api.yml', 'k8s/api.yaml', '..k8s/api.yml'].map((good) => program(temporaryFolder(), good)),
    ).not.toThrow();
  });

  test('a file that is not UTF-8 fails, and is not written', () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'k8s/api.yml');
    writeTree(folder, { 'k8s/api.yml': '' });
    const latin1 = Buffer.from(`a: 1\n# für\nimage: ${NAME}:1.0\n`, 'latin1');
    for (const content of [latin1, Buffer.from(`\uFEFFimage: ${NAME}:1.0\n`, 'utf16le')]) {
      fs.writeFileSync(file, content);
      expect(codesOf(program(folder, 'k8s/api.yml'))).toEqual(['FORGE-FLUX-033']);
      expect(fs.readFileSync(file)).toEqual(content);
    }
    fs.writeFileSync(file, `\uFEFFa: 1\n# für \uFFFD\nimage: ${NAME}:1.0\n`);
    accepts(program(folder, 'k8s/api.yml'));
    expect(fs.readFileSync(file, 'utf8')).toBe(`\uFEFFa: 1\n# für \uFFFD\nimage: ${NAME}:1.0 ${MARKER}\n`);
  });

  test('one file follows one policy of an image', () => {
    const world = () => {
      const { app, folder } = newApp();
      const home = new Cluster(app, 'home', { source: gitops });
      const [one, two] = ['one', 'two'].map((id) => {
        const scope = new ImageRepository(home.images, id, { registry: gitopsRegistry, image: 'api' });
        return new ImagePolicy(scope, id, { repository: scope, tags: TagPolicy.semver('1.x') }).image;
      });
      writeTree(folder, { 'k8s/a.yaml': `image: ${NAME}:1.0.0\n`, 'k8s/b.yaml': `image: ${NAME}:1.0.0\n` });
      return { app, folder, home, one, two };
    };
    const { app, home, one, two } = world();
    home.adopt('k8s/a.yaml', one);
    home.adopt('k8s/a.yaml', two);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-APP-012']);

    const other = world();
    other.home.adopt('k8s/a.yaml', other.one);
    other.home.adopt('k8s/b.yaml', other.two);
    accepts(() => other.app.synth());
    const { 'k8s/a.yaml': a, 'k8s/b.yaml': b } = readTree(other.folder);
    expect([a, b]).toEqual(
      ['one', 'two'].map((id) => `image: ${NAME}:1.0.0 # {"$imagepolicy": "flux-system:${id}"}\n`),
    );
  });

  test('a place that Flux does not update is a warning of the runbook, which Flux does not change', () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'k8s/api.yml': `image: ${NAME}:1.0\n\nworker:\n  repository: ${NAME}\n` });
    program(folder, 'k8s/api.yml')();
    const { 'dist/RUNBOOK.md': runbook, 'dist/.cdk8s-forge.json': plan, 'k8s/api.yml': api } = readTree(folder);
    const warning = `"k8s/api.yml": Flux does not update "${NAME}" at "worker.repository"`;
    expect(runbook).toContain(warning);
    expect(plan).toContain(JSON.stringify(warning).slice(1, -1));
    fs.writeFileSync(path.join(folder, 'k8s/api.yml'), api.replace('\n\n', '\n'));
    program(folder, 'k8s/api.yml')();
    expect(readTree(folder)['dist/RUNBOOK.md']).toBe(runbook);
  });

  test('a file that is not there, an image that is not in it, and the image of no policy fail, and nothing is written', () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'k8s/api.yml': 'a: 1\n' });
    expect(codesOf(program(folder, 'k8s/missing.yml'))).toEqual(['FORGE-FLUX-030']);
    expect(codesOf(program(folder, 'k8s/api.yml'))).toEqual(['FORGE-FLUX-031']);
    expect(codesOf(program(folder, 'k8s/api.yml', true))).toEqual(['FORGE-APP-007']);
    expect(Object.keys(readTree(folder))).toEqual(['k8s/api.yml']);
  });
});

describe('an image that Flux scans under another name', () => {
  const scanned = Registry.oci({
    owner: 'platform',
    pull: Endpoint.https('registry.example.com'),
    scan: Endpoint.https('scan.example.com'),
  });

  function synthOf(text: string) {
    const { app, folder } = newApp();
    writeTree(folder, { 'k8s/api.yml': text });
    const home = new Cluster(app, 'home', { source: gitops });
    const repository = new ImageRepository(home.images, 'api', { registry: scanned, image: 'api' });
    const policy = new ImagePolicy(repository, 'api', { repository, tags: TagPolicy.semver('1.x') });
    home.adopt('k8s/api.yml', policy.image);
    return { app, read: () => readTree(folder)['k8s/api.yml'] };
  }

  test.each([
    ['a reference', 'a: 1\nimage: registry.example.com/platform/api:1.0.0\n'],
    [
      'newName of a kustomization',
      'kind: Kustomization\nimages:\n  - name: api\n    newName: registry.example.com/platform/api\n    newTag: 1.0.0\n',
    ],
  ])('is refused in %s, where Flux would write that name', (_, text) => {
    const { app } = synthOf(text);
    expect(codesOf(() => app.synth())).toEqual(['FORGE-FLUX-037']);
    const { app: other } = synthOf(
      'kind: Kustomization\nimages:\n  - name: registry.example.com/platform/api\n    newTag: 1.0.0\n',
    );
    accepts(() => other.synth());
  });

  test('is marked in a tag of its own', () => {
    const { app, read } = synthOf('image:\n  repository: registry.example.com/platform/api\n  tag: 1.0.0\n');
    app.synth();
    expect(read()).toContain('tag: "1.0.0" # {"$imagepolicy": "flux-system:api:tag"}');
    expect(read()).toContain('repository: registry.example.com/platform/api\n');
  });
});
