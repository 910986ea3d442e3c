import { Problems, ownOf, quoted } from '../../support';
import { alwaysText } from '../check/call-types';
import { DialectCheck } from '../check/dialect';
import { UntrustedText } from '../check/untrusted';
import { Origin } from '../expression/origin';
import { Place } from '../expression/contexts';
import { Job } from '../job';
import { Matrix } from '../matrix';
import { JobBase } from '../job-base';
import { minutes } from '../minutes';
import { InputNames } from './inputs';
import { checkedPermissions, renderedConcurrency } from './settings';
import { checkComputed, typedInput } from './values';
import { renderedContainer, renderedSteps, resolvedMap } from './steps';
import { Resolver } from '../expression/resolver';
import { renderedSnapshot } from './snapshot';
import { JobView } from '../expression/scope';
import { WorkflowCall } from '../reusable-workflow';

/** A context that contains the information needed to render a job. */
export interface JobContext extends InputNames {
  readonly views: JobView[];
  readonly check: DialectCheck;
  readonly problems: Problems;
  /** Origins of the workflow's environment variables, by name in lower case. */
  readonly origins: Map<string, Origin>;
  /** Reports whether the workflow's environment contains a secret. */
  readonly secretAround: boolean;
  /** Trigger that combines untrusted input with the repository's secrets. */
  readonly privileged?: string;
  /** Callback for each secret that is used. */
  readonly usesSecret: (name: string) => void;
}

/** A rendered job, with the jobs that it waits for. */
export interface RenderedJob {
  readonly id: string;
  readonly needs: string[];
  readonly content: Record<string, unknown>;
}

/**
 * Returns a job in the form written to the file. Only listed properties are written: a new property must be added here.
 *
 * @jsii ignore
 */
export function renderedJob(job: JobBase, context: JobContext): RenderedJob {
  const renderer = new JobRenderer(job, context);
  const own = job instanceof Job ? renderer.steps(job) : renderer.call(job as WorkflowCall);
  return renderer.whole(own);
}

class JobRenderer {
  private readonly problems: Problems;
  private readonly needs = new Set<string>();
  private readonly referred = new Set<string>();
  private readonly resolver: Resolver;
  private readonly view: JobView;
  private readonly label: string;
  private readonly untrusted: UntrustedText;
  private readonly origins: Map<string, Origin>;

  constructor(
    private readonly job: JobBase,
    private readonly context: JobContext,
  ) {
    this.problems = new Problems(job.node.path);
    this.label = `job ${quoted(job.id)}`;
    this.untrusted = new UntrustedText(job, this.problems);
    this.origins = new Map(context.origins);
    this.view = context.views.find((view) => view.path === job.node.path)!;
    this.resolver = new Resolver(
      {
        label: this.label,
        inputs: context.inputs,
        booleanInputs: context.booleanInputs,
        jobs: context.views,
        job: this.view,
        freeInputs: context.freeInputs,
        origins: this.origins,
        matrix: job._base.matrix?.names,
        freeMatrix: job._base.matrix?._freeNames,
        withoutCase: context.check.dialect.withoutCase,
        secretNameProblem: (name) => context.check.dialect.secretNameProblem(name),
        needs: (other) => this.needs.add(other.id),
        refers: (step) => this.referred.add(step.token),
        usesSecret: context.usesSecret,
      },
      this.problems,
    );
  }

  whole(own: { head: Record<string, unknown>; body: Record<string, unknown> }): RenderedJob {
    const { check } = this.context;
    const base = this.job._base;
    const common = {
      permissions: check.checked(
        'jobs.permissions',
        base.permissions && checkedPermissions(base.permissions, { check, problems: this.problems, owner: this.label }),
        this.label,
      ),
      concurrency: check.checked(
        'jobs.concurrency',
        base.concurrency &&
          renderedConcurrency(base.concurrency, { resolver: this.resolver, check }, 'jobs.concurrency'),
        this.label,
      ),
      strategy: base.matrix && this.strategy(base.matrix),
    };
    const early = check.dialect.facts.needsInNames === false;
    const name = base.name && this.text(base.name, early ? 'jobs.name.early' : 'jobs.name', 'name');
    const condition = base.if && this.resolver.expression(base.if._text, { place: 'jobs.if', key: '`if`' });
    const overrides = this.job._overrides.resolved((text) => this.setting(text, 'steps.env', 'an override'));
    const needs = this.allNeeds(base.needs ?? []);
    this.problems.all.forEach((problem) => this.context.problems.add(problem));
    return {
      id: this.job.id,
      needs,
      content: {
        name,
        needs: needs.length > 0 ? needs : undefined,
        if: condition,
        ...own.head,
        ...common,
        ...own.body,
        ...overrides,
      },
    };
  }

