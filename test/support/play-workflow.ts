import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { evaluated } from '../workflow/official';
import { temporaryFolder } from './workspace';

interface StepFile {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly env?: Record<string, string>;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Record<string, string>;
  readonly shell?: string;
  readonly 'continue-on-error'?: boolean;
}

interface JobFile {
  readonly needs?: string[];
  readonly if?: string;
  readonly env?: Record<string, string>;
  readonly outputs?: Record<string, string>;
  readonly strategy?: { readonly matrix: Record<string, unknown> };
  readonly steps: StepFile[];
}

/** A step that ran, was skipped, or is an action, which is not played. */
export interface PlayedStep {
  readonly name: string;
  readonly outcome: string;
  readonly log: string;
  readonly outputs: Record<string, string>;
  readonly uses?: string;
  readonly with?: Record<string, string>;
}

export interface PlayedJob {
  readonly result: string;
  readonly outputs: Record<string, string>;
  readonly steps: PlayedStep[];
}

export interface PlayOptions {
  /** The context `github`; `event` is in it. */
  readonly github: Record<string, unknown>;
  readonly secrets?: Record<string, string>;
  readonly inputs?: Record<string, unknown>;
  /** Programs that stand in for real ones: their text by name. */
  readonly commands?: Record<string, string>;
  /** Variables of every step, as the runner has them. */
  readonly env?: Record<string, string>;
  /** Directory of each job, filled by the caller; an empty one by default. */
  readonly workspace?: string;
}

/** What a run did. */
export interface Played {
  readonly jobs: Record<string, PlayedJob>;
  readonly summary: string;
  /** Everything that was logged, with masked values left out as the forge does. */
  readonly log: string;
}

type Contexts = Record<string, unknown>;

const STATUS = /\b(always|success|failure|cancelled)\(\)/;

/**
 * Plays a workflow file as a runner does: jobs after the jobs that they need, conditions and expressions by GitHub's own
 * evaluator, each step in bash with an environment of its own, and the files of GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH,
 * GITHUB_STATE and GITHUB_STEP_SUMMARY. Steps that use an action are noted and not run.
 */
export async function playWorkflow(text: string, options: PlayOptions): Promise<Played> {
  const file = parse(text) as { env?: Record<string, string>; jobs: Record<string, JobFile> };
  const run = new Play(options, file.env ?? {});
  for (const id of inOrder(file.jobs)) {
    await run.job(id, file.jobs[id]);
  }
  return run.result;
}

function inOrder(jobs: Record<string, JobFile>): string[] {
  const done: string[] = [];
  const open = Object.keys(jobs);
  while (open.length > 0) {
    const next = open.findIndex((id) => (jobs[id].needs ?? []).every((need) => done.includes(need)));
    done.push(...open.splice(next, 1));
  }
  return done;
}

class Play {
  private readonly jobs: Record<string, PlayedJob> = {};
  private readonly masks: string[];
  private summary = '';
  private log = '';

  constructor(
    private readonly options: PlayOptions,
    private readonly env: Record<string, string>,
  ) {
    this.masks = Object.values(options.secrets ?? {}).filter((value) => value !== '');
  }

  get result(): Played {
    const log = this.masks.reduce((all, mask) => all.split(mask).join('***'), this.log);
    return { jobs: this.jobs, summary: this.summary, log };
  }

  async job(id: string, job: JobFile): Promise<void> {
    const needs = Object.fromEntries((job.needs ?? []).map((need) => [need, this.jobs[need]]));
    const results = Object.values(needs).map(({ result }) => result);
    const contexts = this.contexts({ needs: Object.fromEntries(Object.entries(needs).map(simple)) });
    const state = {
      failed: results.some((result) => result === 'failure'),
      good: results.every((r) => r === 'success'),
    };
    if (!holds(job.if, contexts, state)) {
      this.jobs[id] = { result: 'skipped', outputs: {}, steps: [] };
      return;
    }
    const legs = legsOf(job.strategy?.matrix);
    const played: PlayedJob[] = [];
    for (const matrix of legs) {
      played.push(await this.leg(job, { ...contexts, matrix }));
    }
    this.jobs[id] = {
      result: played.every(({ result }) => result === 'success') ? 'success' : 'failure',
      outputs: Object.assign({}, ...played.map(({ outputs }) => outputs)),
      steps: played.flatMap(({ steps }) => steps),
    };
  }

