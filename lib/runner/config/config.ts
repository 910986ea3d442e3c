import { Duration, Size } from 'cdk8s';
import { ContainerConfig, HealthCheckConfig, JobLogConfig, RunnerCacheConfig } from './sections';

/** The verbosity of the runner's own log. The output of jobs is not affected. */
export enum RunnerLogLevel {
  /** All messages, with source locations. */
  TRACE = 'trace',
  /** Debug logging, with source locations. */
  DEBUG = 'debug',
  /** Informational messages. */
  INFO = 'info',
  /** Warnings. */
  WARN = 'warn',
  /** Errors. */
  ERROR = 'error',
  /** Errors that stop the runner. */
  FATAL = 'fatal',
}

/** The mode of the tool cache, the directory into which `setup-*` actions unpack tools. */
export enum ToolCacheMode {
  /** An empty tool cache for each job. */
  NONE = 'none',
  /** A tool cache that all jobs share. A shared cache is faster, but a job can leave files in it for the next job. */
  SHARED = 'shared',
}

/**
 * Settings of the runner's `config.yaml`, except those that the library decides: labels, state file, Docker socket,
 * probes.
 *
 * Each setting lists the version of Gitea's runner that introduced it and whether Forgejo's runner has it. A setting
 * that the version in use does not support is an error, because the runner binary itself would only warn. The file
 * contains only values that differ from the runner binary's defaults.
 *
 * @see https://gitea.com/gitea/runner/src/branch/main/internal/pkg/config/config.example.yaml
 */
export interface RunnerConfig {
  /** The verbosity of the runner's own log. Gitea, Forgejo. @default RunnerLogLevel.INFO */
  readonly logLevel?: RunnerLogLevel;

  /** The verbosity of the log about jobs. Forgejo only. @default RunnerLogLevel.INFO */
  readonly jobLogLevel?: RunnerLogLevel;

  /** Copies of the jobs' logs that the runner keeps on its own disk. Gitea 3.3.0. @default - none are kept */
  readonly jobLogs?: JobLogConfig;

  /** The maximum number of jobs that run at the same time. Gitea, Forgejo. @default 1 */
  readonly capacity?: number;

  /**
   * The path of a file inside the runner's container with more environment variables, one `NAME=value` per line. A
   * missing file is ignored. Gitea, Forgejo.
   *
   * @default - none
   */
  readonly jobEnvFile?: string;

  /**
   * The time after which a job is stopped. The server stops jobs after its own `ENDLESS_TASK_TIMEOUT`, 3 hours by
   * default, regardless of this setting. Gitea, Forgejo.
   *
   * @default 3 hours
   */
  readonly timeout?: Duration;

  /**
   * The time that a stopping runner lets its jobs continue. The pod gets one minute more than this time. Gitea 0.2.11,
   * Forgejo.
   *
   * @default - 1 hour; the runner binary's own default of 0 cancels jobs immediately
   */
  readonly shutdownTimeout?: Duration;

  /**
   * Whether to skip the check of the forge's certificate, also for action sources. A private CA (`trust` of the forge)
   * is the better solution. Gitea, Forgejo.
   *
   * @default false
   */
  readonly insecure?: boolean;

  /**
   * The timeout of one request for a job; at most 60 seconds. If the answer of a slow server arrives later, the server
   * has assigned the job, and no runner has it: the job fails after 10 minutes without a log. Gitea, Forgejo.
   *
   * @default - 30 seconds; the runner binary's own default of 5 seconds loses jobs of a busy server
   */
  readonly fetchTimeout?: Duration;

  /** The interval between two requests for a job. Gitea, Forgejo. @default 2 seconds */
  readonly fetchInterval?: Duration;

  /**
   * The maximum interval between two requests for a job while the runner is idle. The interval increases up to this
   * value. Gitea 0.4.0.
   *
   * @default 5 seconds
   */
  readonly fetchIntervalMax?: Duration;

  /**
   * The age at which leftover working directories are deleted while the runner is idle. Gitea 1.0.0.
   *
   * @default 24 hours
   */
  readonly workdirCleanupAge?: Duration;