  steps(job: Job): { head: Record<string, unknown>; body: Record<string, unknown> } {
    const { env, outputs, workingDirectory } = job._props;
    const check = this.checkOf(job);
    this.assertSteps(job);
    let secretAround = this.context.secretAround;
    const jobEnv = resolvedMap(env, (value, name) => {
      const resolved = this.resolver.value(value, { place: 'jobs.env', key: `env.${name}` });
      secretAround ||= resolved.secret;
      this.origins.set(name.toLowerCase(), resolved.origin);
      this.untrusted.variable(name, resolved.origin, this.label);
      return resolved.text;
    });
    const steps = renderedSteps({
      owner: job,
      steps: job._stepList,
      views: this.view.steps,
      resolver: this.resolver,
      check,
      problems: this.problems,
      referred: this.referred,
      secretAround,
      privileged: this.context.privileged,
      limit: check.lowers('jobs.timeout-minutes') ? job._props.timeout : undefined,
    });
    const renderedOutputs = resolvedMap(outputs, (value, name) => this.text(value, 'jobs.outputs', `outputs.${name}`));
    // Outputs of the job refer to steps too: the steps then need their ids.
    const referred = job._stepList.map((step) => this.referred.has(step._token));
    steps.forEach((step, i) => Object.assign(step, referred[i] && { id: this.view.steps[i].id }));
    return {
      head: { 'runs-on': this.runsOn(job) },
      body: {
        ...this.around(job),
        env: jobEnv,
        defaults: workingDirectory && {
          run: { 'working-directory': this.setting(workingDirectory, 'jobs.defaults.run', 'working-directory') },
        },
        outputs: renderedOutputs,
        steps,
      },
    };
  }

  private assertSteps(job: Job): void {
    if (job._stepList.length === 0) {
      this.problems.add({
        code: 'FORGE-WF-038',
        message: `${this.label} has no steps`,
        fix: 'add one: job.addStep(Step.run({ … }))',
      });
    }
  }

  private runsOn(job: Job): unknown {
    const { runsOn, runnerGroup } = job._props;
    const labels = runsOn.jobLabels.map((label) => this.setting(label, 'jobs.runs-on', 'runs-on'));
    const group = this.context.check.checked('jobs.runs-on.group', runnerGroup, this.label);
    return group ? { group, labels } : oneOrList(labels);
  }

  call(call: WorkflowCall): { head: Record<string, unknown>; body: Record<string, unknown> } {
    const { workflow, with: inputs, secrets, runsOn } = call._props;
    const { dialect } = this.context.check;
    const hasValues = Object.keys(inputs ?? {}).length + Object.keys(secrets ?? {}).length > 0;
    if (dialect.facts.callsNeedRunner && hasValues && !runsOn) {
      this.problems.add({
        code: 'FORGE-WF-034',
        message: `${this.label} calls a workflow with inputs or secrets, which ${dialect.name} takes only from a call that runs on a runner`,
        fix: 'give it runsOn: a runner',
        symptom: 'the inputs are empty: workflow expansion does not support `with` and `secrets`',
      });
    }
    return {
      head: {
        'runs-on': runsOn && oneOrList(runsOn.jobLabels.map((label) => this.setting(label, 'jobs.runs-on', 'runs-on'))),
      },
      body: {
        uses: workflow._contract.uses,
        with: resolvedMap(inputs, (value, name) => {
          const resolved = this.resolver.value(value, {
            place: dialect.facts.secretsInCalls ? 'jobs.with.secrets' : 'jobs.with',
            key: `with.${name}`,
          });
          if (!workflow._contract.isLocal) {
            this.untrusted.callInput(name, resolved.origin, this.label);
          }
          const type = ownOf(workflow._contract.types, name);
          const words = dialect.facts.typedCalls ? alwaysText(value, this.context.declaredInputs) : undefined;
          return typedInput({ name, type, text: resolved.text, label: this.label, refused: words }, this.problems);
        }),
        secrets: resolvedMap(secrets, (value, name) => this.text(value, 'jobs.secrets', `secrets.${name}`)),
      },
    };
  }

