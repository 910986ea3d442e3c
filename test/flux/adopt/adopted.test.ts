import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { AdoptedText, Cluster, DeployedImage } from '../../../lib/flux';
import { codesOf } from '../../support/problems';
import { readTree, temporaryFolder, writeTree } from '../../support/workspace';
import { gitops, newApp, policyOf } from '../support';

const NAME = 'git.example.com/platform/api';
const image = { policy: 'flux-system:api', name: NAME, initialTag: 'main-0000000-0', reflectsDigest: false };
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
    ['a digest', `image: ${NAME}:1.0@${DIGEST}\n`, `image: ${NAME}:2.0 ${MARKER}\n`],
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
      `image:\n  repository: ${NAME}\n  tag: 1.10 # {"$imagepolicy": "x:y:tag"}\n`,
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

test.each([
  ['another image', 'image: git.example.com/platform/web:1.0\n', 'FORGE-FLUX-031'],
  ['the image in a comment only', `a: 1 # ${NAME}:1.0\n`, 'FORGE-FLUX-031'],
  ['the image inside a longer text', `a: docker run ${NAME}:1.0\n`, 'FORGE-FLUX-031'],
  ['an empty file', '', 'FORGE-FLUX-031'],
  ['a flow mapping', `a: {image: "${NAME}:1.0"}\n`, 'FORGE-FLUX-032'],
  ['a flow list', `a: ["${NAME}:1.0"]\n`, 'FORGE-FLUX-032'],
  ['another comment on the line', `image: ${NAME}:1.0 # keep\n`, 'FORGE-FLUX-032'],
  ['a marker with words around it', `image: ${NAME}:1.0 # see {"$imagepolicy": "a:b"}\n`, 'FORGE-FLUX-032'],
  ['a block scalar', `image: |-\n  ${NAME}:1.0\n`, 'FORGE-FLUX-032'],
  ['a List', `kind: List\nitems:\n- image: ${NAME}:1.0\n`, 'FORGE-FLUX-032'],
  ['a document that is a list', `- image: ${NAME}:1.0\n`, 'FORGE-FLUX-033'],
  ['what is no YAML', `image: ${NAME}:1.0\n  a: "\n`, 'FORGE-FLUX-033'],
])('fails for %s', (_, text, code) => {
  expect(codesOf(() => adopt(text))[0]).toBe(code);
});

test('never throws anything but its own errors, whatever the file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      codesOf(() => {
        adopt(text);
        throw new AdoptedText('', 'f', image);
      });
    }),
    { numRuns: 500 },
  );
});

describe('in a synth', () => {
  const program = (folder: string, file: string, foreign = false) => {
    const { app } = newApp(folder);
    const home = new Cluster(app, 'home', { source: gitops });
    const own = policyOf(home, 'api').image;
    home.adopt(file, foreign ? DeployedImage.decidedBy('flux-system:other') : own);
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
