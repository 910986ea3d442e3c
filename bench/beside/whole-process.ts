import { spawnSync } from 'node:child_process';

/** The time of a process from its start to its end. */
export interface ProcessTime {
  readonly seconds: number;
  /** CPU time, of all threads. */
  readonly cpuSeconds: number;
}

/** Runs a command with its standard output in a file, and measures it with the `time` of bash. */
export function wholeProcess(command: readonly string[], output: string, cwd?: string): ProcessTime {
  const script = 'TIMEFORMAT="%3R %3U %3S"; out=$0; time "$@" > "$out"';
  const { status, stderr } = spawnSync('bash', ['-c', script, output, ...command], { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${command.join(' ')} failed:\n${stderr}`);
  }
  const [seconds, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { seconds, cpuSeconds: user + system };
}

/** The least of some runs: what else the machine does only ever makes a run slower. */
export function leastOf(runs: readonly ProcessTime[]): ProcessTime {
  return {
    seconds: Math.min(...runs.map((run) => run.seconds)),
    cpuSeconds: Math.min(...runs.map((run) => run.cpuSeconds)),
  };
}
