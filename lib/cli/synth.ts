import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ForgeError, quoted } from '../support';
import { typeProblems } from './types';

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
  /**
   * Whether to check the types of the program.
   *
   * @default true
   */
  readonly types?: boolean;
  /**
   * Whether to show the files that would change, and write nothing.
   *
   * @default false
   */
  readonly dryRun?: boolean;
}

/**
 * Runs the program of `cdk8s.yaml`. The program itself updates the output directory, so that the directory is complete
 * at any time, also if the program fails.
 *
 * The types of the program are checked beside the program, not before it, so that a synth does not take longer. Wrong
 * types end in an error, but the program has then written its output.
 *
 * @returns the exit code of the program
 * @throws FORGE-CLI-004 for wrong types, FORGE-CLI-001 for a missing or unreadable `cdk8s.yaml`, FORGE-CLI-002 for a `cdk8s.yaml` without a program
 * @jsii ignore
 */
export async function synth({ directory, environment, app, output, types, dryRun }: SynthRun): Promise<number> {
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
  // A variable of the shell must not keep a synth from writing.
  delete env.FORGE_DRY_RUN;
  delete env.FORGE_DRY_RUN_FILE;
  if (dryRun) {
    env.FORGE_DRY_RUN = '1';
  }
  const whole = outdir === undefined ? env : { ...env, CDK8S_OUTDIR: outdir };
  const isJson = dryRun === true && environment.FORGE_REPORT === 'json';
  const [status, problems] = await Promise.all([
    isJson ? runForJson(command, directory, whole) : run(command, { cwd: directory, env: whole, stdout: 1 }),
    types === false ? [] : typeProblems(directory, command),
  ]);
  if (problems.length > 0) {
    throw new ForgeError(problems);
  }
  return status;
}

/**
 * Runs the program, and prints the changed files that the app notes as JSON. What the program itself prints goes to stderr,
 * so that stdout is JSON only.
 */
async function runForJson(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-'));
  const file = path.join(folder, 'changes.json');
  try {
    const status = await run(command, { cwd, env: { ...env, FORGE_DRY_RUN_FILE: file }, stdout: 2 });
    process.stdout.write(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
    return status;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the program with its output on stdout or stderr, and returns its exit code. */
function run(
  command: string,
  { cwd, env, stdout }: { cwd: string; env: NodeJS.ProcessEnv; stdout: 1 | 2 },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const program = spawn(command, { cwd, env, shell: true, stdio: ['inherit', stdout, 'inherit'] });
    program.on('error', (error) =>
      reject(
        ForgeError.of({
          code: 'FORGE-CLI-002',
          message: `the program of ${CONFIG} cannot be started: ${error.message}`,
          fix: `set app in ${CONFIG} to a command of the shell`,
        }),
      ),
    );
    program.on('close', (status, signal) => resolve(status ?? 128 + (signal ? os.constants.signals[signal] : 0)));
  });
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
