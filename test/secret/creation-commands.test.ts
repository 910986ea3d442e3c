import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { secretCommands, SecretHome, SecretRequirement } from '../../lib/secret';
import { temporaryFolder } from '../support/workspace';

const need = (props: Partial<SecretRequirement>): SecretRequirement => ({
  purpose: 'a test',
  type: 'Opaque',
  keys: ['token'],
  namespace: 'apps',
  secretName: 'one',
  ...props,
});

const commands = (needed: SecretRequirement[], known: string[] = []) =>
  secretCommands(needed, known).map(({ command }) => command.text);

/** What kubectl got: its arguments, what stood on standard input, and the files of a folder that it was given. */
function ran(command: string, input: string): { args: string; stdin: string; files: Record<string, string> } {
  const folder = temporaryFolder();
  fs.writeFileSync(
    path.join(folder, 'kubectl'),
    `#!/bin/sh
printf '%s ' "$@" > "$OUT/args"
for last; do :; done
case "$last" in
  */dev/stdin) cat > "$OUT/stdin" ;;
  *) mkdir "$OUT/files"; cp "$last"/* "$OUT/files" ;;
esac
`,
    { mode: 0o755 },
  );
  const { status } = spawnSync('bash', ['-c', command], {
    input,
    env: { ...process.env, OUT: folder, PATH: `${folder}:${process.env.PATH}` },
  });
  expect(status).toBe(0);
  const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  const files = path.join(folder, 'files');
  const names = fs.existsSync(files) ? fs.readdirSync(files) : [];
  return {
    args: read(path.join(folder, 'args')),
    stdin: read(path.join(folder, 'stdin')),
    files: Object.fromEntries(names.map((name) => [name, read(path.join(files, name))])),
  };
}

test('a docker config has an entry for each host, and its values are in no argument', () => {
  const [command] = commands([
    need({
      type: 'kubernetes.io/dockerconfigjson',
      keys: ['.dockerconfigjson'],
      registryHosts: ['git.example.com', 'docker.io'],
    }),
  ]);
  const { args, stdin } = ran(command, 'ann\nhub word\nbob\npa\'$s "x\n');
  const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
  expect(JSON.parse(stdin)).toEqual({
    auths: {
      'https://index.docker.io/v1/': auth('ann:hub word'),
      'git.example.com': auth('bob:pa\'$s "x'),
    },
  });
  expect(args).toContain('create secret generic one --type kubernetes.io/dockerconfigjson');
  expect(args).not.toContain('word');
});

test('several keys are asked for one after the other', () => {
  const [command] = commands([need({ keys: ['username'] }), need({ keys: ['username', 'password'] })]);
  const { args, files } = ran(command, 'ann\np$w `x`\n');
  expect(files).toEqual({ username: 'ann', password: 'p$w `x`' });
  expect(args).toMatch(/^--namespace apps create secret generic one --from-file/);
});

test('keys of several lines come from files', () => {
  expect(commands([need({ keys: ['identity', 'known_hosts'] })])).toEqual([
    'kubectl --namespace apps create secret generic one --from-file identity=./identity --from-file known_hosts=./known_hosts',
  ]);
});

test('one key of several lines is enough for files', () => {
  expect(commands([need({ keys: ['token', 'identity'] })])).toEqual([
    'kubectl --namespace apps create secret generic one --from-file token=./token --from-file identity=./identity',
  ]);
});

test('only Secrets that are created by hand have a command, once', () => {
  expect(commands([need({ origin: 'ExternalSecret from store vault' })])).toEqual([]);
  expect(commands([need({ home: SecretHome.ACTIONS })])).toEqual([]);
  expect(commands([need({})], ['x | kubectl --namespace apps create secret generic one --from-file …'])).toEqual([]);
  expect(commands([need({}), need({ secretName: 'two' }), need({})])).toHaveLength(2);
  expect(secretCommands([], [])).toEqual([]);
});

test('each command has a heading that names its Secret, and the files that it reads', () => {
  const identity = need({ keys: ['identity'], namespace: 'flux-system' });
  const pull = need({ keys: ['.dockerconfigjson'], secretName: 'pull', registryHosts: ['git.example.com'] });
  expect(secretCommands([identity, pull, need({})], []).map(({ place, words }) => [place, words])).toEqual([
    ['apps/one', 'Secret `apps/one`:'],
    ['apps/pull', 'Secret `apps/pull`:'],
    [
      'flux-system/one',
      'Secret `flux-system/one`, from files of the current directory that have the names of its keys:',
    ],
  ]);
});

test('a Secret has the type and the hosts that any of its users needs', () => {
  const pull = { type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'] };
  const hosts = (...registryHosts: string[]) => need({ ...pull, registryHosts });
  const [command] = commands([need({ keys: [] }), hosts('b.example.com'), hosts('a.example.com', 'b.example.com')]);
  expect(command).toContain('for HOST in a.example.com b.example.com; do');
  expect(command).toContain('--type kubernetes.io/dockerconfigjson');
  expect(commands([need({ keys: [] })])).toEqual([]);
});
