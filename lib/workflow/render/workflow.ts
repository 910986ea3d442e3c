import { IConstruct } from 'constructs';
import { Problems, quoted } from '../../support';
import { UntrustedText } from '../check/untrusted';
import { Origin } from '../expression/origin';
import { checkCron } from '../trigger/cron';
import { DialectCheck } from '../check/dialect';
import { checkGraph } from '../check/graph';
import { checkJobGroups } from '../check/job-groups';
import { Concurrency, JobBase } from '../job-base';
import { Overrides } from '../overrides';
import { Permissions } from '../permissions';
import { InputNames, inputNames } from './inputs';
import { renderedJob } from './job';
import { checkedPermissions, renderedConcurrency } from './settings';
import { resolvedMap } from './steps';
import { Resolver } from '../expression/resolver';
import { JobView } from '../expression/scope';
import { Trigger } from '../trigger/trigger';

/** A set of parts that form a workflow. */
export interface WorkflowContent {
  readonly owner: IConstruct;
  readonly check: DialectCheck;
  readonly problems: Problems;
  readonly name: string;
  readonly runName?: string;
  readonly triggers: Trigger[];
  /** The file is in a directory for workflows of other repositories. */
  readonly isScoped: boolean;
  readonly permissions: Permissions;
  readonly concurrency?: Concurrency;
  readonly env?: Record<string, string>;
  readonly outputs: Record<string, string>;
  readonly jobs: JobBase[];
  readonly overrides: Overrides;
  /** Callback for each secret that is used. */
  readonly usesSecret: (name: string) => void;
}

/**
 * Returns a workflow in the form written to the file, and records every problem in the workflow.
 *
 * @jsii ignore
 */
export function renderedWorkflow(content: WorkflowContent): Record<string, unknown> {
  const { check, problems, jobs, triggers } = content;
  const views = jobs.map((job) => job._view);
  const names = inputNames(triggers);
  const resolver = workflowResolver(content, names, views);
  const origins = new Map<string, Origin>();
  const untrusted = new UntrustedText(content.owner, problems);
  let secretAround = false;
  const env = resolvedMap(content.env, (value, name) => {
    const resolved = resolver.value(value, { place: 'env', key: `env.${name}` });
    secretAround ||= resolved.secret;
    origins.set(name.toLowerCase(), resolved.origin);
    untrusted.variable(name, resolved.origin, 'the workflow');
    return resolved.text;
  });
  const privileged = triggers.find((trigger) => trigger._acknowledgement !== undefined)?.eventName;
  const rendered = jobs.map((job) =>
    renderedJob(job, {
      ...names,
      views,
      origins,
      check,
      problems,
      secretAround,
      privileged,
      usesSecret: content.usesSecret,
    }),
  );
  checkGraph(rendered, problems);
  checkCount(content);
  const roots = jobs.filter((_, i) => rendered[i].needs.length === 0);
  checkJobGroups(roots, check.dialect, problems);
  const { runName, permissions, concurrency } = checkedSettings(content, resolver);
  return {
    name: content.name,
    'run-name': runName,
    on: renderedTriggers(content, resolver),
    permissions,
    concurrency,
    env,
    ...content.overrides.resolved((text) => resolver.text(text, { place: 'env', key: 'an override' })),
    jobs: Object.fromEntries(rendered.map((job) => [job.id, job.content])),
  };
}

/** Returns the settings that not every forge reads. */
function checkedSettings(
  content: WorkflowContent,
  resolver: Resolver,
): { runName: unknown; permissions: unknown; concurrency: unknown } {
  const { check, problems } = content;
  return {
    runName: check.checked(
      'run-name',
      content.runName && resolver.text(content.runName, { place: 'run-name', key: 'run-name' }),
      'the workflow',
    ),
    permissions: check.checked(
      'permissions',
      checkedPermissions(content.permissions, { check, problems, owner: 'the workflow' }),
      'the workflow',
    ),
    concurrency: check.checked(
      'concurrency',
      content.concurrency && renderedConcurrency(content.concurrency, { resolver, check }, 'concurrency'),
      'the workflow',
    ),
  };
}

function workflowResolver(
  { check, problems, usesSecret }: WorkflowContent,
  { inputs, booleanInputs }: InputNames,
  views: JobView[],
): Resolver {
  return new Resolver(
    {
      label: 'the workflow',
      inputs,
      booleanInputs,
      jobs: views,
      withoutCase: check.dialect.withoutCase,
      secretNameProblem: (name) => check.dialect.secretNameProblem(name),
      needs: () => undefined,
      refers: () => undefined,
      usesSecret,
    },
    problems,
  );
}

