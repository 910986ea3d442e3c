import { Duration } from 'cdk8s';
import { Problems, quoted } from '../../support';
import { JobContainer } from '../container';
import { DialectCheck } from '../check/dialect';
import { Place } from '../expression/contexts';
import { minutes } from '../minutes';
import { Resolver } from '../expression/resolver';
import { StepView } from '../expression/scope';
import { traces } from '../script';
import { Step } from '../step';
import { Annotated } from './yaml';

/** A context that contains the information needed to render a step. */
export interface StepsContext {
  readonly steps: Step[];
  readonly views: readonly StepView[];
  readonly resolver: Resolver;
  readonly check: DialectCheck;
  readonly problems: Problems;
  /** Tokens of the steps that other values refer to. */
  readonly referred: Set<string>;
  /** Reports whether the job's or the workflow's environment contains a secret. */
  readonly secretAround: boolean;
  /** Trigger that combines untrusted input with the repository's secrets, if the workflow has such a trigger. */
  readonly privileged?: string;
  /** Time limit of the job, if the steps must enforce it. */
  readonly limit?: Duration;
  /** Reports whether the steps belong to a composite action, which supports fewer contexts. */
  readonly composite?: boolean;
}

/** Resolves every value of a map; undefined if there is none. */
export function resolvedMap(
  map: Record<string, string> | undefined,
  resolve: (value: string, name: string) => string,
): Record<string, string> | undefined {
  const entries = Object.entries(map ?? {});
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([name, value]) => [name, resolve(value, name)]));
}

/**
 * Returns the steps of a job or a composite action in the form written to the file.
 *
 * @jsii ignore
 */
export function renderedSteps(context: StepsContext): Record<string, unknown>[] {
  const rendered = context.steps.map((step, index) => renderedStep(step, index, context));
  context.steps.forEach((step, index) => {
    if (step._hasId || context.referred.has(step._token)) {
      rendered[index].id = context.views[index].id;
    }
  });
  return rendered;
}

function renderedStep(step: Step, index: number, context: StepsContext): Record<string, unknown> {
  const { resolver, composite } = context;
  const {
    action,
    script,
    shell,
    workingDirectory,
    continueOnError,
    timeout,
    if: condition,
    env,
    with: inputs,
  } = step._content;
  const label = `step ${quoted(step.name)}`;
  const where = (place: Place, key: string) => ({
    place: composite ? (place === 'steps.if' ? ('action.if' as const) : ('action.step' as const)) : place,
    key: `${key} of ${label}`,
    stepsBefore: index,
  });
  let secret = context.secretAround;
  const resolvedEnv = resolvedMap(env, (value, name) => {
    const resolved = resolver.value(value, where('steps.env', `env.${name}`));
    secret ||= resolved.secret;
    return resolved.text;
  });
  checkScript(step, secret, context);
  context.problems.collect(() => action?._checkFor(context.check.dialect));
  const limit = timeout ?? context.limit;
  return {
    name: resolver.text(step.name, where('steps.name', 'name')),
    id: undefined,
    if: condition && resolver.expression(condition._text, where('steps.if', '`if`')),
    'continue-on-error': continueOnError || undefined,
    'timeout-minutes': limit && limited(minutes(limit, label), timeout === undefined ? context : undefined),
    uses: action && new Annotated(action.uses, { behind: action._comment }),
    with: resolvedMap(inputs, (value, name) => resolver.text(value, where('steps.with', `with.${name}`))),
    env: resolvedEnv,
    'working-directory':
      workingDirectory && resolver.text(workingDirectory, where('steps.working-directory', 'working-directory')),
    shell: shell?.name,
    run: script,
    ...step._overrides.resolved((text) => resolver.text(text, where('steps.env', 'an override'))),
  };
}

function checkScript(step: Step, secret: boolean, { privileged, problems }: StepsContext): void {
  const { script = '' } = step._content;
  if (secret && traces(script)) {
    problems.add(tracing(step.name));
  }
  if (privileged && /\bGITHUB_(ENV|PATH)\b/.test(script)) {
    problems.add(steering(step.name, privileged));
  }
}

function limited(value: number, lowered: StepsContext | undefined): unknown {
  return lowered
    ? new Annotated(value, { behind: `instead of the job's limit, which ${lowered.check.dialect.name} ignores` })
    : value;
}

function tracing(step: string) {
  return {
    code: 'FORGE-WF-023',
    message: `the script of step ${quoted(step)} traces its commands, and a secret is in its environment`,
    fix: 'take `set -x` out, or print what you need by name; or give the secret to another step',
    symptom: 'the log shows each line of a secret that has several, and every part of it that is quoted otherwise',
  };
}

function steering(step: string, trigger: string) {
  return {
    code: 'FORGE-WF-046',
    message: `the script of step ${quoted(step)} sets the environment of later steps in a workflow that \`${trigger}\` starts: a stranger's text in it becomes a program of theirs`,
    fix: 'set an output instead, and pass it to the step that needs it by `env`',
  };
}

/** Returns a container in the form written to the file. */
export function renderedContainer(
  container: JobContainer,
  resolver: Resolver,
  at: { place: Place; key: string },
): unknown {
  const { env, ports, volumes, options, credentials } = container._data;
  const text = (value: string, key: string, place: Place = at.place) =>
    resolver.text(value, { place, key: `${at.key}.${key}` });
  const list = (values: string[] | undefined, key: string) =>
    values && values.length > 0 ? values.map((value) => text(value, key)) : undefined;
  return {
    image: text(container.image, 'image'),
    credentials: credentials && {
      username: text(credentials.username, 'credentials.username', 'jobs.container.credentials'),
      password: text(credentials.password, 'credentials.password', 'jobs.container.credentials'),
    },
    env: resolvedMap(env, (value, name) => text(value, `env.${name}`, 'jobs.container.env')),
    ports: list(ports, 'ports'),
    volumes: list(volumes, 'volumes'),
    options: options === undefined ? undefined : text(options, 'options'),
  };
}
