import { Construct } from 'constructs';
import { Dialect, Repository } from '../forge';
import { OutputFile } from '../output';
import { constructed, ForgeError, handedOver, lazily, oneOf, Problems, quoted, register } from '../support';
import { boundSteps } from './bound-steps';
import { Action } from './action/action';
import { DialectCheck, IgnoredKeys } from './check/dialect';
import { checkDistinctKeys } from './check/distinct-keys';
import { Input } from './input';
import { REPOSITORY_FILES } from './repository-files';
import { checkDistinct, viewsOf } from './step-ids';
import { distinct } from './trigger/filters';
import { renderedSteps, resolvedMap } from './render/steps';
import { Resolver } from './expression/resolver';
import { StepView } from './expression/scope';
import { checkId } from './names';
import { IStepSource, Step } from './step';
import { StepProps } from './step-props';
import { workflowFile } from './render/yaml';

/** An action that consists of steps. */
export interface CompositeActionProps {
  /** The repository that contains the action. */
  readonly repository: Repository;

  /** Description of the action, in one line. */
  readonly description: string;

  /**
   * Inputs of the action. An action receives every input as text.
   *
   * @default - nothing
   */
  readonly inputs?: Input[];

  /** Steps of the action, in order. The steps cannot access secrets: pass secrets as inputs. */
  readonly steps: IStepSource[];

  /**
   * Outputs of the action, by name: `{ version: step.output('version') }`.
   *
   * @default - none
   */
  readonly outputs?: Record<string, string>;

  /**
   * Directory of the action in the repository.
   *
   * @default - the id of the construct, in `.gitea/actions`, `.forgejo/actions` or `.github/actions`
   */
  readonly directory?: string;
}

/** A step that uses a composite action of the same repository. */
export interface CompositeStepProps extends StepProps {
  /**
   * Input values, by name.
   *
   * @default - none
   */
  readonly with?: Record<string, string>;
}

/**
 * An action of the same repository that consists of steps. The action is an `action.yml` file in a directory of the
 * repository.
 *
 * @example
 *
 * const who = Input.text('who', { required: true });
 * const greet = new CompositeAction(app, 'greet', {
 *   repository, description: 'Greets', inputs: [who], steps: [Step.run({ name: 'Greet', script: 'printf "%s\n" "$WHO"', env: { WHO: who.value } })],
 * });
 * workflow.addJob('hello', { runsOn: runner, steps: [greet.use({ name: 'Greet', with: { who: 'you' } })] });
 */
export class CompositeAction extends Construct {
  /** Directory of the action in the repository, for example `.gitea/actions/greet`. */
  readonly directory: string;

  /** Path of the file in the repository, for example `.gitea/actions/greet/action.yml`. */
  readonly path: string;

  /** The repository that the action belongs to. */
  readonly repository: Repository;

  private readonly props: CompositeActionProps;
  private readonly steps: Step[];

  /**
   * @throws FORGE-WF-030 for a folder outside the repository, FORGE-WF-038 without steps
   */
  constructor(scope: Construct, id: string, props: CompositeActionProps) {
    const made = constructed(CompositeAction, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = {
      ...props,
      inputs: distinct(props.inputs ?? []),
      outputs: { ...props.outputs },
    };
    this.repository = props.repository;
    this.steps = props.steps.flatMap((step) => boundSteps(step, { id, repository: props.repository }));
    this.directory = props.directory ?? `${Dialect.of(props.repository.forge).facts.actionDirectory}/${id}`;
    this.path = `${this.directory}/action.yml`;
    Action.local(`./${this.directory}`);
    if (this.steps.length === 0) {
      throw ForgeError.at(this, { code: 'FORGE-WF-038', message: 'the action has no steps', fix: 'give it one' });
    }
    Object.keys(this.props.outputs ?? {}).forEach((output) => checkId(output, 'output'));
    checkDistinct(this, this.steps);
    register(this, REPOSITORY_FILES);
    new OutputFile(this, 'File', {
      path: `repositories/${props.repository.fullName}/${this.path}`,
      content: lazily(() => this.render()),
    });
  }

  /**
   * Creates a step that uses the action, in a workflow of the same repository. An earlier step must check out the
   * repository.
   *
   * @throws FORGE-WF-031 for an input that it does not take, or one that is missing
   */
  use(props: CompositeStepProps): Step {
    const inputs = this.props.inputs ?? [];
    const given = Object.keys(props.with ?? {});
    const unknown = given.filter((name) => !inputs.some((input) => input.name === name));
    const missing = inputs.filter((input) => input.required && !given.includes(input.name)).map((input) => input.name);
    if (unknown.length + missing.length > 0) {
      throw ForgeError.at(this, {
        code: 'FORGE-WF-031',
        message:
          unknown.length > 0
            ? `the action takes no input ${oneOf(unknown)}`
            : `the action must be given the input ${oneOf(missing)}`,
        allowed: inputs.length > 0 ? inputs.map((input) => input.name).join(', ') : 'none',
        fix: 'give what it declares',
      });
    }
    return Step.uses({
      ...props,
      action: Action._composite(`./${this.directory}`),
      outputs: Object.keys(this.props.outputs ?? {}),
    });
  }

  private resolver(views: StepView[], refers: (step: StepView) => void, problems: Problems): Resolver {
    return new Resolver(
      {
        label: `action ${quoted(this.node.id)}`,
        inputs: (this.props.inputs ?? []).map((input) => input.name),
        freeInputs: (this.props.inputs ?? []).map((input) => input.name),
        jobs: [],
        job: { id: this.node.id, path: this.node.path, outputs: [], steps: views },
        withoutCase: Dialect.of(this.props.repository.forge).withoutCase,
        secretNameProblem: () => undefined,
        needs: () => undefined,
        refers,
        usesSecret: () => undefined,
      },
      problems,
    );
  }

  private render(): string {
    const problems = new Problems(this.node.path);
    const views = viewsOf(this.steps);
    const referred = new Set<string>();
    const resolver = this.resolver(views, (step) => referred.add(step.token), problems);
    const outputs = this.outputs(resolver);
    const steps = renderedSteps({
      owner: this,
      steps: this.steps,
      views,
      resolver,
      check: new DialectCheck(Dialect.of(this.props.repository.forge), IgnoredKeys.LOWER, problems),
      problems,
      referred,
      secretAround: false,
      composite: true,
    });
    const file = this.file(outputs, steps);
    checkDistinctKeys(file, Dialect.of(this.props.repository.forge), problems);
    problems.throwIfAny();
    return workflowFile(file, {
      header: [`Generated by cdk8s-forge from ${this.node.path}; change the program, not this file.`],
      rewritten: false,
    });
  }

  private outputs(resolver: Resolver): Record<string, unknown> | undefined {
    return resolvedMap(this.props.outputs, (value, name) =>
      resolver.text(value, { place: 'action.outputs', key: `outputs.${name}` }),
    );
  }

  private file(outputs: Record<string, unknown> | undefined, steps: unknown[]): Record<string, unknown> {
    const { description, inputs = [] } = this.props;
    return {
      name: this.node.id,
      description,
      inputs:
        inputs.length > 0
          ? Object.fromEntries(inputs.map((input) => [input.name, input._renderForAction()]))
          : undefined,
      outputs:
        outputs &&
        Object.fromEntries(
          Object.entries(outputs).map(([name, value]) => [name, { description: `output ${name}`, value }]),
        ),
      runs: { using: 'composite', steps },
    };
  }
}
