import { Dialect, IRunsOn, Repository } from '../forge';
import { constructed, ForgeError, handedOver, oneOf, quoted } from '../support';
import { checkRunsOn, JobBase, JobBaseProps } from './job-base';
import { StepView } from './expression/scope';
import { WorkflowBase } from './workflow-base';

/** A description of a workflow that is in another repository. */
export interface RemoteWorkflowProps {
  /** Full name of the repository, as `owner/name`. Gitea and Forgejo also accept the URL of the repository. */
  readonly repository: string;
  /** Path of the file in the repository, for example `.gitea/workflows/build.yml`. */
  readonly path: string;
  /** Tag, branch or commit. A commit is recommended. */
  readonly ref: string;
  /** Inputs that the workflow accepts. @default - none */
  readonly inputs?: string[];
  /** Inputs that the workflow requires. @default - none */
  readonly requiredInputs?: string[];
  /** Secrets that the workflow requires. @default - none */
  readonly secrets?: string[];
  /** Outputs that the workflow returns. @default - none */
  readonly outputs?: string[];
}

/** The contract that a caller of a reusable workflow must know. */
interface Contract {
  /** Repository of the workflow, if only workflows of that repository can call it. */
  readonly repository?: Repository;
  readonly uses: () => string;
  readonly inputs: () => string[];
  readonly requiredInputs: () => string[];
  /** Types of the inputs by name, if known. */
  readonly types?: () => Record<string, string>;
  readonly secrets: () => string[];
  readonly outputs: () => string[];
}

/**
 * A workflow that other workflows call.
 */
export class ReusableWorkflow {
  /**
   * Creates a reference to a workflow of the same repository. The workflow has `Trigger.call`.
   *
   * @throws FORGE-WF-039 if it has no such trigger
   */
  static local(workflow: WorkflowBase): ReusableWorkflow {
    const trigger = workflow._trigger('workflow_call');
    if (!trigger) {
      throw ForgeError.at(workflow, {
        code: 'FORGE-WF-039',
        message: 'it cannot be called: it has no Trigger.call',
        fix: 'add Trigger.call({ … }) to its triggers',
      });
    }
    return new ReusableWorkflow({
      repository: workflow.repository,
      uses: () => `./${workflow.path}`,
      inputs: () => trigger.inputs.map((input) => input.name),
      requiredInputs: () => trigger.inputs.filter((input) => input.required).map((input) => input.name),
      types: () => Object.fromEntries(trigger.inputs.map((input) => [input.name, input.type])),
      secrets: () => trigger._secrets,
      outputs: () => workflow._callOutputs,
    });
  }

  /**
   * Creates a reference to a workflow of another repository of the forge.
   *
   * @throws FORGE-WF-039 for a repository, path or ref that is not one
   */
  static remote(props: RemoteWorkflowProps): ReusableWorkflow {
    const { repository, path, ref } = props;
    if (
      !/^(?:https?:\/\/[A-Za-z0-9.-]+(?::\d+)?\/)?[\w.-]+\/[\w.-]+$/.test(repository) ||
      !/^[\w./-]+\.ya?ml$/.test(path) ||
      path.startsWith('/') ||
      path.split('/').includes('..') ||
      !/^[\w./-]+$/.test(ref)
    ) {
      throw ForgeError.of({
        code: 'FORGE-WF-039',
        message: `${quoted(`${repository}/${path}@${ref}`)} is no workflow`,
        allowed: 'owner/name, a path to a .yml file, and a tag, branch or commit',
        fix: "write { repository: 'platform/ci', path: '.gitea/workflows/build.yml', ref: 'v1' }",
      });
    }
    const copy = {
      inputs: [...(props.inputs ?? [])],
      requiredInputs: [...(props.requiredInputs ?? [])],
      secrets: [...(props.secrets ?? [])],
      outputs: [...(props.outputs ?? [])],
    };
    return new ReusableWorkflow({
      uses: () => `${repository}/${path}@${ref}`,
      inputs: () => [...copy.inputs, ...copy.requiredInputs],
      requiredInputs: () => copy.requiredInputs,
      secrets: () => copy.secrets,
      outputs: () => copy.outputs,
    });
  }

  private constructor(private readonly contract: Contract) {}

