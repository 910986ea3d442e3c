import * as fs from 'node:fs';
import * as path from 'node:path';
import { runBash } from '../../support/bash';
import { temporaryFolder } from '../../support/workspace';

const SCRIPT = fs.readFileSync('lib/runner/program/scripts/register.sh', 'utf8');

/** A runner that writes down how it was called and what it was told, then its state. `tokenFile` is what newer versions can read. */
const program = (tokenFile: boolean, state: string) => `#!/bin/bash
if [[ "$*" == "register --help" ]]; then echo "  --token string"; ${tokenFile ? 'echo "  --token-file string";' : ''} exit 0; fi
printf '%s\\n' "$@" >"$LOG.args"
while [[ $# -gt 0 ]]; do if [[ "$1" == --token-file ]]; then cat "$2" >"$LOG.token"; fi; shift; done
if [[ ! -t 0 ]]; then cat >"$LOG.stdin"; fi
printf '%s' '${state}' >"$RUNNER_STATE_FILE"
`;

/** The state as the program writes it. */
const stateOf = ({
  uuid = 'u1',
  token = 't1',
  address = 'http://gitea:3000',
  labels = ['a:host', 'b:docker://node:22'],
} = {}) =>
  JSON.stringify(
    { WARNING: 'Do not edit', id: 1, uuid, name: 'runner-0', token, address, labels, ephemeral: false },
    undefined,
    2,
  );

/** Runs the script in a folder that stands for the claim. */
function register(
  folder: string,
  {
    token = 'the-token\n',
    key = 'k1',
    tokenFile = true,
    state = stateOf(),
    ephemeral = '',
    labels = '"a:host","b:docker://node:22"',
  } = {},
) {
  const secret = path.join(folder, 'secret');
  fs.writeFileSync(secret, token);
  const log = path.join(folder, 'log');
  const run = runBash(SCRIPT, {
    commands: { 'gitea-runner': program(tokenFile, state) },
    env: {
      RUNNER_PROGRAM: 'gitea-runner',
      CONFIG_FILE: '/etc/config.yaml',
      RUNNER_STATE_FILE: path.join(folder, '.runner'),
      RUNNER_NAME: 'runner-0',
      LOG: log,
      GITEA_INSTANCE_URL: 'http://gitea:3000',
      REGISTRATION_TOKEN_FILE: secret,
      REGISTRATION_KEY: key,
      REGISTRATION_LABELS: labels,
      RUNNER_EPHEMERAL: ephemeral,
    },
  });
  const read = (what: string) => {
    try {
      return fs.readFileSync(`${log}.${what}`, 'utf8');
    } catch {
      return undefined;
    }
  };
  return { ...run, args: read('args'), token: read('token'), stdin: read('stdin') };
}

test('a new runner reads the token from a file, without the line feed at its end', () => {
  const { status, args, token } = register(temporaryFolder());
  expect(status).toBe(0);
  expect(token).toBe('the-token');
  expect(args).toMatch(
    /^register\n--config\n\/etc\/config\.yaml\n--instance\nhttp:\/\/gitea:3000\n--name\nrunner-0\n--no-interactive\n--token-file\n\/dev\/fd\/\d+\n$/,
  );
});

test('an old runner, which knows no such file, is answered when it asks', () => {
  const { status, args, stdin } = register(temporaryFolder(), { tokenFile: false, ephemeral: 'true' });
  expect(status).toBe(0);
  expect(stdin).toBe('the-token\nrunner-0\n');
  expect(args).toBe(
    'register\n--config\n/etc/config.yaml\n--instance\nhttp://gitea:3000\n--name\nrunner-0\n--ephemeral\n',
  );
});

test.each([true, false])('the token is never an argument, and never printed (token file: %p)', (tokenFile) => {
  const { args, stdout, stderr } = register(temporaryFolder(), { tokenFile });
  expect([args, stdout, stderr].join()).not.toContain('the-token');
});

test('what is registered stays so', () => {
  const folder = temporaryFolder();
  register(folder);
  fs.rmSync(path.join(folder, 'log.args'));
  const again = register(folder);
  expect([again.status, again.stdout, again.args]).toEqual([0, 'already registered\n', undefined]);
});

test('another key makes another runner', () => {
  const folder = temporaryFolder();
  register(folder);
  const second = stateOf({ uuid: 'u2' });
  const { args } = register(folder, { key: 'k2', state: second });
  expect(args).toBeDefined();
  expect(fs.readFileSync(path.join(folder, '.runner'), 'utf8')).toBe(second);
});

test('a registration that was cut short is made again', () => {
  const folder = temporaryFolder();
  register(folder);
  fs.rmSync(path.join(folder, '.runner.key'));
  fs.rmSync(path.join(folder, 'log.args'));
  expect(register(folder).args).toBeDefined();
});

test('identity and key are for the runner alone to read', () => {
  const folder = temporaryFolder();
  register(folder);
  expect(['.runner', '.runner.key'].map((file) => fs.statSync(path.join(folder, file)).mode & 0o077)).toEqual([0, 0]);
});

