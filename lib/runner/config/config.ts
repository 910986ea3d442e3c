import { Duration, Size } from 'cdk8s';
import { ContainerConfig, HealthCheckConfig, JobLogConfig, RunnerCacheConfig } from './sections';

/** How much the runner writes into its own log. What jobs print is not affected. */
export enum RunnerLogLevel {
  /** Everything, with the place in the code. */
  TRACE = 'trace',
  /** Much, with the place in the code. */
  DEBUG = 'debug',
  /** What one wants to know. */
  INFO = 'info',
  /** What looks wrong. */
  WARN = 'warn',
  /** What went wrong. */
  ERROR = 'error',
  /** What made the runner stop. */
  FATAL = 'fatal',
}

/** Whether jobs find a tool cache, the folder into which `setup-*` actions unpack. */
export enum ToolCacheMode {
  /** Each job starts with an empty one. */
  NONE = 'none',
  /** Jobs share one: faster, and a job can leave something behind for the next. */
  SHARED = 'shared',
}

/**
 * What the runner's `config.yaml` can say, beyond what the library decides: labels, state file, Docker socket, probes.
 *
 * Each setting names the version of Gitea's runner that introduced it and whether Forgejo's runner has it; a setting that the
 * version in use does not know is an error, because the program itself would only warn. Only what differs from the program's own
 * default is written.
 *
 * @see https://gitea.com/gitea/runner/src/branch/main/internal/pkg/config/config.example.yaml
 */
export interface RunnerConfig {
  /** How much the runner logs. Gitea, Forgejo. @default RunnerLogLevel.INFO */
  readonly logLevel?: RunnerLogLevel;

  /** How much is logged about jobs. Forgejo only. @default RunnerLogLevel.INFO */
  readonly jobLogLevel?: RunnerLogLevel;

  /** Copies of the jobs' logs that the runner keeps on its own disk. Gitea 3.3.0. @default - none are kept */
  readonly jobLogs?: JobLogConfig;

  /** How many jobs run at the same time. Gitea, Forgejo. @default 1 */
  readonly capacity?: number;

  /** Environment variables that every job gets. Not for secrets: they are readable in Git and by every job. Gitea, Forgejo. @default - none */
  readonly jobEnv?: Record<string, string>;

  /** A file inside the runner's container with more of them, `NAME=value` a line; ignored if it is missing. Gitea, Forgejo. @default - none */
  readonly jobEnvFile?: string;

  /** After how long a job is stopped. The server stops jobs after its own `ENDLESS_TASK_TIMEOUT`, 3 hours by default, whatever stands here. Gitea, Forgejo. @default 3 hours */
  readonly timeout?: Duration;

  /** How long a runner that is told to stop lets its jobs run on. The pod gets a minute more than this. Gitea 0.2.11, Forgejo. @default - 1 hour; the program's own default of 0 cancels jobs at once */
  readonly shutdownTimeout?: Duration;

  /** Talk to the forge without checking its certificate; action sources too. A private CA (`trust` of the forge) is the better way. Gitea, Forgejo. @default false */
  readonly insecure?: boolean;

  /** How long one request for a job may take; at most 60 seconds. Gitea, Forgejo. @default 5 seconds */
  readonly fetchTimeout?: Duration;

  /** Time between two requests for a job. Gitea, Forgejo. @default 2 seconds */
  readonly fetchInterval?: Duration;

  /** The same while there is nothing to do: the time grows up to this. Gitea 0.4.0. @default 5 seconds */
  readonly fetchIntervalMax?: Duration;

  /** After which age left-over working directories are removed while idle. Gitea 1.0.0. @default 24 hours */
  readonly workdirCleanupAge?: Duration;

  /** How often the idle runner looks for them. Gitea 1.0.0. @default 10 minutes */
  readonly idleCleanupInterval?: Duration;

  /** How often the log of a job is sent. Gitea 0.4.0. @default 5 seconds */
  readonly logReportInterval?: Duration;

  /** How long a single line waits at most; shorter than `logReportInterval`. Gitea 0.4.0. @default 3 seconds */
  readonly logReportMaxLatency?: Duration;

  /** After how many lines they are sent at once. Gitea 0.4.0. @default 100 */
  readonly logReportBatchSize?: number;

  /** How often the state of a job is sent. Gitea 0.4.0. @default 5 seconds */
  readonly stateReportInterval?: Duration;

  /** How long each attempt to send the last of a job may take. Gitea 1.0.8. @default 10 seconds */
  readonly reportCloseTimeout?: Duration;

  /** How often log and state are sent. Forgejo only. @default 1 second */
  readonly reportInterval?: Duration;

  /** What takes the place of https://github.com when an action is named without a host. Gitea 0.2.13. @default - GitHub itself */
  readonly githubMirror?: string;

  /** Fetch only the last commit of an action. Gitea 2.0.0. @default true */
  readonly actionShallowClone?: boolean;

  /** Set `ACT=true` for jobs. Gitea 2.1.0. @default true */
  readonly setActEnv?: boolean;

  /** Change the well-known artifact actions so that they work with Gitea. Gitea 3.3.0. @default true */
  readonly patchActions?: boolean;

  /** Give steps a terminal. Tools then draw progress bars into the log. Gitea 1.0.4. @default false */
  readonly allocatePty?: boolean;

  /** The image for jobs that match no label. Gitea 3.3.0. @default 'docker.gitea.com/runner-images:ubuntu-latest' */
  readonly defaultImage?: string;

  /** Whether jobs share a tool cache. Gitea 3.2.0. @default ToolCacheMode.NONE */
  readonly toolCacheMode?: ToolCacheMode;

  /** An executable inside the runner's container that runs after each job is cleaned up. Gitea 2.0.0. @default - none */
  readonly postTaskScript?: string;

  /** How long it may take; no job is taken meanwhile. Gitea 2.0.0. @default 5 minutes */
  readonly postTaskScriptTimeout?: Duration;

  /** An executable inside the runner's container that runs before each job. Gitea 3.0.0. @default - none */
  readonly jobStartedHook?: string;

  /** An executable inside the runner's container that runs after each job. Gitea 3.0.0. @default - none */
  readonly jobCompletedHook?: string;

  /** The server behind `actions/cache`. @default - on if jobs can reach it: with a Docker executor; off with the host executor */
  readonly cache?: RunnerCacheConfig;

  /** The containers that jobs run in. @default - the program's defaults */
  readonly container?: ContainerConfig;

  /** When the runner stops taking jobs by itself. Gitea 2.2.0. @default - never */
  readonly healthCheck?: HealthCheckConfig;

  /** How long after its start the runner counts as ready before its first request succeeds. Gitea 2.2.0. @default 30 seconds */
  readonly readinessGrace?: Duration;
}

/**
 * A duration as Go reads it, without loss: `1h30m`, `500ms`.
 *
 * @jsii ignore
 */
export function goDuration(duration: Duration): string {
  let rest = duration.toMilliseconds();
  const parts: string[] = [];
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) {
      parts.push(`${count}${unit}`);
    }
  }
  return parts.join('') || '0s';
}

/**
 * A size as a number of bytes: the one form that no parser takes for powers of 1000 or of 1024.
 *
 * @jsii ignore
 */
export function byteCount(size: Size): number {
  return size.toKibibytes() * 1024;
}
