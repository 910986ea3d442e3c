import { IStepSource, Step } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { REPOSITORY } from '../workflow/render';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../support/workspace';

/** A step that ran. */
export interface StepRun {
  readonly name: string;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RoundsOptions {
  readonly env: Record<string, string>;
  readonly commands?: Record<string, string>;
  readonly home?: string;
  readonly workspace?: string;
  /** Scripts that stand in for those of steps, by the step's name. */
  readonly scripts?: Record<string, string>;
}

/**
 * Runs steps one after the other in one workspace, as a runner does: outputs of earlier steps reach the environment of
 * later ones, a condition on an output decides whether a step runs, and a failed step ends the job.
 */
export function runSteps(
  source: IStepSource,
  { env, commands, home, workspace, scripts = {} }: RoundsOptions,
): StepRun[] {
  const cwd = workspace ?? temporaryFolder();
  const outputs = new Map<string, string>();
  const runs: StepRun[] = [];
  for (const step of source.bind({ id: 'synth', repository: REPOSITORY })) {
    if (!holds(step, outputs)) {
      continue;
    }
    const output = path.join(temporaryFolder(), 'output');
    fs.writeFileSync(output, '');
    const own = Object.entries(step._content.env ?? {}).map(([name, value]) => [
      name,
      env[name] ?? filled(value, outputs),
    ]);
    const run = runBash(scripts[step.name] ?? step._content.script!, {
      cwd,
      commands,
      env: { GITHUB_OUTPUT: output, ...(home && { HOME: home }), ...Object.fromEntries(own) },
    });
    runs.push({ name: step.name, ...run });
    for (const line of fs.readFileSync(output, 'utf8').split('\n').filter(Boolean)) {
      const [name, value] = line.split('=');
      outputs.set(`${step._token}.${name}`, value);
    }
    if (run.status !== 0) {
      break;
    }
  }
  return runs;
}

function filled(value: string, outputs: Map<string, string>): string {
  return value.replace(
    /\$\{\{ steps\['([^']+)'\]\.outputs\.(\w+) \}\}/g,
    (_, token, name) => outputs.get(`${token}.${name}`) ?? '',
  );
}

function holds(step: Step, outputs: Map<string, string>): boolean {
  const condition = step._content.if?._text;
  if (condition === undefined) {
    return true;
  }
  const parts = /^steps\['([^']+)'\]\.outputs\.(\w+) == '(\w+)'$/.exec(condition);
  if (!parts) {
    throw new Error(`a condition that this runner does not know: ${condition}`);
  }
  return outputs.get(`${parts[1]}.${parts[2]}`) === parts[3];
}