  private contexts(own: Contexts): Contexts {
    const { github, secrets = {}, inputs = {} } = this.options;
    return { github, secrets, inputs, vars: {}, env: {}, runner: { os: 'Linux' }, matrix: {}, strategy: {}, ...own };
  }

  private async leg(job: JobFile, contexts: Contexts): Promise<PlayedJob> {
    const place = { workspace: this.options.workspace ?? temporaryFolder(), home: temporaryFolder() };
    const steps: PlayedStep[] = [];
    const byId: Record<string, unknown> = {};
    const carried: Record<string, string> = {};
    const paths: string[] = [];
    let failed = false;
    for (const step of job.steps) {
      const all = { ...contexts, steps: byId, job: { status: failed ? 'failure' : 'success' } };
      if (!holds(step.if, all, { failed, good: !failed })) {
        steps.push({ name: step.name, outcome: 'skipped', log: '', outputs: {} });
        continue;
      }
      const fixed = { ...this.env, ...job.env };
      const played = await this.step(step, { all, fixed, carried, paths, ...place });
      steps.push(played);
      failed ||= played.outcome === 'failure' && step['continue-on-error'] !== true;
      if (step.id !== undefined) {
        const conclusion = step['continue-on-error'] ? 'success' : played.outcome;
        byId[step.id] = { outputs: played.outputs, outcome: played.outcome, conclusion };
      }
    }
    const last = { ...contexts, steps: byId, job: { status: failed ? 'failure' : 'success' } };
    const outputs = Object.entries(job.outputs ?? {}).map(([name, value]) => [name, filled(value, last)]);
    return { result: failed ? 'failure' : 'success', outputs: Object.fromEntries(outputs), steps };
  }

  private async step(
    step: StepFile,
    at: {
      all: Contexts;
      fixed: Record<string, string>;
      carried: Record<string, string>;
      paths: string[];
      workspace: string;
      home: string;
    },
  ): Promise<PlayedStep> {
    const name = filled(step.name, at.all);
    if (step.uses !== undefined) {
      const inputs = Object.entries(step.with ?? {}).map(([key, value]) => [key, filled(value, at.all)]);
      return { name, outcome: 'success', log: '', outputs: {}, uses: step.uses, with: Object.fromEntries(inputs) };
    }
    const files = commandFiles();
    const env = { ...at.fixed, ...at.carried, ...step.env };
    const own = Object.entries(env).map(([key, value]) => [key, filled(String(value), at.all)]);
    const ran = await runScript(step.run!, {
      cwd: at.workspace,
      commands: this.options.commands ?? {},
      paths: at.paths,
      env: {
        HOME: at.home,
        ...standard(this.options.github, at.workspace),
        ...files,
        ...this.options.env,
        ...Object.fromEntries(own),
      },
    });
    Object.assign(at.carried, pairsOf(files.GITHUB_ENV));
    at.paths.unshift(...linesOf(files.GITHUB_PATH));
    this.summary += fs.readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8');
    this.masks.push(...[...ran.log.matchAll(/^::add-mask::(.+)$/gm)].map(([, mask]) => mask));
    this.log += ran.log.replace(/^::add-mask::.*\n/gm, '');
    return {
      name,
      outcome: ran.status === 0 ? 'success' : 'failure',
      log: ran.log,
      outputs: pairsOf(files.GITHUB_OUTPUT),
    };
  }
}

const simple = ([name, { result, outputs }]: [string, PlayedJob]) => [name, { result, outputs }];

