import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../../support/workspace';

const SCRIPT = path.resolve('lib/runner/program/scripts/github-start.sh');

/**
 * Stands in for run.sh: as that one does when it traps signals itself, it starts the listener in a process group of its own, hands a
 * signal on as SIGINT, and ends with the listener. The listener counts as busy while a process named Runner.Worker runs.
 */
const RUN = `#!/bin/bash
set -m
echo "config $ACTIONS_RUNNER_INPUT_JITCONFIG" >>"$LOG"
trap 'echo signal >>"$LOG"; kill -INT -$PID' INT TERM
"$LISTENER" & PID=$!
wait $PID; wait $PID; code=$?
echo "ended $code" >>"$LOG"
exit $code
`;
const IDLE = '#!/bin/bash\ntrap \'exit 3\' INT\necho ready >>"$LOG"\nwhile :; do sleep 0.1; done\n';
const JOB =
  '#!/bin/bash\ntrap \'kill %1; exit 4\' INT\n"$WORKER" "$SECONDS_OF_WORK" &\necho ready >>"$LOG"\nwait %1\nexit 0\n';

async function start(
  listener: string,
  {
    shutdown = 20,
    work = 2,
    signal = true,
    config = 'ZW5jb2RlZA==',
  }: { shutdown?: number; work?: number; signal?: boolean; config?: string } = {},
) {
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text, { mode: 0o755 });
    return path.join(folder, name);
  };
  const worker = path.join(folder, 'Runner.Worker');
  fs.copyFileSync(fs.realpathSync('/bin/sleep'), worker);
  fs.chmodSync(worker, 0o755);
  const log = file('log', '');
  const jit = file('config', config);
  const program = file('run.sh', RUN);
  const child = spawn('bash', [SCRIPT], {
    env: {
      PATH: '/usr/bin:/bin',
      JIT_CONFIG_FILE: jit,
      SHUTDOWN_SECONDS: String(shutdown),
      RUNNER_PROGRAM: program,
      LISTENER: file('listener', listener),
      WORKER: worker,
      SECONDS_OF_WORK: String(work),
      LOG: log,
    },
  });
  const output: string[] = [];
  child.stdout.on('data', (data) => output.push(String(data)));
  child.stderr.on('data', (data) => output.push(String(data)));
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  if (signal) {
    while (!fs.readFileSync(log, 'utf8').includes('ready')) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    child.kill('SIGTERM');
  }
  const from = Date.now();
  const code = await ended;
  return {
    code,
    seconds: (Date.now() - from) / 1000,
    log: fs.readFileSync(log, 'utf8').split('\n').filter(Boolean),
    output: output.join(''),
    left: fs.existsSync(jit),
  };
}

test('the program gets its configuration in its environment, and the file is gone', async () => {
  const { code, log, left } = await start('#!/bin/bash\nexit 0\n', { signal: false });
  expect([code, left]).toEqual([0, false]);
  expect(log).toEqual(['config ZW5jb2RlZA==', 'ended 0']);
});

test('its exit code is the exit code of the pod: 7 is a version that GitHub takes no more', async () => {
  expect((await start('#!/bin/bash\nexit 7\n', { signal: false })).code).toBe(7);
});

test('told to stop without a job, it stops at once, and the program is told in a way that it hears', async () => {
  const { log, seconds, code } = await start(IDLE);
  expect(log).toEqual(['config ZW5jb2RlZA==', 'ready', 'signal', 'ended 3']);
  expect(code).toBe(3);
  expect(seconds).toBeLessThan(10);
});

test('told to stop during a job, it lets the job end', async () => {
  const { log, code, output, seconds } = await start(JOB, { work: 3 });
  expect(output).toContain('waiting up to 20 s for the job to end');
  expect(log).toEqual(['config ZW5jb2RlZA==', 'ready', 'ended 0']);
  expect(code).toBe(0);
  expect(seconds).toBeGreaterThan(1.5);
}, 30_000);

test('a job that takes longer than there is time is cancelled by the program, not killed', async () => {
  const { log, code } = await start(JOB, { work: 60, shutdown: 2 });
  expect(log).toEqual(['config ZW5jb2RlZA==', 'ready', 'signal', 'ended 4']);
  expect(code).toBe(4);
}, 30_000);

test('fails without a configuration, and says where to look', async () => {
  const { code, output } = await start(IDLE, { signal: false, config: '' });
  expect(code).toBe(1);
  expect(output).toContain('look at the log of container register');
});
