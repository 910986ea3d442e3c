import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { scriptText } from '../../lib/support';
import { temporaryFolder } from '../support/workspace';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const LISTENING = '   0: 00000000:04D2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n';
const CLIENT = '   1: 05002A0A:04D2 06002A0A:C001 01 00000000:00000000 00:00000000 00000000  1000        0 2\n';
const OUTGOING = '   2: 05002A0A:C002 07002A0A:04D2 01 00000000:00000000 00:00000000 00000000  1000        0 3\n';
const CLOSING = '   3: 05002A0A:04D2 06002A0A:C003 06 00000000:00000000 00:00000000 00000000  1000        0 4\n';

/** Runs the script as the kubelet does, with a clock that takes no time: each `sleep` is noted, and `tables` says what is there then. */
function drain(tables: string[], drainSeconds: number) {
  const folder = temporaryFolder();
  const table = path.join(folder, 'tcp');
  tables.forEach((text, i) => fs.writeFileSync(path.join(folder, `tcp.${i}`), HEADER + LISTENING + text));
  fs.copyFileSync(path.join(folder, 'tcp.0'), table);
  const sleep = `#!/bin/sh\nprintf '%s\\n' "$1" >> '${folder}/slept'\nn=$(wc -l < '${folder}/slept')\nif [ -f '${folder}/tcp.'"$n" ]; then cp '${folder}/tcp.'"$n" '${table}'; fi\n`;
  fs.writeFileSync(path.join(folder, 'sleep'), sleep, { mode: 0o755 });
  fs.writeFileSync(path.join(folder, 'drain.sh'), scriptText(path.join(__dirname, '../../lib/buildkit'), 'drain.sh'));
  const run = spawnSync('sh', [path.join(folder, 'drain.sh')], {
    env: {
      PATH: `${folder}:/usr/bin:/bin`,
      DRAIN_PORT: '1234',
      DRAIN_SECONDS: String(drainSeconds),
      TCP_TABLES: `${table} ${folder}/absent`,
    },
    encoding: 'utf8',
    timeout: 30_000,
  });
  const slept = fs.existsSync(path.join(folder, 'slept'))
    ? fs.readFileSync(path.join(folder, 'slept'), 'utf8').trim().split('\n').map(Number)
    : [];
  return { status: run.status, stderr: run.stderr, seconds: slept.reduce((sum, n) => sum + n, 0) };
}

test('an idle daemon stops after ten seconds', () => {
  expect(drain([''], 1200)).toEqual({ status: 0, stderr: '', seconds: 10 });
});

test('a build is waited for, and then ten seconds for what may follow it', () => {
  expect(drain([CLIENT, CLIENT, CLIENT, ''], 1200)).toEqual({ status: 0, stderr: '', seconds: 13 });
});

test('a build that comes while it is quiet starts the wait anew', () => {
  expect(drain(['', '', CLIENT, ''], 1200).seconds).toBe(13);
});

test('a build that never ends is not waited for longer than agreed', () => {
  expect(drain([CLIENT], 30)).toEqual({ status: 0, stderr: '', seconds: 30 });
});

test('only open connections of clients count', () => {
  expect(drain([OUTGOING + CLOSING], 1200).seconds).toBe(10);
});

test('where connections cannot be seen, the whole time is waited', () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'sleep'), `#!/bin/sh\nprintf '%s' "$1" > '${folder}/slept'\n`, { mode: 0o755 });
  const run = spawnSync('sh', ['-c', scriptText(path.join(__dirname, '../../lib/buildkit'), 'drain.sh')], {
    env: { PATH: `${folder}:/usr/bin:/bin`, DRAIN_PORT: '1234', DRAIN_SECONDS: '77', TCP_TABLES: '/absent' },
    encoding: 'utf8',
  });
  expect([run.status, fs.readFileSync(path.join(folder, 'slept'), 'utf8')]).toEqual([0, '77']);
});