function checkCount({ jobs, check, problems }: WorkflowContent): void {
  const { jobLimit } = check.dialect.facts;
  const count = jobs.reduce((sum, job) => sum + (job._base.matrix?._jobs ?? 1), 0);
  if (jobLimit === undefined || count <= jobLimit) {
    return;
  }
  problems.add({
    code: 'FORGE-WF-048',
    message: `a run has ${count} jobs, each combination of a matrix counted`,
    allowed: `${jobLimit} on ${check.dialect.name}`,
    fix: 'split the workflow, or make the matrix smaller',
  });
}

function renderedTriggers(content: WorkflowContent, resolver: Resolver): Record<string, unknown> {
  const { triggers, outputs, check, problems } = content;
  if (triggers.length === 0) {
    problems.add({
      code: 'FORGE-WF-024',
      message: 'nothing starts the workflow',
      fix: "give it a trigger: triggers: [Trigger.push({ branches: ['main'] })]",
    });
  }
  const callOutputs = Object.entries(outputs).map(([name, value]) => [
    name,
    { value: resolver.text(value, { place: 'on.workflow_call.outputs.value', key: `output ${name}` }) },
  ]);
  if (callOutputs.length > 0 && !triggers.some((trigger) => trigger.eventName === 'workflow_call')) {
    problems.add({
      code: 'FORGE-WF-039',
      message: 'the workflow has outputs, but no workflow can call it',
      fix: 'add Trigger.call() to its triggers, or leave the outputs out',
    });
  }
  return Object.fromEntries(
    triggers.map((trigger) => {
      checkTrigger(trigger, check, problems);
      checkScope(trigger, content);
      const value = trigger._render(check.dialect.ignores('on.schedule.timezone') === undefined);
      const whole =
        trigger.eventName === 'workflow_call' && callOutputs.length > 0
          ? { ...(value as object), outputs: Object.fromEntries(callOutputs) }
          : value;
      checkCall(trigger, whole, content);
      return [trigger.eventName, check.checked(`on.${trigger.eventName}`, whole, 'the triggers')];
    }),
  );
}

/**
 * Reports a `workflow_call` trigger that an older Gitea cannot read. An older Gitea accepts a map only below
 * `workflow_dispatch`. Otherwise, Gitea ignores the whole file, including its other triggers.
 */
function checkCall(trigger: Trigger, value: unknown, { triggers, check, problems }: WorkflowContent): void {
  const since = check.dialect.ignores('on.workflow_call.map')?.since;
  if (trigger.eventName !== 'workflow_call' || value === null || triggers.length === 1 || !since) {
    return;
  }
  problems.add({
    code: 'FORGE-WF-034',
    message: `${check.dialect.name} passes over a workflow that is called with inputs, secrets or outputs and has another trigger beside`,
    fix: `make a workflow for each trigger that calls this one, or upgrade the forge to ${since}`,
    symptom: 'ignore invalid workflow: map should only for workflow_dispatch',
  });
}

/** Reports an event that does not start a workflow for other repositories. */
function checkScope(trigger: Trigger, { isScoped, check, problems }: WorkflowContent): void {
  if (isScoped && check.dialect.unscopedEvents.includes(trigger.eventName)) {
    problems.add({
      code: 'FORGE-WF-034',
      message: `\`${trigger.eventName}\` does not start a workflow for other repositories on ${check.dialect.name}`,
      allowed: `events of the repositories: all but ${check.dialect.unscopedEvents.join(', ')}`,
      fix: 'use another trigger, or remove `directory`, so that the workflow runs in its own repository',
      symptom: 'the workflow never runs',
    });
  }
}

function checkTrigger(trigger: Trigger, check: DialectCheck, problems: Problems): void {
  const { dialect } = check;
  if (!trigger._isCustom && !dialect.startsOn(trigger.eventName)) {
    problems.add({
      code: 'FORGE-WF-034',
      message: `nothing on ${dialect.name} starts a workflow by \`${trigger.eventName}\``,
      allowed: dialect.facts.events!.join(', '),
      fix: 'use another trigger',
      symptom: 'the workflow never runs',
    });
  }
  trigger._crons.forEach((cron) => problems.collect(() => checkCron(cron, dialect.facts.cronAliases)));
  const environment = trigger.inputs.find((input) => input.type === 'environment');
  if (environment && dialect.ignores('jobs.environment')) {
    problems.add({
      code: 'FORGE-WF-034',
      message: `${dialect.name} has no environments to choose ${quoted(environment.name)} from`,
      fix: 'use Input.choice',
    });
  }
}