  /**
   * Throws an error if a local workflow is in another repository than its caller.
   *
   * @internal
   */
  _checkCaller(caller: WorkflowBase): void {
    const { facts, name } = Dialect.of(caller.repository.forge);
    if (!facts.absoluteUses && /^https?:/.test(this.contract.uses())) {
      throw ForgeError.at(caller, {
        code: 'FORGE-WF-039',
        message: `${name} accepts no absolute URL of a workflow: ${quoted(this.contract.uses())}`,
        allowed: 'owner/name',
        fix: "write the repository without its server: repository: 'owner/name'",
      });
    }
    const { repository } = this.contract;
    if (repository && !repository.isSameAs(caller.repository)) {
      throw ForgeError.at(caller, {
        code: 'FORGE-WF-039',
        message: `the workflow that is called is in ${quoted(repository.fullName)}, and a local one is looked for in ${quoted(caller.repository.fullName)}`,
        fix: "name it as one of another repository: ReusableWorkflow.remote({ repository: 'owner/name', path, ref })",
        symptom: 'workflow file not found',
      });
    }
  }

  /**
   * The contract that a caller of a reusable workflow must know.
   *
   * @internal
   */
  get _contract(): {
    isLocal: boolean;
    uses: string;
    inputs: string[];
    requiredInputs: string[];
    types: Record<string, string>;
    secrets: string[];
    outputs: string[];
  } {
    const { uses, inputs, requiredInputs, types, secrets, outputs } = this.contract;
    return {
      isLocal: this.contract.repository !== undefined,
      uses: uses(),
      inputs: inputs(),
      requiredInputs: requiredInputs(),
      types: types?.() ?? {},
      secrets: secrets(),
      outputs: outputs(),
    };
  }
}

/** A job that calls a workflow. */
export interface WorkflowCallProps extends JobBaseProps {
  /** The workflow. */
  readonly workflow: ReusableWorkflow;

  /**
   * Input values, by name.
   *
   * @default - none
   */
  readonly with?: Record<string, string>;

  /**
   * Secrets to pass, each by name. Passing all secrets at once is not supported.
   *
   * @default - none
   */
  readonly secrets?: Record<string, string>;

  /**
   * Runner of the call itself. Only Forgejo needs this runner, for a call with inputs or secrets.
   *
   * @default - none
   */
  readonly runsOn?: IRunsOn;
}

/**
 * A job that calls a workflow. `workflow.addCall` creates the job.
 *
 * @example
 *
 * workflow.addCall('scan', { workflow: ReusableWorkflow.remote({ repository: 'platform/ci', path: '.gitea/workflows/scan.yml', ref: 'v1' }) });
 */
export class WorkflowCall extends JobBase {
  private readonly props: WorkflowCallProps;

  /**
   * @throws FORGE-WF-039 for an input or secret that the workflow does not take, or that is missing
   */
  constructor(scope: WorkflowBase, id: string, props: WorkflowCallProps) {
    const made = constructed(WorkflowCall, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props, needs: [...(props.needs ?? [])], with: { ...props.with }, secrets: { ...props.secrets } };
    this.check();
  }

  /**
   * Definition of the job or step.
   *
   * @internal
   */
  get _props(): WorkflowCallProps {
    return this.props;
  }

  /** @internal */
  get _base(): JobBaseProps {
    return this.props;
  }

  /** @internal */
  get _outputs(): string[] {
    return this.props.workflow._contract.outputs;
  }

  /** @internal */
  get _steps(): StepView[] {
    return [];
  }

  private check(): void {
    if (this.props.runsOn !== undefined) {
      checkRunsOn(this, this.props.runsOn);
    }
    const { inputs, requiredInputs, secrets } = this.props.workflow._contract;
    const given = Object.keys(this.props.with ?? {});
    const givenSecrets = Object.keys(this.props.secrets ?? {});
    this.refuse(
      given.filter((name) => !inputs.includes(name)),
      'takes no input',
      inputs,
    );
    this.refuse(
      requiredInputs.filter((name) => !given.includes(name)),
      'must be given the input',
      inputs,
    );
    this.refuse(
      givenSecrets.filter((name) => !secrets.includes(name)),
      'takes no secret',
      secrets,
    );
    this.refuse(
      secrets.filter((name) => !givenSecrets.includes(name)),
      'must be given the secret',
      secrets,
    );
  }

  private refuse(names: string[], what: string, known: string[]): void {
    if (names.length === 0) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-WF-039',
      message: `the workflow that is called ${what} ${oneOf(names)}`,
      allowed: known.length > 0 ? known.join(', ') : 'none',
      fix: 'give what it declares, no more and no less',
    });
  }
}
