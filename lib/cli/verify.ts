import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { symptomTexts } from '../support';
import { CheckTokens } from './check-tokens';
import { PlanFile, PlannedCheck, PlannedSymptom, readPlan } from './plan';
import { Kubectl } from './run/kubectl';
import { killGroup } from './run/process';
import { clusterOf } from './secret/wanted';

/** The longest output that a failed check shows, in characters. */
const SHOWN = 800;

/** The pause before a check is repeated, in milliseconds. */
const PAUSE = 3000;

/**
 * The options of `cdk8s-forge verify`.
 *
 * @jsii ignore
 */
export interface VerifyRun {
  /** The output directory. */
  readonly outdir: string;
  /** The environment of the commands, without secrets. */
  readonly environment: NodeJS.ProcessEnv;
  /** The variables with the tokens for forges. @default - checks that need a token are skipped */
  readonly tokens?: NodeJS.ProcessEnv;
  /** A part of the subject or the title of the checks. @default - all checks */
  readonly only?: string;
  /** The cluster that is checked. @default - the only cluster of the plan */
  readonly cluster?: string;
  /** The context of kubectl and Flux. @default - the current context */
  readonly context?: string;
  /** The time that a check may take, in seconds. @default 90 */
  readonly timeout?: number;
  /** The time for which checks that fail are repeated, in seconds. @default - each check runs once */
  readonly wait?: number;
  /** The number of checks at a time. @default 4 */
  readonly parallel?: number;
}

/**
 * The result of a check.
 *
 * @jsii ignore
 */
export interface CheckResult {
  readonly about: string;
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** The expected result, in Markdown. */
  readonly good: string;
  /** The reason, if the check was skipped. */
  readonly reason?: string;
  /** The end of the output, if the check failed. */
  readonly output?: string;
  /** The symptoms of the runbook that the output shows. */
  readonly symptoms?: PlannedSymptom[];
}

interface Files {
  readonly folder: string;
  readonly tokens: CheckTokens;
}

/**
 * Runs the checks of the plan, and reports each result in the order of the plan.
 *
 * @throws FORGE-CLI-005 without a plan, FORGE-CLI-009 if the plan has several clusters and none is chosen
 * @jsii ignore
 */
export async function verify(run: VerifyRun, report: (result: CheckResult) => void): Promise<CheckResult[]> {
  const plan = readPlan(run.outdir);
  const checks = checksOf(plan, { ...run, cluster: clusterOf(plan, run.cluster) });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-verify-'));
  try {
    const files = { folder, tokens: new CheckTokens(plan, run.tokens ?? {}) };
    const environment = { ...run.environment, ...(await configuration(folder, run)) };
    const results: Promise<CheckResult>[] = [];
    const limit = slots(run.parallel ?? 4);
    const end = Date.now() + (run.wait ?? 0) * 1000;
    for (const check of checks) {
      results.push(
        limit(() => lastResultOf(check, { run: { ...run, environment }, files, symptoms: plan.symptoms, end })),
      );
    }
    const all: CheckResult[] = [];
    for (const result of results) {
      all.push(await result);
      report(all[all.length - 1]);
    }
    return all;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the checks of a plan whose subject or title contains a text, and that ask the cluster or none; without a cluster, of all. */
export function checksOf(
  { checks }: PlanFile,
  { only = '', cluster: chosen }: { readonly only?: string; readonly cluster?: string },
): PlannedCheck[] {
  return checks.filter(
    ({ about, title, cluster = chosen }) =>
      `${about}: ${title}`.toLowerCase().includes(only.toLowerCase()) && (chosen === undefined || cluster === chosen),
  );
}

/** Writes the configuration of one context to a file that only this user reads: the commands of the checks name no context. */
async function configuration(folder: string, { environment, context }: VerifyRun): Promise<{ KUBECONFIG?: string }> {
  if (context === undefined) {
    return {};
  }
  const text = await new Kubectl(environment, context).run(['config', 'view', '--minify', '--flatten', '--raw']);
  const file = path.join(folder, 'kubeconfig');
  fs.writeFileSync(file, text, { mode: 0o600 });
  return { KUBECONFIG: file };
}

/** Writes the header of requests to a file that only this user reads, so that the token is in no list of processes. */
function headerIn(folder: string, token: string | undefined): string | undefined {
  if (token === undefined) {
    return undefined;
  }
  const file = path.join(folder, `header-${createHash('sha256').update(token).digest('hex')}`);
  fs.writeFileSync(file, `Authorization: token ${token}\n`, { mode: 0o600 });
  return file;
}

/** Returns a function that runs at most a number of tasks at a time. */
function slots(count: number): <T>(task: () => Promise<T>) => Promise<T> {
  const lanes: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve());
  let next = 0;
  return (task) => {
    const lane = next++ % count;
    const result = lanes[lane].then(task);
    lanes[lane] = result.catch(() => {});
    return result;
  };
}

interface Work {
  readonly run: VerifyRun;
  readonly files: Files;
  readonly symptoms: readonly PlannedSymptom[];
  /** The time after which a check that failed is not repeated. */
  readonly end: number;
}

/** Repeats a check until it does not fail, or the time is over. */
async function lastResultOf(check: PlannedCheck, work: Work): Promise<CheckResult> {
  for (;;) {
    const result = await resultOf(check, work);
    const left = work.end - Date.now();
    if (result.state !== 'failed' || left <= 0) {
      return result;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE, left)));
  }
}