test('fails for an empty token, and for a runner that leaves no state', () => {
  expect(register(temporaryFolder(), { token: ' \n' })).toMatchObject({
    status: 1,
    stderr: "the registration token is empty: put it under the key 'token' of the Secret\n",
    args: undefined,
  });
  const folder = temporaryFolder();
  const empty = register(folder, { state: '' });
  expect(empty.status).toBe(1);
  expect(empty.stderr).toContain('did not write');
  expect(fs.existsSync(path.join(folder, '.runner.key'))).toBe(false);
});

test('fails when the runner does, and keeps no key', () => {
  const folder = temporaryFolder();
  const run = runBash(SCRIPT, {
    commands: { 'gitea-runner': '#!/bin/bash\n[[ "$*" == "register --help" ]] && exit 0\nexit 3\n' },
    env: {
      RUNNER_PROGRAM: 'gitea-runner',
      CONFIG_FILE: 'c',
      RUNNER_STATE_FILE: path.join(folder, '.runner'),
      RUNNER_NAME: 'n',
      GITEA_INSTANCE_URL: 'u',
      REGISTRATION_KEY: 'k',
      REGISTRATION_LABELS: '"a:host"',
      REGISTRATION_TOKEN_FILE: '/etc/hostname',
    },
  });
  expect(run.status).not.toBe(0);
  expect(fs.readdirSync(folder)).toEqual([]);
});

describe('what a job left in the place of the identity does not survive a restart', () => {
  const evil = { uuid: 'attacker', token: 'attacker', address: 'https://attacker.example' };
  const attacks: Record<string, (state: string) => void> = {
    'another address': (state) => fs.writeFileSync(state, stateOf({ address: evil.address })),
    'another token, of the same forge': (state) => fs.writeFileSync(state, stateOf({ token: evil.token })),
    'another runner, of the same forge': (state) => fs.writeFileSync(state, stateOf({ uuid: evil.uuid })),
    'other labels': (state) => fs.writeFileSync(state, stateOf({ labels: ['a:host', 'b:host'] })),
    'no labels': (state) => fs.writeFileSync(state, stateOf({ labels: [] })),
    'a second address, which the program takes': (state) =>
      fs.writeFileSync(state, stateOf().replace('"id"', `"Address": "${evil.address}", "id"`)),
    'a second list of labels': (state) =>
      fs.writeFileSync(state, stateOf().replace('"id"', '"labels": ["x:host"], "id"')),
    'an address inside the list of labels': (state) =>
      fs.writeFileSync(state, stateOf().replace('"a:host"', `"a:host", "address": "${evil.address}"`)),
    'more after the end': (state) => fs.appendFileSync(state, '{}'),
    'a byte that bash drops': (state) => fs.appendFileSync(state, '\0'),
    'an address with a space': (state) => fs.writeFileSync(state, stateOf({ address: 'http://gitea :3000' })),
    nothing: (state) => fs.writeFileSync(state, ''),
    'text that is no state': (state) => fs.writeFileSync(state, 'registered'),
    'a folder': (state) => {
      fs.rmSync(state);
      fs.mkdirSync(path.join(state, 'x'), { recursive: true });
    },
    'a link': (state) => {
      fs.renameSync(state, `${state}.moved`);
      fs.symlinkSync(`${state}.moved`, state);
    },
    'a link to nowhere': (state) => {
      fs.rmSync(state);
      fs.symlinkSync('/nowhere/at/all', state);
    },
    'a key of its own': (state) => {
      fs.writeFileSync(state, stateOf(evil));
      fs.writeFileSync(`${state}.key`, 'k1');
    },
    'a folder as key': (state) => {
      fs.rmSync(`${state}.key`);
      fs.mkdirSync(path.join(`${state}.key`, 'x'), { recursive: true });
    },
    'a folder as lock': (state) => {
      fs.writeFileSync(state, 'x');
      fs.mkdirSync(path.join(`${state}.lock`, 'x'), { recursive: true });
    },
  };

  test.each(Object.entries(attacks))('%s', (_what, attack) => {
    const folder = temporaryFolder();
    register(folder);
    const state = path.join(folder, '.runner');
    attack(state);
    fs.rmSync(path.join(folder, 'log.args'));
    const fresh = stateOf({ uuid: 'fresh' });
    const again = register(folder, { state: fresh });
    expect([again.status, again.args === undefined]).toEqual([0, false]);
    expect(fs.lstatSync(state).isFile()).toBe(true);
    expect(fs.readFileSync(state, 'utf8')).toBe(fresh);
    // And the start after that finds a state that is right.
    expect(register(folder).stdout).toBe('already registered\n');
  });

  test('but labels that the program wrote again are its own business', () => {
    const folder = temporaryFolder();
    register(folder);
    fs.writeFileSync(path.join(folder, '.runner'), stateOf({ labels: ['c:host'] }));
    expect(register(folder, { labels: '"c:host"' }).stdout).toBe('already registered\n');
  });

  test('another token in the Secret makes another runner', () => {
    const folder = temporaryFolder();
    register(folder);
    fs.rmSync(path.join(folder, 'log.args'));
    expect(register(folder, { token: 'rotated' }).args).toBeDefined();
  });
});
