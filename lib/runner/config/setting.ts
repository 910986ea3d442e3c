import { Duration, Size } from 'cdk8s';
import { byteCount, goDuration, RunnerConfig } from './config';

/** A value that a setting can have in the file. */
export type WireValue = string | number | boolean | string[] | Record<string, string>;

/** A setting of `config.yaml`. */
export interface Setting {
  /** The name of the setting in `RunnerConfig`. */
  readonly name: string;
  /** The key in the file of Gitea's runner; undefined if Gitea's runner does not have this setting. */
  readonly gitea?: string;
  /** The version of Gitea's runner that introduced it; undefined if every version has it. */
  readonly since?: string;
  /** The key in the file of Forgejo's runner; undefined if Forgejo's runner does not have this setting. */
  readonly forgejo?: string;
  /** The runner binary's default value, used if the setting is omitted. */
  readonly fallback?: WireValue;
  /** The function that returns the value the user sets. */
  readonly read: (config: RunnerConfig) => WireValue | undefined;
}

/** Returns a duration in Go's format; undefined if there is none. */
export const time = (value: Duration | undefined) => (value === undefined ? undefined : goDuration(value));
/** Returns a size in bytes; undefined if there is none. */
export const bytes = (value: Size | undefined) => (value === undefined ? undefined : byteCount(value));
/** Returns the key of a setting that both runner binaries name alike. */
export const both = (key: string) => ({ gitea: key, forgejo: key });
