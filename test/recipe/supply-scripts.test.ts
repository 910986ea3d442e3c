import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { Forge, RunsOn } from '../../lib/forge';
import { Sbom, SbomFormat, Scan, ScanOptions, Severity, Sign, TrivyOptions } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import { PINS } from '../../lib/support';
import { CaBundle, SignatureFormat, Signer, Trust } from '../../lib/trust';
import { Expression, IStepSource, Trigger } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { newWorkflow, rendered, REPOSITORY, textOf } from '../workflow/render';

const REFERENCE = `registry.example.com/team/web@sha256:${'a'.repeat(64)}`;
const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const CA = path.join(__dirname, '../fixtures/trust/ca.crt');
const secured = Registry.oci({ owner: 'team', pull: Endpoint.https('registry.example.com') });
const plain = Registry.oci({ owner: 'team', pull: Endpoint.http('registry.example.com') });
const own = Registry.oci({
  owner: 'team',
  pull: Endpoint.https('registry.example.com', { trust: Trust.privateCa(CaBundle.fromFile(CA)) }),
});
const LOGIN = { REGISTRY_USER: 'robot', REGISTRY_TOKEN: 'r3gistry' };

interface RenderedStep {
  name: string;
  if?: string;
  uses?: string;
  with?: Record<string, string>;
  env: Record<string, string>;
  run: string;
}

const stepsOf = (...steps: IStepSource[]): RenderedStep[] => parse(rendered({ steps })).jobs.build.steps;

