import { ForgeError, oneOf, Problem, quoted } from '../../support';
import { NEEDS_MEMBERS, STEP_MEMBERS } from './contexts';
import { JobView, Scope, Where } from './scope';
import { ContextUse } from './syntax';

/** Returns a problem with its position in the file. */
export function problemAt(scope: Scope, where: Where, problem: Problem): ForgeError {
  return ForgeError.of({ ...problem, message: `in ${where.key} of ${scope.label}: ${problem.message}` });
}

/**
 * A resolver of references to steps and jobs. References become ids of the file.
 *
 * @jsii ignore
 */
export class References {
  constructor(private readonly scope: Scope) {}

  step([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    const steps = this.scope.job?.steps ?? [];
    if (ref === undefined) {
      return [];
    }
    const index = steps.findIndex((step) => step.token === ref || isSame(step.id, ref));
    const name = ref.replace(/@\d+$/, '');
    if (index === -1) {
      throw this.foreignStep(ref, name, where);
    }
    const step = steps[index];
    if (where.stepsBefore !== undefined && index >= where.stepsBefore) {
      throw problemAt(this.scope, where, {
        code: 'FORGE-WF-015',
        message: `step ${quoted(step.name)} has no results yet: it comes ${index === where.stepsBefore ? 'no earlier than' : 'after'} this one`,
        fix: 'put it before the step that uses its output',
      });
    }
    if (where.unfinished?.has(step.token)) {
      throw problemAt(this.scope, where, {
        code: 'FORGE-WF-015',
        message: `step ${quoted(step.name)} has no results yet: it runs in the background`,
        fix: 'add Step.wait({ name, steps: [step] }) before the step that uses its output',
      });
    }
    const members = this.checkedMembers(
      [member, output],
      { known: STEP_MEMBERS, outputs: step.outputs, label: `step ${quoted(step.name)}`, code: 'FORGE-WF-015' },
      where,
    );
    this.scope.refers(step);
    return [step.id, ...members, ...use.path.slice(4)];
  }

  private foreignStep(ref: string, name: string, where: Where): ForgeError {
    const owner = this.scope.jobs.find((job) => job.steps.some((step) => step.token === ref));
    return problemAt(
      this.scope,
      where,
      owner
        ? {
            code: 'FORGE-WF-015',
            message: `step ${quoted(name)} belongs to job ${quoted(owner.id)}: another job does not see its outputs`,
            fix: `give job ${quoted(owner.id)} an output, outputs: { version: step.output('version') }, and use job.output('version') here`,
          }
        : {
            code: 'FORGE-WF-015',
            message: `step ${quoted(name)} is not in this job`,
            allowed:
              this.scope.job && this.scope.job.steps.length > 0
                ? this.scope.job.steps.map((step) => quoted(step.name)).join(', ')
                : 'nothing: there are no steps here',
            fix: 'add the step to the job, before the one that uses it',
          },
    );
  }

  needed([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    if (ref === undefined) {
      return [];
    }
    const job = this.job(ref, where);
    if (job === this.scope.job) {
      throw problemAt(this.scope, where, {
        code: 'FORGE-WF-016',
        message: `job ${quoted(job.id)} uses its own output`,
        fix: "use the output of its step: step.output('…')",
      });
    }
    const members = this.checkedMembers(
      [member, output],
      { known: NEEDS_MEMBERS, outputs: job.outputs, label: `job ${quoted(job.id)}`, code: 'FORGE-WF-016' },
      where,
    );
    this.scope.needs(job);
    return [job.id, ...members, ...use.path.slice(4)];
  }

  jobOutput([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    if (ref === undefined) {
      return [];
    }
    const job = this.job(ref, where);
    const members = this.checkedMembers(
      [member, output],
      { known: NEEDS_MEMBERS, outputs: job.outputs, label: `job ${quoted(job.id)}`, code: 'FORGE-WF-016' },
      where,
    );
    return [job.id, ...members, ...use.path.slice(4)];
  }

  private job(ref: string, where: Where): JobView {
    const job = this.scope.jobs.find(({ id, path }) => path === ref || isSame(id, ref));
    if (job) {
      return job;
    }
    throw problemAt(this.scope, where, {
      code: 'FORGE-WF-016',
      message: ref.includes('/') ? `job ${quoted(ref)} is of another workflow` : `there is no job ${quoted(ref)}`,
      allowed: this.scope.jobs.map(({ id }) => id).join(', '),
      fix: 'use a job of this workflow: keep what workflow.addJob returns',
      symptom: `depends on unknown job '${ref}'`,
    });
  }

  /** Returns the member and the output as they are declared. The forges compare names without case. */
  private checkedMembers(
    [member, output]: (string | undefined)[],
    { known, outputs, label, code }: { known: string[]; outputs: readonly string[]; label: string; code: string },
    where: Where,
  ): string[] {
    if (member === undefined) {
      return [];
    }
    const knownMember = known.find((name) => isSame(name, member));
    if (knownMember === undefined) {
      throw problemAt(this.scope, where, {
        code,
        message: `${label} has no \`${member}\``,
        allowed: known.join(', '),
        fix: 'use one of these',
      });
    }
    if (knownMember !== 'outputs' || output === undefined) {
      return [knownMember, ...(output === undefined ? [] : [output])];
    }
    const declared = outputs.find((name) => name === output) ?? outputs.find((name) => isSame(name, output));
    if (declared === undefined) {
      throw problemAt(this.scope, where, {
        code,
        message: `${label} has no output ${quoted(output)}`,
        allowed: outputs.length > 0 ? oneOf(outputs) : 'it declares none',
        fix: 'declare the output where it is made, or use one that is',
      });
    }
    return [knownMember, declared];
  }
}

/** Returns whether two names are one to a forge. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
