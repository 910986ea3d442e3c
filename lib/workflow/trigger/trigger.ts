import { ForgeError, oneOf, quoted } from '../../support';
import { ACTIVITIES, FREE_ACTIVITIES, WorkflowEvent } from './events';
import { checkGlob } from './glob';
import { Input } from '../input';
import {
  CallTriggerProps,
  DispatchTriggerProps,
  EventTriggerProps,
  PrivilegedPullRequestTriggerProps,
  PullRequestTriggerProps,
  PushTriggerProps,
  ScheduleTriggerProps,
  WorkflowRunTriggerProps,
} from './props';

/** A set of values that a trigger writes to the file, and that the checks need. */
interface TriggerData {
  readonly value?: Record<string, unknown> | unknown[];
  readonly inputs?: Input[];
  readonly secrets?: string[];
  readonly crons?: string[];
  readonly timezone?: string;
  readonly acknowledgement?: string;
}

/**
 * A trigger that starts a workflow.
 *
 * @example
 *
 * const triggers = [Trigger.push({ branches: ['main'] }), Trigger.dispatch()];
 */
export class Trigger {
  /**
   * Creates a trigger for pushes of branches and tags. @throws FORGE-WF-024, FORGE-WF-025 for filters that conflict or
   * match nothing
   */
  static push(props: PushTriggerProps = {}): Trigger {
    return filtered('push', { ...props }, (value) => new Trigger('push', { value }));
  }

  /**
   * Creates a trigger for pull requests. Pull requests from a fork have no access to the secrets of the repository.
   * @throws FORGE-WF-024, 025, 027
   */
  static pullRequest(props: PullRequestTriggerProps = {}): Trigger {
    return filtered('pull_request', { ...props }, (value) => new Trigger('pull_request', { value }));
  }

  /**
   * Creates a trigger for pull requests with the secrets of the repository and a token with write access. Use this
   * trigger for labels and comments, never for a build.
   *
   * @throws FORGE-WF-029 without an acknowledgement
   */
  static pullRequestTarget(props: PrivilegedPullRequestTriggerProps): Trigger {
    const { acknowledgement, ...filters } = props;
    checkAcknowledgement(
      'pull_request_target',
      acknowledgement,
      'code of a pull request that runs in it has the secrets of the repository',
    );
    return filtered(
      'pull_request_target',
      filters,
      (value) => new Trigger('pull_request_target', { value, acknowledgement }),
    );
  }

  /**
   * Creates a trigger for manual starts, by a person or an API call. @throws FORGE-WF-028 for two inputs with the same
   * name
   */
  static dispatch(props: DispatchTriggerProps = {}): Trigger {
    return new Trigger('workflow_dispatch', { inputs: distinct(props.inputs ?? []) });
  }

  /**
   * Creates a trigger for scheduled runs, only on the default branch. @throws FORGE-WF-026 when rendered, for a cron
   * that the forge does not accept
   */
  static schedule(props: ScheduleTriggerProps): Trigger {
    if (props.crons.length === 0) {
      throw badFilter('schedule', 'has no cron', 'give at least one, e.g. "30 5 * * *"');
    }
    return new Trigger('schedule', { crons: [...props.crons], timezone: props.timezone });
  }

  /**
   * Creates a trigger for calls from other workflows, with `workflow.addCall`. `workflow.addOutput` sets the returned
   * values. @throws FORGE-WF-028
   */
  static call(props: CallTriggerProps = {}): Trigger {
    const inputs = distinct(props.inputs ?? []);
    const wrong = inputs.find((input) => !['string', 'boolean', 'number'].includes(input.type));
    if (wrong) {
      throw ForgeError.of({
        code: 'FORGE-WF-028',
        message: `input ${quoted(wrong.name)} is a ${wrong.type}, which a workflow that is called cannot take`,
        allowed: 'text, boolean, number',
        fix: 'use Input.text for it',
      });
    }
    return new Trigger('workflow_call', { inputs, secrets: [...(props.secrets ?? [])] });
  }

  /**
   * Creates a trigger for runs of other workflows. The started run has the secrets of the repository, regardless of
   * what the other run was for.
   *
   * @throws FORGE-WF-029 without an acknowledgement
   */
  static workflowRun(props: WorkflowRunTriggerProps): Trigger {
    const { acknowledgement, workflows, ...filters } = props;
    checkAcknowledgement('workflow_run', acknowledgement, 'what the other run left behind may come from a stranger');
    if (workflows.length === 0) {
      throw badFilter('workflow_run', 'names no workflow', 'name at least one');
    }
    return filtered(
      'workflow_run',
      { workflows, ...filters },
      (value) => new Trigger('workflow_run', { value, acknowledgement }),
    );
  }

  /** Creates a trigger for releases. @throws FORGE-WF-027 for an unknown activity */
  static release(props: EventTriggerProps = {}): Trigger {
    return filtered('release', { ...props }, (value) => new Trigger('release', { value }));
  }