async function resultOf(check: PlannedCheck, { run, files, symptoms }: Work): Promise<CheckResult> {
  const { about, title, good, run: commands = [], expect } = check;
  const token = check.token && files.tokens.of(check.token.page);
  const base = { about, title, good };
  const reason = reasonToSkip(check, run, files);
  if (reason !== undefined || expect === undefined) {
    return { ...base, state: 'skipped', reason };
  }
  const script = [...authoritiesOf(check, run), ...commands].join('\n');
  const name = `${files.folder}/ca-${(check.authorities ?? []).map((authority) => authority.name).join('-')}`;
  const environment = { CA: name, ...run.environment, HEADER: headerIn(files.folder, token) ?? '/dev/null' };
  const { code, stdout, output } = await bash(script, environment, run.timeout);
  const matches = expect.stdoutMatches === undefined || new RegExp(expect.stdoutMatches).test(stdout);
  if (code === (expect.exitCode ?? 0) && matches) {
    return { ...base, state: 'passed' };
  }
  const known = symptoms.filter(({ seen }) => isSeen(seen, `${output} ${check.symptom ?? ''}`));
  return { ...base, state: 'failed', output: shown(output, token), symptoms: known };
}

/** Returns why a check cannot run here; undefined if it can. */
function reasonToSkip({ run: commands, token, authorities = [] }: PlannedCheck, run: VerifyRun, files: Files) {
  if (commands === undefined) {
    return 'no command shows it';
  }
  if (token !== undefined && files.tokens.of(token.page) === undefined) {
    return `${files.tokens.variableOf(token.page)} is not set: create a token with the scope ${token.scope} at ${token.page}`;
  }
  const unknown = authorities.filter(({ print }) => print === undefined).map(({ name }) => name);
  return run.environment.CA || unknown.length === 0
    ? undefined
    : `CA is not set: write the certificates of ${unknown.join(', ')} to a file, and set CA to its path`;
}

/** Returns the commands that write the private CAs of a check to the file `$CA`, if the user names no such file. */
function authoritiesOf({ authorities = [] }: PlannedCheck, { environment }: VerifyRun): string[] {
  return environment.CA || authorities.length === 0
    ? []
    : [`{ ${authorities.map(({ print }) => print).join('; ')}; } > "$CA.$$" && mv "$CA.$$" "$CA"`];
}

interface BashResult {
  readonly code: number | string;
  readonly stdout: string;
  readonly output: string;
}

function bash(script: string, environment: NodeJS.ProcessEnv, seconds = 90): Promise<BashResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `set -eo pipefail\n${script}`], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let [stdout, output, late] = ['', '', false];
    const timer = setTimeout(() => {
      late = true;
      killGroup(child);
    }, seconds * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => ([stdout, output] = [stdout + text, output + text]));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      output += late ? `no result after ${seconds} seconds` : '';
      resolve({ code: code ?? signal ?? 1, stdout, output });
    });
  });
}

/** Returns whether an output shows a symptom: one of its verbatim texts, in which `…` stands for anything. */
function isSeen(seen: string, output: string): boolean {
  return symptomTexts(seen).some((parts) => {
    let from = 0;
    return parts.every((part) => {
      const at = output.indexOf(part, from);
      from = at + part.length;
      return at >= 0;
    });
  });
}

function shown(output: string, token: string | undefined): string {
  const text = token === undefined ? output : output.replaceAll(token, '***');
  return text.trim().slice(-SHOWN);
}
