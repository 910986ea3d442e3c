import * as fs from 'node:fs';
import * as path from 'node:path';
import { FluxVersion } from '../../lib/flux';
import { ADVISORIES, applicable, isExact, Pin, pinnedImage, PINS } from '../../lib/support';
import { behindPins, minorsBehind, oldPins } from '../../scripts/sentinel';
import { versionsPage } from '../../scripts/versions';

const ROOT = path.join(__dirname, '../..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const FILES = ['lib/support/pins.ts', 'lib/support/pins-actions.ts'];
const text = FILES.map(read).join('\n');
const all: Pin[] = [PINS.images, PINS.actions, PINS.charts, PINS.crds].flatMap((pins) => Object.values(pins));

test('docs/versions.md is current: run `npm run versions`', () => {
  expect(read('docs/versions.md')).toBe(versionsPage());
});

test('renovate.json finds every pin, with its name, version and commit', () => {
  const [manager] = JSON.parse(read('renovate.json')).customManagers;
  const [pattern] = manager.managerFilePatterns;
  const matches = FILES.map((file) => new RegExp(pattern.slice(1, -1)).test(file));
  expect(matches).toEqual([true, true]);
  const found = [...text.matchAll(new RegExp(manager.matchStrings[0], 'g'))].map(({ groups }) => [
    groups!.depName,
    groups!.currentValue,
    groups!.currentDigest,
  ]);
  expect(found.sort()).toEqual(
    all.map(({ name, version, commit }) => [name.replace(/^docker\.io\/library\//, ''), version, commit]).sort(),
  );
});

test('no image, chart or action outside the table is pinned', () => {
  const files = fs
    .readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !FILES.includes(`lib/${file}`));
  const literal = /^\s*(?:export )?const \w*(?:IMAGE|VERSION)\w* = '[^']*[:.]\d/m;
  expect(files.filter((file) => literal.test(read(path.join('lib', file))))).toEqual([]);
});

test('the modules of scripts/imports have the versions of the table', () => {
  const versions = new Map(
    [...read('scripts/imports/go.mod').matchAll(/^\t(github\.com\/\S+) (v\S+)$/gm)].map(([, name, version]) => [
      name,
      version,
    ]),
  );
  const { flux, prometheusOperator } = PINS.crds;
  expect(versions.get(`github.com/${prometheusOperator.name}/pkg/apis/monitoring`)).toBe(prometheusOperator.version);
  // Flux 2.10 has kustomize-controller 1.10, and so on.
  const minor = (version: string) => /^v\d+\.(\d+)\./.exec(version)![1];
  expect(minor(versions.get('github.com/fluxcd/kustomize-controller/api')!)).toBe(minor(flux.version));
  expect(FluxVersion.LATEST_KNOWN.text).toBe(flux.version.replace(/^v(\d+\.\d+)\.\d+$/, '$1'));
});

test.each(['imports', 'conformance/crds'])(
  '%s has what scripts/imports.sh generates: one file for each API group',
  (folder) => {
    const groups = fs.readdirSync(path.join(ROOT, folder)).map((file) => file.replace(/\.(ts|yaml)$/, ''));
    expect(groups).toEqual([
      'bitnami.com',
      'cert-manager.io',
      'external-secrets.io',
      'helm.toolkit.fluxcd.io',
      'image.toolkit.fluxcd.io',
      'keda.sh',
      'kustomize.toolkit.fluxcd.io',
      'monitoring.coreos.com',
      'notification.toolkit.fluxcd.io',
      'policies.kyverno.io',
      'policy.sigstore.dev',
      'source.toolkit.fluxcd.io',
    ]);
  },
);

test('an action has a commit, and every pin a day and a source', () => {
  expect(Object.values(PINS.actions).filter(({ commit }) => !/^[0-9a-f]{40}$/.test(commit))).toEqual([]);
  expect(all.filter(({ checked }) => !/^20\d\d-\d\d-\d\d$/.test(checked))).toEqual([]);
  expect(all.filter(({ source }) => !source.startsWith('https://'))).toEqual([]);
  expect(pinnedImage(PINS.images.curl)).toBe(`curlimages/curl:${PINS.images.curl.version}`);
});

test('no default has a known vulnerability', () => {
  const { buildkit, dockerDaemon, curl, node, giteaRunner } = PINS.images;
  const defaults: [string, string][] = [
    ['BuildKit', buildkit.version.slice(1)],
    ['Docker', dockerDaemon.version.replace('-dind', '')],
    ['curl', curl.version],
    ['Node.js', node.version.replace('-alpine', '')],
    ["Gitea's runner", giteaRunner.version],
  ];
  expect(defaults.filter(([, version]) => !isExact(version))).toEqual([]);
  expect(defaults.flatMap(([software, version]) => applicable(ADVISORIES[software], version))).toEqual([]);
});

test.each([
  ['29.8.9', 'Docker', 1],
  ['29.9.0', 'Docker', 0],
  ['29.9', 'Docker', 0],
  ['29.8', 'Docker', 1],
  ['29', 'Docker', 0],
  ['28', 'Docker', 1],
  ['22.22.1', 'Node.js', 1],
  ['22.22.2', 'Node.js', 0],
  ['20.19.0', 'Node.js', 0],
  ['0.28.0', 'BuildKit', 4],
  ['0.28.1', 'BuildKit', 2],
  ['0.34.0', 'BuildKit', 1],
  ['0.34.1', 'BuildKit', 0],
])('version %s of %s has %d advisories', (version, software, count) => {
  expect(applicable(ADVISORIES[software], version)).toHaveLength(count);
});

test('the sentinel prints the facts that are old, and the versions that are behind', () => {
  const lines = [...oldPins(all, Date.now()), ...behindPins(all)];
  process.stderr.write(['Versions to look at:', ...lines, ''].join('\n'));
  expect(all.length).toBeGreaterThan(15);
});

test('a fact is old after 120 days', () => {
  const pin = { ...PINS.images.curl, checked: '2026-01-01' };
  const day = (text: string) => Date.parse(text);
  expect(oldPins([pin], day('2026-05-01'))).toEqual([]);
  expect(oldPins([pin], day('2026-05-02'))).toEqual([`${pin.name} ${pin.version}: compared on 2026-01-01`]);
});

test.each([
  ['v0.34.2', 'v0.36.0', 2],
  ['v0.34.2', 'v0.37.0', 3],
  ['v2.21.0', 'v3.0.0', Infinity],
  ['v0.34.2', 'v0.34.9', 0],
  ['v0.35.0', 'v0.34.0', 0],
  ['29.9.0-dind', '29.12.1', 3],
  ['qemu-v10.2.3-68', 'qemu-v10.3.0-70', 1],
])('between %s and %s are %d minor versions', (known, newest, minors) => {
  expect(minorsBehind(known, newest)).toBe(minors);
  expect(behindPins([{ ...PINS.images.curl, version: known, newest }])).toHaveLength(minors > 2 ? 1 : 0);
});

test('an escape without a fixed version is in the threat model, and no finding of a version', () => {
  const open = Object.values(ADVISORIES)
    .flat()
    .filter(({ fixedIn }) => fixedIn === undefined);
  expect(open.map(({ id }) => id)).toEqual(['CVE-2026-58053']);
  for (const page of ['docs/security.md', 'docs/runner.md', 'docs/versions.md']) {
    expect(read(page)).toContain(open[0].id);
  }
  expect(applicable(ADVISORIES["Gitea's runner"], '3.3.0')).toEqual([]);
});
