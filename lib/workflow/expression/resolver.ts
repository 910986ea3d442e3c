import { ForgeError, oneOf, Problem, Problems, quoted } from '../../support';
import { Availability, AVAILABILITY, MEMBERS, NEEDS_MEMBERS, Place, SPECIAL_FUNCTIONS, STEP_MEMBERS } from './contexts';
import { ContextUse, parseExpression, ParsedExpression } from './syntax';
import { parseTemplate } from './template';

/** A view of a step that references use. */
export interface StepView {
  /** Unique identifier of the step: `name@number`. */
  readonly token: string;
  readonly name: string;
  /** Id in the generated file. */
  readonly id: string;
  readonly outputs: readonly string[];
}

/** A view of a job that references use. */
export interface JobView {
  readonly id: string;
  /** Construct path of the job, which references contain. */
  readonly path: string;
  readonly outputs: readonly string[];
  readonly steps: readonly StepView[];
}

/** A scope that contains everything that expressions can refer to, for one job or for the workflow around its jobs. */
export interface Scope {
  /** Label for messages: `job "build"`. */
  readonly label: string;
  readonly inputs: readonly string[];
  readonly jobs: readonly JobView[];
  /** The job; undefined outside jobs. */
  readonly job?: JobView;
  /** Axes of the job's matrix. */
  readonly matrix?: readonly string[];
  /** Function that returns the problem with the name of a secret, if any. */
  readonly secretNameProblem: (name: string) => string | undefined;
  /** Callback for each job whose result or output is used. */
  readonly needs: (job: JobView) => void;
  /** Callback for each secret that is used. */
  readonly usesSecret: (name: string) => void;
  /** Callback for each step that is referred to. */
  readonly refers: (step: StepView) => void;
}

/** A position that a value has in the file. */
export interface Where {
  readonly place: Place;
  /** Human-readable position: `env.VERSION of step "Build"`. */
  readonly key: string;
  /** Number of earlier steps of the job; if undefined, all steps. */
  readonly stepsBefore?: number;
}

/** A value that is resolved for the file. */
export interface Resolved {
  readonly text: string;
  /** Reports whether the value contains a secret. */
  readonly secret: boolean;
}

/**
 * A resolver that turns values of the model into text of the file. The resolver checks each expression against its
 * position in the file, and replaces references with ids.
 *
 * @jsii ignore
 */
export class Resolver {
  constructor(
    private readonly scope: Scope,
    private readonly problems: Problems,
  ) {}

  /** Resolves a value that may contain expressions. */
  value(value: string, where: Where): Resolved {
    let resolved = { text: value, secret: false };
    this.problems.collect(() => {
      const parts = parseTemplate(value).map((part) =>
        typeof part === 'string' ? { text: part, secret: false } : this.braced(part, where),
      );
      resolved = { text: parts.map((part) => part.text).join(''), secret: parts.some((part) => part.secret) };
    });
    return resolved;
  }

  /** Resolves a value and returns only the text. */
  text(value: string, where: Where): string {
    return this.value(value, where).text;
  }

  /** Resolves an expression without braces. */
  expression(text: string, where: Where): string {
    let resolved = text;
    this.problems.collect(() => {
      resolved = this.rewritten(parseExpression(text), where);
    });
    return resolved;
  }

  private braced(expression: ParsedExpression, where: Where): Resolved {
    const secret = expression.uses.some(
      ({ path }) => path[0] === 'secrets' || (path[0] === 'github' && path[1] === 'token'),
    );
    return { text: `\${{ ${this.rewritten(expression, where)} }}`, secret };
  }