  /** Creates a trigger for any other event. @throws FORGE-WF-027 for an unknown activity */
  static event(event: WorkflowEvent, props: EventTriggerProps = {}): Trigger {
    return filtered(event, { ...props }, (value) => new Trigger(event, { value }));
  }

  private constructor(
    /** Name of the event in the file. */
    readonly eventName: string,
    private readonly data: TriggerData,
  ) {}

  /** Inputs of the trigger. */
  get inputs(): Input[] {
    return [...(this.data.inputs ?? [])];
  }

  /**
   * Secrets that a calling workflow passes.
   *
   * @internal
   */
  get _secrets(): string[] {
    return this.data.secrets ?? [];
  }

  /**
   * Cron expressions of the trigger, if it is a schedule.
   *
   * @internal
   */
  get _crons(): string[] {
    return this.data.crons ?? [];
  }

  /**
   * Time zone of the trigger's cron expressions.
   *
   * @internal
   */
  get _timezone(): string | undefined {
    return this.data.timezone;
  }

  /**
   * Reason why the trigger is considered safe.
   *
   * @internal
   */
  get _acknowledgement(): string | undefined {
    return this.data.acknowledgement;
  }

  /**
   * Reports whether the trigger filters tags together with another filter.
   *
   * @internal
   */
  get _mixesTags(): boolean {
    const keys = Object.keys(this.data.value ?? {});
    return keys.some((key) => key.startsWith('tags')) && keys.some((key) => !key.startsWith('tags'));
  }

  /**
   * Returns the content below the event in the file.
   *
   * @internal
   */
  _render(): unknown {
    const { value, inputs, secrets, crons, timezone } = this.data;
    if (crons) {
      return crons.map((cron) => ({ cron, timezone }));
    }
    const content = {
      ...value,
      ...(inputs && inputs.length > 0
        ? { inputs: Object.fromEntries(inputs.map((input) => [input.name, input._render()])) }
        : {}),
      ...(secrets && secrets.length > 0
        ? { secrets: Object.fromEntries(secrets.map((secret) => [secret, { required: true }])) }
        : {}),
    };
    return Object.keys(content).length > 0 ? content : null;
  }
}

const KEYS: Record<string, string> = {
  branchesIgnore: 'branches-ignore',
  tagsIgnore: 'tags-ignore',
  pathsIgnore: 'paths-ignore',
};

function filtered(
  event: string,
  filters: Record<string, string[] | undefined>,
  make: (value: Record<string, unknown>) => Trigger,
): Trigger {
  const value: Record<string, unknown> = {};
  for (const [key, values] of Object.entries(filters)) {
    if (values === undefined) {
      continue;
    }
    if (values.length === 0) {
      throw badFilter(event, `has an empty \`${key}\``, 'leave it out for no filter, or name something');
    }
    if (filters[`${key}Ignore`]) {
      throw badFilter(
        event,
        `has both \`${key}\` and \`${key}Ignore\``,
        `use one of them; \`${key}\` takes patterns with "!" in front, which leave some out again`,
      );
    }
    checkFilter(event, key, values);
    value[KEYS[key] ?? key] = [...values];
  }
  return make(value);
}

function checkFilter(event: string, key: string, values: string[]): void {
  if (key === 'types') {
    checkActivities(event, values);
  } else if (key !== 'workflows') {
    values.forEach((pattern) => checkGlob(pattern, key.startsWith('paths') ? 'path' : 'ref'));
    if (values.every((pattern) => pattern.startsWith('!'))) {
      throw badFilter(
        event,
        `has only patterns with "!" in \`${key}\`, so nothing matches`,
        `put a pattern such as "**" before them, or use \`${key}Ignore\``,
      );
    }
  }
}

function checkActivities(event: string, types: string[]): void {
  if (FREE_ACTIVITIES.includes(event)) {
    return;
  }
  const known = ACTIVITIES[event] ?? [];
  const unknown = types.filter((type) => !known.includes(type));
  if (unknown.length === 0) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-027',
    message: `\`${event}\` has no activity ${oneOf(unknown)}`,
    allowed: known.length > 0 ? known.join(', ') : 'none: leave `types` out',
    fix: 'use an activity of the event',
  });
}

function checkAcknowledgement(event: string, acknowledgement: string, danger: string): void {
  if (acknowledgement.trim().length > 0 && !/[\r\n]/.test(acknowledgement)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-029',
    message: `\`${event}\` is used without saying in one line why that is safe: ${danger}`,
    fix: "use Trigger.pullRequest, or acknowledge it: { acknowledgement: 'labels only; checks nothing out' }",
  });
}

function badFilter(event: string, why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-024', message: `the trigger \`${event}\` ${why}`, fix });
}

function distinct(inputs: Input[]): Input[] {
  const twice = inputs.find(
    (input, i) => inputs.findIndex((other) => other.name.toLowerCase() === input.name.toLowerCase()) < i,
  );
  if (!twice) {
    return [...inputs];
  }
  throw ForgeError.of({
    code: 'FORGE-WF-028',
    message: `two inputs are named ${quoted(twice.name)}`,
    fix: 'name one of them otherwise; case makes no difference',
  });
}
