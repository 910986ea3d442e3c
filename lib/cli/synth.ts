import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { constants } from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ForgeError, quoted } from '../support';

/** The file that names the program, as for the cdk8s CLI. */
const CONFIG = 'cdk8s.yaml';

/**
 * The options of `cdk8s-forge synth`.
 *
 * @jsii ignore
 */
export interface SynthRun {
  /** The directory that contains `cdk8s.yaml`. */
  readonly directory: string;
  /** The environment of the program. */
  readonly environment: NodeJS.ProcessEnv;
  /** The program to run instead of the `app` of `cdk8s.yaml`. */
  readonly app?: string;
  /** The output directory to write instead of the `output` of `cdk8s.yaml`. */
  readonly output?: string;
}

/**
 * Runs the program of `cdk8s.yaml`. The program itself updates the output directory, so that the directory is complete
 * at any time, also if the program fails.
 *
 * @returns the exit code of the program
 * @throws FORGE-CLI-001 for a missing or unreadable `cdk8s.yaml`, FORGE-CLI-002 for a `cdk8s.yaml` without a program
 * @jsii ignore
 */
export function synth({ directory, environment, app, output }: SynthRun): number {
  const config = readConfig(directory, app !== undefined);
  const command = app ?? config.app;
  if (typeof command !== 'string' || command.trim() === '') {
    throw ForgeError.of({
      code: 'FORGE-CLI-002',
      message: `${CONFIG} names no program`,
      fix: `set app in ${CONFIG}, for example app: node --import tsx main.ts`,
    });
  }
  const outdir = [output, environment.CDK8S_OUTPUT, config.output, environment.CDK8S_OUTDIR].find(
    (value) => typeof value === 'string' && value !== '',
  ) as string | undefined;
  const env = { ...environment };
  delete env.CDK8S_OUTDIR;
  const { status, signal, error } = spawnSync(command, {
    cwd: directory,
    env: outdir === undefined ? env : { ...env, CDK8S_OUTDIR: outdir },
    shell: true,
    stdio: 'inherit',
  });
  if (error) {
    throw ForgeError.of({
      code: 'FORGE-CLI-002',
      message: `the program of ${CONFIG} cannot be started: ${error.message}`,
      fix: `set app in ${CONFIG} to a command of the shell`,
    });
  }
  return status ?? 128 + (signal ? constants.signals[signal] : 0);
}

function readConfig(directory: string, isOptional: boolean): { app?: unknown; output?: unknown } {
  const file = path.join(directory, CONFIG);
  if (isOptional && !fs.existsSync(file)) {
    return {};
  }
  try {
    const config: unknown = parse(fs.readFileSync(file, 'utf8'));
    return typeof config === 'object' && config !== null ? config : {};
  } catch (e) {
    const reason = e instanceof Error ? e.message.split('\n')[0] : String(e);
    throw ForgeError.of({
      code: 'FORGE-CLI-001',
      message: `${quoted(CONFIG)} cannot be read: ${reason}`,
      fix: `run the command in the directory that contains ${CONFIG}, and correct the file`,
    });
  }
}