  private rewritten(expression: ParsedExpression, where: Where): string {
    const allowed: Availability = AVAILABILITY[where.place];
    const special = expression.functions.find(
      (name) => SPECIAL_FUNCTIONS.includes(name) && !allowed.functions?.includes(name),
    );
    if (expression.functions.includes('fromJSON') && expression.uses.some(({ path }) => path[0] === 'secrets')) {
      throw this.problem(where, {
        code: 'FORGE-WF-014',
        message: 'a part of a secret is taken out with fromJSON(): the log does not mask parts',
        fix: 'make each part a secret of its own',
      });
    }
    if (special) {
      throw this.unavailable(
        `${special}()`,
        where,
        [...(allowed.functions ?? [])].map((name) => `${name}()`),
      );
    }
    let text = '';
    let at = 0;
    for (const use of [...expression.uses].sort((a, b) => a.start - b.start)) {
      if (use.start < at) {
        this.checked(use, where);
        continue;
      }
      text += expression.text.slice(at, use.start);
      const path = this.checked(use, where);
      const root = /^\w+/.exec(expression.text.slice(use.start))![0];
      if (use.open) {
        text += path[0];
        at = use.start + root.length;
      } else {
        text +=
          path[0] +
          path
            .slice(1)
            .map((name) => (/^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `['${name.replace(/'/g, "''")}']`))
            .join('');
        at = use.end;
      }
    }
    return text + expression.text.slice(at);
  }

  /** Checks the use of a context and returns the path for the file. */
  private checked(use: ContextUse, where: Where): string[] {
    const [root, ...rest] = use.path;
    const isCallOutput = root === 'needs' && where.place === 'on.workflow_call.outputs.value';
    const context = isCallOutput ? 'jobs' : root;
    const allowed = AVAILABILITY[where.place].contexts;
    if (!allowed.includes(context)) {
      throw this.unavailable(`\`${root}\``, where, allowed);
    }
    switch (context) {
      case 'steps':
        return ['steps', ...this.step(rest, use, where)];
      case 'needs':
        return ['needs', ...this.needed(rest, use, where)];
      case 'jobs':
        return ['jobs', ...this.jobOutput(rest, use, where)];
      case 'matrix':
        this.member(rest, this.scope.matrix ?? [], { context, where, hint: 'declare it in the matrix of the job' });
        break;
      case 'inputs':
        this.member(rest, this.scope.inputs, {
          context,
          where,
          hint: 'declare it in the inputs of a trigger: Trigger.dispatch({ inputs: [input] })',
        });
        break;
      case 'secrets':
        this.secret(rest, use, where);
        break;
      default:
        if (MEMBERS[context]) {
          this.member(rest, MEMBERS[context], {
            context,
            where,
            hint: 'the name is misspelt, or new: then compute the value in a step',
          });
        }
    }
    return [context, ...rest];
  }

  private member(
    rest: string[],
    known: readonly string[],
    { context, where, hint }: { context: string; where: Where; hint: string },
  ): void {
    if (rest.length === 0 || known.some((name) => name.toLowerCase() === rest[0].toLowerCase())) {
      return;
    }
    throw this.problem(where, {
      code: 'FORGE-WF-013',
      message: `\`${context}.${rest[0]}\` does not exist`,
      allowed: known.length > 0 ? known.join(', ') : `nothing: there are no ${context} here`,
      fix: hint,
      symptom: 'the value is empty, and nothing says so',
    });
  }