  /** Returns the check for the forge and the runner of a job. */
  private checkOf(job: Job): DialectCheck {
    return this.context.check.forRunner(job._props.runsOn.capabilities.runnerVersion);
  }

  private around(job: Job): Record<string, unknown> {
    const { container, services = {}, timeout, continueOnError, continueOnErrorIf, environment } = job._props;
    const check = this.checkOf(job);
    const around = { untrusted: this.untrusted, check, problems: this.problems };
    const beside = Object.entries(services).map(([name, service]) => [
      name,
      renderedContainer(service, this.resolver, { place: 'jobs.services', key: `services.${name}`, ...around }),
    ]);
    const goesOn = continueOnErrorIf
      ? `\${{ ${this.resolver.expression(continueOnErrorIf._text, { place: 'jobs.runs-on', key: 'continue-on-error' })} }}`
      : continueOnError || undefined;
    return {
      environment: check.checked(
        'jobs.environment',
        environment && {
          name: this.text(environment.name, 'jobs.environment', 'environment'),
          url: environment.url && this.text(environment.url, 'jobs.environment.url', 'environment.url'),
          deployment: environment.deployment === false ? false : undefined,
        },
        this.label,
      ),
      snapshot: renderedSnapshot(job._props.snapshot, { ...around, label: this.label, resolver: this.resolver }),
      container:
        container &&
        renderedContainer(container, this.resolver, {
          place: 'jobs.container',
          key: 'container',
          ...around,
        }),
      services: beside.length > 0 ? Object.fromEntries(beside) : undefined,
      'timeout-minutes': check.lowers('jobs.timeout-minutes')
        ? undefined
        : check.checked('jobs.timeout-minutes', timeout && minutes(timeout, this.label), this.label),
      'continue-on-error': check.checked('jobs.continue-on-error', goesOn, this.label),
    };
  }

  private strategy(values: Matrix): Record<string, unknown> {
    const strategy = values._render();
    checkComputed(values, this.context.check.dialect, { label: this.label, problems: this.problems });
    const matrix = strategy.matrix as Record<string, unknown>;
    const resolve = (value: unknown): unknown => {
      if (typeof value === 'string') {
        return this.text(value, 'jobs.strategy', 'matrix');
      }
      if (Array.isArray(value)) {
        return value.map(resolve);
      }
      return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, resolve(inner)]));
    };
    return { ...strategy, matrix: resolve(matrix) };
  }

  private allNeeds(explicit: JobBase[]): string[] {
    for (const job of explicit) {
      const known = this.context.views.find((view) => view.path === job.node.path);
      if (known) {
        this.needs.add(known.id);
      } else {
        this.problems.add({
          code: 'FORGE-WF-016',
          message: `${this.label} needs ${quoted(job.node.path)}, a job of another workflow`,
          fix: 'a job waits for jobs of its own workflow; to follow another workflow, use Trigger.workflowRun',
        });
      }
    }
    return this.context.views.map((view) => view.id).filter((id) => this.needs.has(id));
  }

  /** Resolves a value that decides what runs, or how. */
  private setting(value: string, place: Place, key: string): string {
    const resolved = this.resolver.value(value, { place, key });
    this.untrusted.setting(`${key} of ${this.label}`, resolved.origin);
    return resolved.text;
  }

  private text(value: string, place: Place, key: string): string {
    return this.resolver.text(value, { place, key });
  }
}

function oneOrList(labels: string[]): string | string[] {
  return labels.length === 1 ? labels[0] : labels;
}