/** Runs the step with its own environment; expressions are replaced by `values`, and left-over ones are empty. */
function run(step: RenderedStep, values: Record<string, string>, commands: Record<string, string>) {
  const folder = temporaryFolder();
  const [output, summary, notes] = ['output', 'summary', 'notes'].map((name) => path.join(folder, name));
  const env = Object.fromEntries(Object.entries(step.env).map(([k, v]) => [k, /\$\{\{/.test(v) ? '' : String(v)]));
  const cwd = temporaryFolder();
  fs.writeFileSync(path.join(cwd, '.trivyignore'), 'CVE-2024-0001\n');
  const ran = runBash(step.run, {
    cwd,
    env: { ...env, ...values, NOTES: notes, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary },
    commands,
  });
  const read = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  return { ...ran, output: read(output), summary: read(summary), notes: read(notes), cwd };
}

/** A cosign that notes its arguments and what it finds in its environment; `help` is that of version 3 or 2. */
const cosign = (version: number, verifies = true) => `#!/bin/bash
if [ "$2" = --help ]; then printf '%s' '${version >= 3 ? '--use-signing-config=true' : '--upload'}'; exit 0; fi
printf '%s\\n' "$*" >>"$NOTES"
printf 'key %s password %s auth %s ca %s\\n' "\${#COSIGN_PRIVATE_KEY}" "\${#COSIGN_PASSWORD}" "$(cat "$DOCKER_CONFIG/config.json" 2>/dev/null)" "$(grep -c BEGIN "\${SSL_CERT_FILE:-/dev/null}")" >>"$NOTES"
case $1 in verify*) ${verifies ? ':' : 'echo no match >&2; exit 1'} ;; esac
`;
const KEYS = { COSIGN_PRIVATE_KEY: 'the-private-key', COSIGN_PASSWORD: 'the-password' };
const sign = (format?: SignatureFormat) => Sign.cosign(Signer.key(PEM), { format });
const signStep = (registry = secured, format?: SignatureFormat) =>
  stepsOf(sign(format).step({ references: REFERENCE, registry }))[0];

describe('signing', () => {
  test.each([
    [3, SignatureFormat.LEGACY, '--new-bundle-format=false --use-signing-config=false'],
    [3, SignatureFormat.BUNDLE, '--new-bundle-format=true --use-signing-config=false'],
    [2, SignatureFormat.LEGACY, ''],
  ])('with cosign %i in the format %s', (version, format, flags) => {
    const ran = run(signStep(plain, format), { ...KEYS, ...LOGIN }, { cosign: cosign(version) });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    const [signed, , verified] = ran.notes.split('\n');
    expect(signed).toBe(
      ['sign --yes --key env://COSIGN_PRIVATE_KEY --tlog-upload=false', flags, '--allow-http-registry', REFERENCE]
        .filter(Boolean)
        .join(' '),
    );
    expect(verified).toMatch(/^verify --key \S+\/cosign\.pub --insecure-ignore-tlog=true --allow-http-registry /);
    expect(ran.summary).toBe(`- signed \`${REFERENCE}\`\n`);
  });

  test('an old cosign that writes no bundles is an error', () => {
    const ran = run(signStep(secured, SignatureFormat.BUNDLE), { ...KEYS, ...LOGIN }, { cosign: cosign(2) });
    expect([ran.status, ran.stderr.includes('SignatureFormat.LEGACY')]).toEqual([1, true]);
  });

  test('no secret is in an argument or in the log; the registry gets its login, and the authority is added', () => {
    const ran = run(signStep(own), { ...KEYS, ...LOGIN }, { cosign: cosign(3) });
    const auth = Buffer.from('robot:r3gistry').toString('base64');
    expect(ran.notes).toContain(`{"auths":{"registry.example.com":{"auth":"${auth}"}}}`);
    expect(Number(/ca (\d+)/.exec(ran.notes)![1])).toBeGreaterThan(0);
    const args = ran.notes.split('\n').filter((line) => !line.startsWith('key '));
    const shown = ran.stdout.replace(`::add-mask::${auth}\n`, '') + ran.stderr + args.join('\n');
    for (const secret of [...Object.values(KEYS), LOGIN.REGISTRY_TOKEN, auth]) {
      expect(shown).not.toContain(secret);
    }
  });

  test('a private key that does not belong to the committed key is found before a pod is', () => {
    const ran = run(signStep(), { ...KEYS, ...LOGIN }, { cosign: cosign(3, false) });
    expect([ran.status, ran.stderr.includes('is COSIGN_PRIVATE_KEY the key of cosign.pub?')]).toEqual([1, true]);
  });

  test.each([
    ['a tag', 'registry.example.com/team/web:1.0.0'],
    ['an option', `--key=x@sha256:${'a'.repeat(64)}`],
    ['nothing', ''],
    ['a digest that is cut', `${REFERENCE.slice(0, -1)}`],
    ['a second line with a command', `${REFERENCE}\n$(id)`],
  ])('%s is not signed', (_, references) => {
    const ran = run(signStep(), { ...KEYS, ...LOGIN, REFERENCES: references }, { cosign: cosign(3) });
    expect([ran.status, ran.notes]).toEqual([1, '']);
  });

  test('the tool and the key are looked for first', () => {
    expect(run(signStep(), { ...KEYS, ...LOGIN }, {}).stderr).toContain('cosign is not on PATH');
    expect(run(signStep(), LOGIN, { cosign: cosign(3) }).stderr).toContain('COSIGN_PRIVATE_KEY is not set');
  });

  test('a statement comes from a file and is verified too', () => {
    const [step] = stepsOf(
      sign().attest({ references: REFERENCE, registry: secured, predicate: 'sbom.json', predicateType: 'spdxjson' }),
    );
    expect(run(step, { ...KEYS, ...LOGIN }, { cosign: cosign(3) }).stderr).toContain('there is no file sbom.json');
    const file = path.join(temporaryFolder(), 'sbom.json');
    fs.writeFileSync(file, '{}');
    const ran = run(step, { ...KEYS, ...LOGIN, PREDICATE: file }, { cosign: cosign(3) });
    expect(ran.notes).toContain(`--predicate ${file} --type spdxjson ${REFERENCE}`);
    expect(ran.notes).toMatch(/verify-attestation .*--type spdxjson/);
  });

  test('a keyless signature needs no key, and is for the workflows of the repository on one branch', () => {
    const keyless = Sign.keyless(Forge.github().repository('example/app'), { branch: 'release/1.x' });
    expect(keyless.signer.subject).toBe('^https://github\\.com/example/app/[^@]+@refs/(heads/release/1\\.x|tags/.+)$');
    expect([keyless.needsIdToken, sign().needsIdToken, keyless.format]).toEqual([true, false, 'bundle']);
    const [step] = stepsOf(keyless.step({ references: REFERENCE, registry: secured }));
    expect(Object.keys(step.env).filter((name) => /COSIGN|PUBLIC/.test(name))).toEqual([]);
    const ran = run(step, LOGIN, { cosign: cosign(3) });
    expect(ran.notes.split('\n')[0]).toBe(`sign --yes --new-bundle-format=true ${REFERENCE}`);
  });

  test('reads nothing that another job left in the home directory', () => {
    const home = temporaryFolder();
    fs.mkdirSync(path.join(home, '.sigstore'));
    const looks = '#!/bin/bash\nls -A "$HOME" >>"$NOTES"\n';
    const { status, notes } = run(signStep(), { ...KEYS, ...LOGIN, HOME: home }, { cosign: looks + cosign(2) });
    expect([status, notes.includes('.sigstore')]).toEqual([0, false]);
  });
});

const FLAGS: Record<string, Record<string, number>> = JSON.parse(
  fs.readFileSync(path.join(__dirname, '../fixtures/trivy-flags.json'), 'utf8'),
);

/** A Trivy with the flags of the real one, which finds what `FINDS` names. */
const TRIVY = `#!/usr/bin/env node
const fs = require('node:fs');
const [command, ...args] = process.argv.slice(2);
const flags = ${JSON.stringify({ image: FLAGS.image, convert: FLAGS.convert })}[command];
const given = {}, rest = [];
for (let i = 0; i < args.length; i++) {
  if (args[i] === '--') { rest.push(...args.slice(i + 1)); break; }
  const [, name, , value] = /^--([^=]+)(=(.*))?$/.exec(args[i]) ?? [];
  if (name === undefined) { rest.push(args[i]); continue; }
  if (!(name in flags)) { console.error('unknown flag: --' + name); process.exit(1); }
  given[name] = flags[name] ? (value ?? args[++i]) : true;
}
fs.appendFileSync(process.env.NOTES, JSON.stringify({ command, given, rest }) + '\\n');
if (command === 'image' && process.env.FINDS === 'error') { process.exit(1); }
fs.writeFileSync(given.output, given.format + '\\n');
if (given['exit-code'] && given.severity.split(',').includes(process.env.FINDS)) { process.exit(Number(given['exit-code'])); }
`;

/** A Grype that finds what `FINDS` names. */
const GRYPE = `#!/bin/bash
printf '%s\\n' "$*" >>"$NOTES"
env | grep '^GRYPE_' | sort >>"$NOTES"
[ "$FINDS" != error ] || exit 1
for word in "$@"; do case $word in *=*/report.*) printf '%s\\n' "\${SHOWS:-x}" >"\${word#*=}" ;; esac; done
[ "$FINDS" != CRITICAL ] || exit 2
`;

const SCANNERS: [string, (options?: TrivyOptions) => Scan, Record<string, string>][] = [
  ['Trivy', (options) => Scan.trivy(options), { trivy: TRIVY.replace('/usr/bin/env node', process.execPath) }],
  ['Grype', (options) => Scan.grype(options), { grype: GRYPE }],
];
const scanSteps = (scan: Scan, registry = secured) => stepsOf(scan.steps({ reference: REFERENCE, registry }));

test.each(['::add-path::/tmp/evil', '  ::set-output name=found::no', '##[set-output name=found;]no'])(
  'a package that is named %j is no command for the runner',
  (name) => {
    const [step] = scanSteps(Scan.grype());
    const { status, stdout } = run(step, { ...LOGIN, SHOWS: `NAME\n${name} 1.0` }, { grype: GRYPE });
    expect(status).toBe(0);
    expect(stdout).toContain(`| ${name.replace('##[', '## [')} 1.0\n`);
    expect(stdout.split('\n').some((line) => /^\s*::(?!add-mask)|##\[/.test(line))).toBe(false);
  },
);

describe.each(SCANNERS)('a scan with %s', (_, make, commands) => {
  test.each([
    ['nothing', '', Severity.CRITICAL, 0, 'found=no\n'],
    ['something below the threshold', 'LOW', Severity.CRITICAL, 0, 'found=no\n'],
    ['something critical', 'CRITICAL', Severity.CRITICAL, 1, 'found=yes\n'],
    ['an error', 'error', Severity.CRITICAL, 1, ''],
  ])('that finds %s', (__, finds, failOn, status, output) => {
    const [step] = scanSteps(make({ failOn }));
    const ran = run(step, { ...LOGIN, FINDS: finds }, commands);
    expect([ran.status, ran.output]).toEqual([status, output]);
    if (output !== '') {
      expect(ran.summary).toContain(`### ${REFERENCE}`);
      expect(fs.readdirSync(path.join(ran.cwd, '.scan-report')).sort()).toEqual([
        'report.json',
        'report.sarif',
        'report.txt',
      ]);
    }
  });

  test('reads only the configuration that the program names', () => {
    const bare = run(scanSteps(make())[0], LOGIN, commands);
    expect(bare.notes).not.toContain('.trivyignore');
    const named = run(scanSteps(make({ ignoreFile: '.trivyignore' }))[0], LOGIN, commands);
    expect(named.notes).toContain('.trivyignore');
    const missing = run(scanSteps(make({ ignoreFile: 'absent' }))[0], LOGIN, commands);
    expect([missing.status, missing.stderr.includes('there is no file absent')]).toEqual([1, true]);
  });

  test('keeps the reports whatever it finds, unless the runner has no Node.js', () => {
    const [, keep] = scanSteps(make());
    expect(keep.if).toBe("always() && (steps.scan.outputs.found != '')");
    expect(keep.with).toMatchObject({ path: '.scan-report/', 'include-hidden-files': 'true' });
    expect(scanSteps(make({ artifact: false })).length).toBe(1);
    const runsOn = { ...RunsOn.existing('runner'), capabilities: { nodeActions: false } } as unknown as RunsOn;
    const steps = make().steps({ reference: REFERENCE, registry: secured });
    expect(steps.bind({ id: 'build', repository: REPOSITORY, runsOn }).length).toBe(1);
  });

  test('says first what is missing', () => {
    expect(run(scanSteps(make())[0], LOGIN, {}).stderr).toContain('is not on PATH');
  });
});

test('Trivy is told of plain HTTP, mirrors, the cache and offline use, in flags that it has', () => {
  const scan = Scan.trivy({
    database: 'mirror.example.com/trivy-db:2',
    javaDatabase: 'mirror.example.com/trivy-java-db:1',
    cacheDir: '/cache/scan',
    offline: true,
    ignoreUnfixed: true,
    failOn: Severity.MEDIUM,
  });
  const ran = run(scanSteps(scan, plain)[0], { ...LOGIN, FINDS: 'HIGH' }, SCANNERS[0][2]);
  const calls = ran.notes
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(ran.status).toBe(1);
  expect(calls[0]).toMatchObject({
    command: 'image',
    rest: [REFERENCE],
    given: {
      insecure: true,
      'db-repository': 'mirror.example.com/trivy-db:2',
      'java-db-repository': 'mirror.example.com/trivy-java-db:1',
      'cache-dir': '/cache/scan',
      'skip-db-update': true,
      'offline-scan': true,
      'ignore-unfixed': true,
      'image-src': 'remote',
    },
  });
  expect(calls[3].given.severity).toBe('MEDIUM,HIGH,CRITICAL');
});

test('Grype is told of plain HTTP, the authority, mirrors, the cache and offline use', () => {
  const scan = Scan.grype({ database: 'https://mirror.example.com/v6', cacheDir: '/cache/scan', offline: true });
  const settings = run(scanSteps(scan, plain)[0], LOGIN, SCANNERS[1][2]).notes;
  expect(settings).toContain('GRYPE_REGISTRY_INSECURE_USE_HTTP=true');
  expect(settings).toContain('GRYPE_DB_UPDATE_URL=https://mirror.example.com/v6');
  expect(settings).toContain('GRYPE_DB_CACHE_DIR=/cache/scan');
  expect(settings).toContain('GRYPE_DB_AUTO_UPDATE=false');
  expect(run(scanSteps(Scan.grype(), own)[0], LOGIN, SCANNERS[1][2]).notes).toMatch(
    /GRYPE_REGISTRY_CA_CERT=\S+ca\.pem/,
  );
});

test('a report goes to code scanning where the forge has it', () => {
  const workflow = newWorkflow({ repository: Forge.github().repository('example/app'), triggers: [Trigger.push()] });
  const scan = Scan.trivy({ sarif: true });
  workflow.addJob('build', {
    runsOn: RunsOn.existing('ubuntu-latest'),
    steps: [scan.steps({ reference: REFERENCE, registry: secured })],
  });
  const steps = parse(textOf(workflow)).jobs.build.steps;
  expect(steps[2].uses).toBe(`github/codeql-action/upload-sarif@${PINS.actions.codeql.commit}`);
  expect(scan.needsSecurityEvents).toBe(true);
  expect(codesOf(() => scanSteps(scan))).toEqual(['FORGE-RECIPE-015']);
  accepts(() => scanSteps(Scan.trivy()));
});

describe('an SBOM', () => {
  /** Like the real ones: the format is before the file, or beside it. */
  const SYFT = `#!/bin/bash
printf '%s\\n' "$*" >>"$NOTES"
env | grep '^SYFT_' | sort >>"$NOTES"
for word in "$@"; do case $word in *json=*) printf '{}\\n' >"\${word#*=}" ;; esac; done
`;
  const sbomStep = (sbom: Sbom, registry = secured) => stepsOf(sbom.step({ reference: REFERENCE, registry }))[0];

  test.each([
    [SbomFormat.SPDX, 'spdx-json=sbom.spdx.json'],
    [SbomFormat.CYCLONEDX, 'cyclonedx-json=sbom.cdx.json'],
  ])('of Syft in the format %s is a file, and no configuration of the directory is read', (format, output) => {
    const ran = run(sbomStep(Sbom.syft({ format }), plain), LOGIN, { syft: SYFT });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(ran.notes).toMatch(
      new RegExp(`^scan --config \\S+/syft.yaml --quiet --output ${output} registry:${REFERENCE}\n`),
    );
    expect(ran.notes).toContain('SYFT_REGISTRY_INSECURE_USE_HTTP=true');
    expect(run(sbomStep(Sbom.syft(), own), LOGIN, { syft: SYFT }).notes).toMatch(/SYFT_REGISTRY_CA_CERT=\S+\/ca.pem/);
  });

  test.each([
    [SbomFormat.SPDX, 'spdx-json', 'sbom.spdx.json'],
    [SbomFormat.CYCLONEDX, 'cyclonedx', 'a/sbom.json'],
  ])('of Trivy in the format %s has flags that Trivy knows', (format, flag, file) => {
    const trivy = TRIVY.replace('/usr/bin/env node', process.execPath);
    const sbom = Sbom.trivy({ format, ...(file.startsWith('a/') ? { file } : {}) });
    const ran = run({ ...sbomStep(sbom, plain), run: `mkdir -p a\n${sbomStep(sbom, plain).run}` }, LOGIN, { trivy });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    const { given, rest } = JSON.parse(ran.notes) as { given: Record<string, string>; rest: string[] };
    expect([given.format, given.output, given.insecure, rest]).toEqual([flag, file, true, [REFERENCE]]);
  });

  test('that is not written fails the step, whatever file was there', () => {
    const step = sbomStep(Sbom.syft({ file: '.trivyignore' }));
    expect(run(step, LOGIN, { syft: '#!/bin/bash\n' }).stderr).toContain('syft wrote no .trivyignore');
    expect(run(step, LOGIN, {}).stderr).toContain('syft is not on PATH');
    expect(run(step, { ...LOGIN, REFERENCE: '--help' }, { syft: SYFT }).notes).toBe('');
  });

  test('is what Sign.attest attests', () => {
    const sbom = Sbom.syft();
    const [step] = stepsOf(
      sign().attest({ references: REFERENCE, registry: secured, predicate: sbom.file, predicateType: sbom.format }),
    );
    expect([step.env.PREDICATE, step.env.PREDICATE_TYPE]).toEqual(['sbom.spdx.json', 'spdxjson']);
  });
});

const SECRET = Expression.secret('X');
test.each<[string, string, () => unknown, () => unknown]>([
  [
    'FORGE-RECIPE-014',
    'an SBOM outside of the job',
    () => Sbom.syft({ file: '../sbom.json' }),
    () => Sbom.trivy({ file: 'out/sbom.json' }),
  ],
  [
    'FORGE-RECIPE-013',
    'a private key in plain text',
    () => Sign.cosign(Signer.key(PEM), { privateKey: 'x' }),
    () => Sign.cosign(Signer.key(PEM), { privateKey: SECRET }),
  ],
  [
    'FORGE-RECIPE-013',
    'a registry token in plain text',
    () => sign().step({ references: REFERENCE, registry: plain, token: 'x' }),
    () => sign().step({ references: REFERENCE, registry: plain, token: SECRET }),
  ],
  [
    'FORGE-RECIPE-014',
    'a signer without a key',
    () => Sign.cosign(Signer.keyless({ issuer: 'https://i', subject: 'a' })),
    () => sign(),
  ],
  [
    'FORGE-RECIPE-014',
    'a forge without identities',
    () => Sign.keyless(Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('a/b')),
    () => Sign.keyless(Forge.github().repository('a/b')),
  ],
  [
    'FORGE-RECIPE-014',
    'a tag',
    () => sign().step({ references: 'a/b:1', registry: plain }),
    () => sign().step({ references: REFERENCE, registry: plain }),
  ],
  [
    'FORGE-RECIPE-014',
    'a statement without a file',
    () => sign().attest({ references: REFERENCE, registry: plain, predicate: '', predicateType: 'x' }),
    () => sign().attest({ references: REFERENCE, registry: plain, predicate: 'a', predicateType: 'x' }),
  ],
  [
    'FORGE-RECIPE-015',
    'a file outside of the repository',
    () => Scan.trivy({ ignoreFile: '../x' }),
    () => Scan.trivy({ ignoreFile: '.x' }),
  ],
  [
    'FORGE-RECIPE-015',
    'an offline scan without a database',
    () => Scan.grype({ offline: true }),
    () => Scan.grype({ offline: true, cacheDir: '/c' }),
  ],
  [
    'FORGE-RECIPE-015',
    'a mirror that is a URL',
    () => Scan.trivy({ database: 'https://x' }),
    () => Scan.trivy({ database: 'x.example.com/db' }),
  ],
  [
    'FORGE-RECIPE-015',
    'a mirror that is none',
    () => Scan.grype({ database: 'x/db' } as ScanOptions),
    () => Scan.grype({ database: 'https://x' }),
  ],
])('fails with %s for %s, and accepts its neighbor', (code, _, wrong, right) => {
  expect(codesOf(wrong)).toEqual([code]);
  expect(right).not.toThrow();
});
