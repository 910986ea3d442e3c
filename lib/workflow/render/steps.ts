import { Problems, quoted } from '../../support';
import { JobContainer } from '../container';
import { DialectCheck } from '../check/dialect';
import { UntrustedText } from '../check/untrusted';
import { Origin } from '../expression/origin';
import { Place } from '../expression/contexts';
import { minutes } from '../minutes';
import { Resolver } from '../expression/resolver';
import { Where } from '../expression/scope';
import { groupedSteps, renderedBackground, renderedControl, unfinishedAt } from './background';
import { traces } from '../script';
import { Step } from '../step';
import { StepsContext } from './steps-context';
import { Annotated } from '../annotated';

/** Resolves every value of a map; undefined if there is none. */
export function resolvedMap<T>(
  map: Record<string, string> | undefined,
  resolve: (value: string, name: string) => T,
): Record<string, T> | undefined {
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
  const unfinished = unfinishedAt(context.steps);
  const rendered = context.steps.map((step, index) =>
    new StepRenderer(step, index, { ...context, unfinished: unfinished[index] }).render(),
  );
  context.steps.forEach((step, index) => {
    if (step._hasId || context.referred.has(step._token)) {
      rendered[index].id = context.views[index].id;
    }
  });
  return groupedSteps(context, rendered);
}

/** A step, with everything that is needed to resolve its values. */
class StepRenderer {
  readonly label: string;
  private readonly untrusted: UntrustedText;
  private readonly origins = new Map<string, Origin>();
  private secret: boolean;

  constructor(
    private readonly step: Step,
    private readonly index: number,
    private readonly context: StepsContext,
  ) {
    this.label = `step ${quoted(step.name)}`;
    this.untrusted = new UntrustedText(context.owner, context.problems);
    this.secret = context.secretAround;
  }

  render(): Record<string, unknown> {
    const { resolver, check, problems } = this.context;
    const { action, script, shell, workingDirectory, continueOnError, timeout, if: condition } = this.step._content;
    if (this.step._content.control) {
      return renderedControl(this.step, this.step._content.control, this.context);
    }
    // The environment comes first: inputs may refer to it, and a secret in it forbids tracing.
    const env = this.environment();
    checkScript(this.step, this.secret, this.context);
    problems.collect(() => action?._checkFor(check.dialect));
    const limit = timeout ?? this.context.limit;
    return {
      name: resolver.text(this.step.name, this.where('steps.name', 'name')),
      id: undefined,
      if: condition && resolver.expression(condition._text, this.where('steps.if', '`if`')),
      'continue-on-error': continueOnError || undefined,
      'timeout-minutes': limit && limited(minutes(limit, this.label), timeout === undefined ? this.context : undefined),
      uses: action && new Annotated(action._usesAt(check.dialect), { behind: action._comment }),
      with: this.inputs(),
      env,
      'working-directory':
        workingDirectory && this.setting(workingDirectory, 'steps.working-directory', 'working-directory'),
      shell: shell?.name,
      run: script,
      background: renderedBackground(this.step, this.context),
      ...this.step._overrides.resolved((text) => this.setting(text, 'steps.env', 'an override')),
    };
  }

  private environment(): Record<string, string> | undefined {
    return resolvedMap(this.step._content.env, (value, name) => {
      const resolved = this.context.resolver.value(value, this.where('steps.env', `env.${name}`));
      this.secret ||= resolved.secret;
      this.origins.set(name.toLowerCase(), resolved.origin);
      this.untrusted.variable(name, resolved.origin, this.label);
      return resolved.text;
    });
  }

  private inputs(): Record<string, string> | undefined {
    const { action, with: inputs } = this.step._content;
    return resolvedMap(inputs, (value, name) => {
      const resolved = this.context.resolver.value(value, this.where('steps.with', `with.${name}`));
      this.untrusted.input(name, resolved.origin, { action: action!, label: this.label });
      return resolved.text;
    });
  }

  private setting(value: string, place: Place, key: string): string {
    const resolved = this.context.resolver.value(value, this.where(place, key));
    this.untrusted.setting(`${key} of ${this.label}`, resolved.origin);
    return resolved.text;
  }

  /** A step of a group does not see the results of the others. */
  private get firstOfGroup(): number {
    const { group } = this.step._content;
    return group === undefined ? this.index : this.context.steps.findIndex((step) => step._content.group === group);
  }

  private where(place: Place, key: string): Where {
    const inAction = place === 'steps.if' ? ('action.if' as const) : ('action.step' as const);
    return {
      place: this.context.composite ? inAction : place,
      key: `${key} of ${this.label}`,
      stepsBefore: this.firstOfGroup,
      unfinished: this.context.unfinished,
      origins: this.origins,
    };
  }
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
  at: { place: Place; key: string; untrusted: UntrustedText; check: DialectCheck; problems: Problems },
): unknown {
  const { env, ports, volumes, options, credentials } = container._data;
  const text = (value: string, key: string, place: Place = at.place) => {
    const resolved = resolver.value(value, { place, key: `${at.key}.${key}` });
    if (place === 'jobs.container.env') {
      at.untrusted.variable(key.replace(/^env\./, ''), resolved.origin, at.key);
    } else {
      at.untrusted.setting(`${at.key}.${key}`, resolved.origin);
    }
    return resolved.text;
  };
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
    ...renderedCommand(container, text, at),
  };
}

/** Returns the entry point and command of a service. */
function renderedCommand(
  container: JobContainer,
  text: (value: string, key: string) => string,
  { place, key, check, problems }: { place: Place; key: string; check: DialectCheck; problems: Problems },
): Record<string, unknown> {
  const { entrypoint, command } = container._data;
  if (entrypoint === undefined && command === undefined) {
    return {};
  }
  if (place !== 'jobs.services') {
    problems.add({
      code: 'FORGE-WF-041',
      message: `${key} has an entry point or a command, which only services have`,
      fix: 'remove entrypoint and command: the runner starts the container with a command of its own',
    });
  }
  const rendered = (value: string | undefined, name: string) =>
    value === undefined ? undefined : check.checked('jobs.services.command', text(value, name), key);
  return { entrypoint: rendered(entrypoint, 'entrypoint'), command: rendered(command, 'command') };
}
