import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** Time of one measurement. Pipelines of a large platform may take longer. */
export const LIMIT_SECONDS = 60;
const LIMIT_LARGE_SECONDS = 300;

/** A figure that the benchmark prints. */
export interface Figure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  /** What the project wants of it; undefined for a figure that only explains another. */
  readonly goal?: { readonly atLeast?: number; readonly atMost?: number };
}

/** Adds a figure. */
export type Add = (name: string, value: number | null, unit: string, goal?: Figure['goal']) => void;

/** The figures of one process. */
export interface Measurement {
  readonly seconds: number;
  /** CPU time, which other processes of the machine disturb less. */
  readonly cpuSeconds: number;
  /** The part of it that builds the tree, before the synth. */
  readonly buildCpuSeconds: number;
  /** CPU time of another synth of the same app, with nothing changed. @default - a stock app */
  readonly againCpuSeconds?: number;
  /** Number of objects and workflow files that were written. */
  readonly documents: number;
  /** Size of all files of the output. */
  readonly bytes: number;
  readonly peakMebibytes: number;
}

/** The engine, the shape and the size of a platform; a folder that is kept, and whether one pipeline has changed. */
type Subject = readonly [engine: string, shape: string, count: number, kept?: string, changed?: 'changed'];

/** Measures a platform in some processes; undefined if one of them was stopped for taking too long. */
export type Measure = (engine: string, shape: string, count: number, runs?: number) => Measurement | undefined;

/** Returns measurements of the library as JavaScript, which is in a folder. */
export function measureIn(folder: string): Measure {
  return (engine, shape, count, runs = 3) => measure(folder, [engine, shape, count], runs);
}

/** Returns the CPU time of requiring modules, and of code after them, in seconds: the best of some processes. */
export function importTime(folder: string, modules: readonly string[], after = ''): number {
  const all = modules.map((name) => `require(${JSON.stringify(name)});`).join('');
  const code = `const s = process.cpuUsage(); ${all} ${after}; const u = process.cpuUsage(s); console.log(u.user + u.system);`;
  const times = [1, 2, 3, 4, 5].map(() => spawnSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' }));
  return Math.min(...times.map(({ stdout }) => Number(stdout))) / 1e6;
}

/** Returns the CPU time of a program after one change, whose output is there, against that of the first: the best of two runs. */
export function changeAgainstFirst(folder: string, count: number): number {
  const ratios = [1, 2].map(() => {
    const kept = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-bench-'));
    try {
      const [first, second] = [undefined, 'changed' as const].map((changed) =>
        measureOnce(folder, ['forge', 'pipelines', count, kept, changed])!,
      );
      return second.cpuSeconds / first.cpuSeconds;
    } finally {
      fs.rmSync(kept, { recursive: true, force: true });
    }
  });
  return Math.min(...ratios);
}

/** Runs one measurement in a process of its own; undefined if it was stopped for taking too long. */
function measureOnce(folder: string, [engine, shape, count, ...more]: Subject): Measurement | undefined {
  const limit = shape === 'pipelines' ? LIMIT_LARGE_SECONDS : LIMIT_SECONDS;
  const child = spawnSync(
    process.execPath,
    [
      path.join(folder, 'bench', 'child.js'),
      engine,
      shape,
      String(count),
      ...more.filter((word) => word !== undefined),
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: limit * 1000,
      killSignal: 'SIGKILL',
    },
  );
  if (child.error && (child.error as NodeJS.ErrnoException).code === 'ETIMEDOUT') {
    return undefined;
  }
  if (child.status !== 0) {
    throw new Error(`${engine} ${shape} ${count} failed:\n${child.stderr}`);
  }
  return JSON.parse(child.stdout) as Measurement;
}

/** The best of some runs: what else the machine does only ever makes a run slower. */
function measure(folder: string, subject: Subject, runs: number): Measurement | undefined {
  let best: Measurement | undefined;
  for (let run = 0; run < runs; run++) {
    const next = measureOnce(folder, subject);
    if (!next) {
      return undefined;
    }
    best =
      !best || next.cpuSeconds < best.cpuSeconds
        ? { ...next, ...least(best, next) }
        : { ...best, ...least(best, next) };
  }
  return best;
}

/** The smaller of what two runs measured for themselves. */
function least(best: Measurement | undefined, next: Measurement): Pick<Measurement, 'seconds' | 'peakMebibytes'> {
  return {
    seconds: Math.min(best?.seconds ?? Infinity, next.seconds),
    peakMebibytes: Math.min(best?.peakMebibytes ?? Infinity, next.peakMebibytes),
  };
}
