import * as fs from 'node:fs';
import * as path from 'node:path';
import { ForgeError, quoted } from '../support';

const PLAN = '.cdk8s-forge.json';

/** A check of the plan, with the commands of a machine. */
export interface PlannedCheck {
  readonly about: string;
  readonly title: string;
  readonly good: string;
  readonly run?: string[];
  readonly expect?: { readonly exitCode?: number; readonly stdoutMatches?: string };
  readonly symptom?: string;
  /** The token that the commands read from the file `$HEADER`. */
  readonly token?: { readonly page: string; readonly scope: string };
  /** The private CAs that the commands read from the file `$CA`. */
  readonly authorities?: { readonly name: string; readonly print?: string }[];
}

/** A symptom of the plan, as in the runbook. */
export interface PlannedSymptom {
  readonly seen: string;
  readonly cause: string;
  readonly fix: string;
  readonly diagnose?: string[];
}

/** A repository of the plan, with the files that belong into it. */
export interface PlannedRepository {
  readonly name: string;
  readonly url?: string;
  readonly files: string[];
}

/** The plan file of an output directory, as far as the commands read it. */
export interface PlanFile {
  readonly repositories: PlannedRepository[];
  readonly checks: PlannedCheck[];
  readonly symptoms: PlannedSymptom[];
}

/**
 * Returns the plan that the last synth wrote beside its output.
 *
 * @throws FORGE-CLI-005 if there is none, or a plan of another version
 * @jsii ignore
 */
export function readPlan(outdir: string): PlanFile {
  const file = path.join(outdir, PLAN);
  let plan: { version?: unknown } & Partial<PlanFile>;
  try {
    plan = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (e) {
    throw noPlan(`${quoted(file)} cannot be read: ${e instanceof Error ? e.message.split('\n')[0] : String(e)}`);
  }
  if (plan?.version !== 1 || !Array.isArray(plan.repositories) || !Array.isArray(plan.checks)) {
    throw noPlan(`${quoted(file)} is not a plan of version 1`);
  }
  return { repositories: plan.repositories, checks: plan.checks, symptoms: plan.symptoms ?? [] };
}

function noPlan(message: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-CLI-005',
    message,
    fix: 'run the command in the root of the repository, after npx cdk8s-forge synth, or set --output to the output directory',
  });
}
