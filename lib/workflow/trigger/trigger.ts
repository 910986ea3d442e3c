import { ForgeError, plainData, quoted } from '../../support';
import { isKnownEvent, WorkflowEvent } from './events';
import { badFilter, checkAcknowledgement, distinct, filtered, ofEvent, TriggerData } from './filters';
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
    return ofEvent('release', props, (data) => new Trigger('release', data));
  }

  /** Creates a trigger for any other event. @throws FORGE-WF-027 for an unknown activity */
  static event(event: WorkflowEvent, props: EventTriggerProps = {}): Trigger {
    return ofEvent(event, props, (data) => new Trigger(event, data));
  }

  /**
   * Creates a trigger for an event that this library does not know. Neither the event nor its filters are checked.
   *
   * @param event name of the event in the file, for example `sub_issues`
   * @param filters content below the event, as in the file
   * @throws FORGE-WF-024 for a name that is invalid, or an event that has a trigger of its own
   */
  static custom(event: string, filters: Record<string, unknown> = {}): Trigger {
    if (!/^[a-z][a-z_]*$/.test(event) || isKnownEvent(event)) {
      throw ForgeError.of({
        code: 'FORGE-WF-024',
        message: `${quoted(event)} cannot be a custom trigger`,
        allowed: 'the name of an event that this library does not know: letters in lower case, and "_"',
        fix: 'for an event that the library knows, use its own trigger: Trigger.push, Trigger.event(WorkflowEvent.ISSUES), …',
      });
    }
    return new Trigger(event, { value: plainData(filters, `the filters of trigger ${quoted(event)}`), isCustom: true });
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
   * Reports whether the library does not know the event.
   *
   * @internal
   */
  get _isCustom(): boolean {
    return this.data.isCustom ?? false;
  }

  /**
   * Reason why unknown activity types are valid.
   *
   * @internal
   */
  get _unknownTypes(): string | undefined {
    return this.data.unknownTypes;
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
   * Reports whether paths are filtered, although the filter for tags leaves all branches out.
   *
   * @internal
   */
  get _filtersPathsOfTags(): boolean {
    const keys = Object.keys(this.data.value ?? {});
    const has = (name: string): boolean => keys.some((key) => key.startsWith(name));
    return has('tags') && has('paths') && !has('branches');
  }

  /**
   * Returns the content below the event in the file.
   *
   * @internal
   */
  _render(hasTimezone = true): unknown {
    const { value, inputs, secrets, crons, timezone } = this.data;
    if (crons) {
      return crons.map((cron) =>
        hasTimezone || timezone === undefined ? { cron, timezone } : { cron: `CRON_TZ=${timezone} ${cron}` },
      );
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