  /** The interval at which the idle runner looks for leftover working directories. Gitea 1.0.0. @default 10 minutes */
  readonly idleCleanupInterval?: Duration;

  /** The interval at which the log of a job is sent. Gitea 0.4.0. @default 5 seconds */
  readonly logReportInterval?: Duration;

  /**
   * The maximum time that a single log line waits; shorter than `logReportInterval`. Gitea 0.4.0.
   *
   * @default 3 seconds
   */
  readonly logReportMaxLatency?: Duration;

  /** The number of log lines after which the lines are sent immediately. Gitea 0.4.0. @default 100 */
  readonly logReportBatchSize?: number;

  /** The interval at which the state of a job is sent. Gitea 0.4.0. @default 5 seconds */
  readonly stateReportInterval?: Duration;

  /** The timeout of each attempt to send the final report of a job. Gitea 1.0.8. @default 10 seconds */
  readonly reportCloseTimeout?: Duration;

  /** The interval at which log and state are sent. Forgejo only. @default 1 second */
  readonly reportInterval?: Duration;

  /** The URL that replaces https://github.com for actions without a host. Gitea 0.2.13. @default - GitHub itself */
  readonly githubMirror?: string;

  /** Whether to fetch only the last commit of an action. Gitea 2.0.0. @default true */
  readonly actionShallowClone?: boolean;

  /** Whether to set `ACT=true` for jobs. Gitea 2.1.0. @default true */
  readonly setActEnv?: boolean;

  /** Whether to patch the well-known artifact actions so that they work with Gitea. Gitea 3.3.0. @default true */
  readonly patchActions?: boolean;

  /**
   * Whether to allocate a terminal for steps. Tools then write progress bars to the log. Gitea 1.0.4.
   *
   * @default false
   */
  readonly allocatePty?: boolean;

  /** The image for jobs that match no label. Gitea 3.3.0. @default 'docker.gitea.com/runner-images:ubuntu-latest' */
  readonly defaultImage?: string;

  /** The mode of the tool cache, which decides whether jobs share it. Gitea 3.2.0. @default ToolCacheMode.NONE */
  readonly toolCacheMode?: ToolCacheMode;

  /**
   * The path of an executable inside the runner's container that runs after the cleanup of each job. Gitea 2.0.0.
   *
   * @default - none
   */
  readonly postTaskScript?: string;

  /**
   * The maximum run time of `postTaskScript`. The runner accepts no jobs during this time. Gitea 2.0.0.
   *
   * @default 5 minutes
   */
  readonly postTaskScriptTimeout?: Duration;

  /** The path of an executable inside the runner's container that runs before each job. Gitea 3.0.0. @default - none */
  readonly jobStartedHook?: string;

  /** The path of an executable inside the runner's container that runs after each job. Gitea 3.0.0. @default - none */
  readonly jobCompletedHook?: string;

  /**
   * The server behind `actions/cache`.
   *
   * @default - on if jobs can reach the server, which is the case with a Docker executor; off with the host executor
   */
  readonly cache?: RunnerCacheConfig;

  /** The containers that jobs run in. @default - the runner binary's defaults */
  readonly container?: ContainerConfig;

  /**
   * The health check that decides when the runner stops accepting jobs. Gitea 2.2.0.
   *
   * @default - none: the runner never stops accepting jobs
   */
  readonly healthCheck?: HealthCheckConfig;

  /**
   * The time after its start in which the runner counts as ready before its first successful request. Gitea 2.2.0.
   *
   * @default 30 seconds
   */
  readonly readinessGrace?: Duration;
}

/**
 * Returns a duration in Go's format, without loss: `1h30m`, `500ms`.
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
 * Returns a size as a number of bytes. Only a number of bytes is unambiguous: no parser interprets it as powers of 1000
 * or of 1024.
 *
 * @jsii ignore
 */
export function byteCount(size: Size): number {
  return size.toKibibytes() * 1024;
}