/** Returns the legs of a matrix: every combination of its axes, with what `include` adds to them. */
function legsOf(matrix: Record<string, unknown> = {}): Record<string, unknown>[] {
  const { include = [], ...axes } = matrix as Record<string, unknown[]>;
  let legs: Record<string, unknown>[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    legs = legs.flatMap((leg) => values.map((value) => ({ ...leg, [axis]: value })));
  }
  return legs.map((leg) =>
    Object.assign({}, leg, ...(include as object[]).filter((row) => fits(row as Record<string, unknown>, leg))),
  );
}

const fits = (row: Record<string, unknown>, leg: Record<string, unknown>): boolean =>
  Object.entries(row).every(([key, value]) => !(key in leg) || leg[key] === value);

function holds(condition: string | undefined, contexts: Contexts, state: { failed: boolean; good: boolean }): boolean {
  const text = String(condition ?? 'success()').replace(/^\$\{\{(.*)\}\}$/s, '$1');
  const value = evaluated(text, contexts, { success: state.good, failure: state.failed });
  const truth = value !== false && value !== '' && value !== '0' && value !== 0 && value !== null;
  return STATUS.test(text) ? truth : truth && state.good;
}

function filled(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression) => String(evaluated(expression.trim(), contexts) ?? ''));
}

function standard(github: Record<string, unknown>, workspace: string): Record<string, string> {
  const event = path.join(temporaryFolder(), 'event.json');
  fs.writeFileSync(event, JSON.stringify(github.event ?? {}));
  const text = (name: string): string => String(github[name] ?? '');
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_PATH: event,
    GITHUB_EVENT_NAME: text('event_name'),
    GITHUB_SHA: text('sha'),
    GITHUB_REF: text('ref'),
    GITHUB_REF_NAME: text('ref_name'),
    GITHUB_REPOSITORY: text('repository'),
    GITHUB_RUN_ID: text('run_id'),
    GITHUB_RUN_NUMBER: text('run_number'),
    GITHUB_RUN_ATTEMPT: text('run_attempt'),
    GITHUB_SERVER_URL: text('server_url'),
    RUNNER_TEMP: temporaryFolder(),
  };
}

const FILES = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const;

function commandFiles(): Record<(typeof FILES)[number], string> {
  const folder = temporaryFolder();
  const files = FILES.map((name) => [name, path.join(folder, name.toLowerCase())]);
  files.forEach(([, file]) => fs.writeFileSync(file, ''));
  return Object.fromEntries(files);
}

const linesOf = (file: string): string[] => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** Reads `name=value` and `name<<END` as the runner does. */
function pairsOf(file: string): Record<string, string> {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const pairs: Record<string, string> = {};
  for (let i = 0; i < lines.length; i++) {
    const [, name, kind, rest] = /^([^=<]+)(=|<<)(.*)$/.exec(lines[i]) ?? [];
    if (name === undefined) {
      continue;
    }
    if (kind === '=') {
      pairs[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest, i + 1);
    pairs[name] = lines.slice(i + 1, end).join('\n');
    i = end;
  }
  return pairs;
}

interface ScriptOptions {
  readonly cwd: string;
  readonly commands: Record<string, string>;
  readonly paths: string[];
  readonly env: Record<string, string>;
}

/** Runs a script as a runner does for `shell: bash`; the test goes on meanwhile, so that its servers can answer. */
export function runScript(script: string, { cwd, commands, paths, env }: ScriptOptions) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(commands)) {
    fs.writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
  const file = path.join(temporaryFolder(), 'script.sh');
  fs.writeFileSync(file, script);
  const child = spawn('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', file], {
    cwd,
    env: { PATH: [folder, ...paths, '/usr/local/bin:/usr/bin:/bin'].join(':'), ...env },
    timeout: 60_000,
  });
  let log = '';
  child.stdout.on('data', (data) => (log += data));
  child.stderr.on('data', (data) => (log += data));
  return new Promise<{ status: number | null; log: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, log })),
  );
}