  private step([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    const steps = this.scope.job?.steps ?? [];
    if (ref === undefined) {
      return [];
    }
    const index = steps.findIndex((step) => step.token === ref || step.id === ref);
    const name = ref.replace(/@\d+$/, '');
    if (index === -1) {
      throw this.foreignStep(ref, name, where);
    }
    const step = steps[index];
    if (where.stepsBefore !== undefined && index >= where.stepsBefore) {
      throw this.problem(where, {
        code: 'FORGE-WF-015',
        message: `step ${quoted(step.name)} has no results yet: it comes ${index === where.stepsBefore ? 'no earlier than' : 'after'} this one`,
        fix: 'put it before the step that uses its output',
      });
    }
    this.checkMembers(
      [member, output],
      { known: STEP_MEMBERS, outputs: step.outputs, label: `step ${quoted(step.name)}`, code: 'FORGE-WF-015' },
      where,
    );
    this.scope.refers(step);
    return [step.id, ...use.path.slice(2)];
  }

  private foreignStep(ref: string, name: string, where: Where): ForgeError {
    const owner = this.scope.jobs.find((job) => job.steps.some((step) => step.token === ref));
    return this.problem(
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

  private needed([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    if (ref === undefined) {
      return [];
    }
    const job = this.job(ref, where);
    if (job === this.scope.job) {
      throw this.problem(where, {
        code: 'FORGE-WF-016',
        message: `job ${quoted(job.id)} uses its own output`,
        fix: "use the output of its step: step.output('…')",
      });
    }
    this.checkMembers(
      [member, output],
      { known: NEEDS_MEMBERS, outputs: job.outputs, label: `job ${quoted(job.id)}`, code: 'FORGE-WF-016' },
      where,
    );
    this.scope.needs(job);
    return [job.id, ...use.path.slice(2)];
  }

  private jobOutput([ref, member, output]: string[], use: ContextUse, where: Where): string[] {
    if (ref === undefined) {
      return [];
    }
    const job = this.job(ref, where);
    this.checkMembers(
      [member, output],
      { known: NEEDS_MEMBERS, outputs: job.outputs, label: `job ${quoted(job.id)}`, code: 'FORGE-WF-016' },
      where,
    );
    return [job.id, ...use.path.slice(2)];
  }

  private job(ref: string, where: Where): JobView {
    const job = this.scope.jobs.find(({ id, path }) => path === ref || id === ref);
    if (job) {
      return job;
    }
    throw this.problem(where, {
      code: 'FORGE-WF-016',
      message: ref.includes('/') ? `job ${quoted(ref)} is of another workflow` : `there is no job ${quoted(ref)}`,
      allowed: this.scope.jobs.map(({ id }) => id).join(', '),
      fix: 'use a job of this workflow: keep what workflow.addJob returns',
      symptom: `depends on unknown job '${ref}'`,
    });
  }

  private checkMembers(
    [member, output]: (string | undefined)[],
    { known, outputs, label, code }: { known: string[]; outputs: readonly string[]; label: string; code: string },
    where: Where,
  ): void {
    if (member !== undefined && !known.includes(member)) {
      throw this.problem(where, {
        code,
        message: `${label} has no \`${member}\``,
        allowed: known.join(', '),
        fix: 'use one of these',
      });
    }
    if (member === 'outputs' && output !== undefined && !outputs.includes(output)) {
      throw this.problem(where, {
        code,
        message: `${label} has no output ${quoted(output)}`,
        allowed: outputs.length > 0 ? oneOf(outputs) : 'it declares none',
        fix: 'declare the output where it is made, or use one that is',
      });
    }
  }

  private secret([name]: string[], use: ContextUse, where: Where): void {
    if (use.open || name === undefined) {
      throw this.problem(where, {
        code: 'FORGE-WF-014',
        message: 'all secrets at once are used',
        fix: "name the one that is needed: Expression.secret('REGISTRY_TOKEN')",
      });
    }
    const why = this.scope.secretNameProblem(name);
    if (why) {
      throw this.problem(where, {
        code: 'FORGE-WF-001',
        message: `${quoted(name)} cannot name an Actions secret: ${why}`,
        fix: 'use a name such as REGISTRY_TOKEN',
      });
    }
    this.scope.usesSecret(name);
  }

  private unavailable(what: string, where: Where, allowed: readonly string[]): ForgeError {
    return this.problem(where, {
      code: 'FORGE-WF-012',
      message: `${what} is not known there`,
      allowed: allowed.length > 0 ? allowed.join(', ') : 'none',
      fix:
        where.place.endsWith('if') && what.includes('secrets')
          ? 'pass the secret by `env` to a step that sets an output, and ask for that output'
          : 'use a context that is known there, or pass the value on as an output',
      symptom: `Unrecognized named-value: '${what.replace(/`/g, '')}'`,
    });
  }

  private problem(where: Where, problem: Problem): ForgeError {
    return ForgeError.of({ ...problem, message: `in ${where.key} of ${this.scope.label}: ${problem.message}` });
  }
}
