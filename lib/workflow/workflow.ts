import { Construct } from 'constructs';
import { Dialect, Repository } from '../forge';
import { OutputFile, RootFile } from '../output';
import { advise, constructed, ForgeError, handedOver, lazily, Problems, quoted, register } from '../support';
import { DialectCheck, IgnoredKeys } from './check/dialect';
import { checkDistinctKeys } from './check/distinct-keys';
import { Job, JobProps } from './job';
import { JobBase } from './job-base';
import { checkRunner } from './check/job-runner';
import { checkSharedHome } from './check/shared-home';
import { callWarnings } from './check/call-types';
import { tokenVariables } from './check/credential-warnings';
import { jobGroupWarnings } from './check/job-groups';
import { jobWarnings } from './check/job-warnings';
import { pullRequestCodeWarnings } from './check/pull-request-code';
import { triggerWarnings } from './check/trigger-warnings';
import { Overrides } from './overrides';
import { Access } from './permissions';
import { renderedWorkflow } from './render/workflow';
import { REPOSITORY_FILES } from './repository-files';
import { WorkflowCall, WorkflowCallProps } from './reusable-workflow';
import { checkEnv, checkId } from './names';
import { Trigger } from './trigger/trigger';
import { workflowAdvice } from './check/advice';
import { WorkflowProps } from './workflow-props';
import { WorkflowBase } from './workflow-base';
import { checkPlace } from './workflow-place';
import { workflowFile } from './render/yaml';

const WORKFLOW = Symbol.for('cdk8s-forge.Workflow');

/**
 * A workflow file that is rendered below `repositories/<owner>/<name>/` of the output.
 *
 * @example
 *
 * const workflow = new Workflow(app, 'build', { repository, triggers: [Trigger.push({ branches: ['main'] })] });
 * workflow.addJob('build', { runsOn: runner, steps: [Step.run({ name: 'Build', script: 'make' })] });
 */
export class Workflow extends WorkflowBase {
  /** Returns whether `x` is a Workflow, including a Workflow from another copy of this library. */
  static isWorkflow(x: unknown): x is Workflow {
    return x !== null && typeof x === 'object' && WORKFLOW in x;
  }

  /** The repository that the file belongs to. */
  readonly repository: Repository;

  /** Display name in the forge. */
  readonly name: string;

  /** Name of the file. */
  readonly fileName: string;

  /**
   * Path of the file in the repository. For example, use it in a path filter to start the workflow when the file
   * changes.
   */
  readonly path: string;

  private readonly overrides = new Overrides(
    ['name', 'run-name', 'on', 'permissions', 'concurrency', 'env', 'defaults', 'jobs'],
    this,
  );
  private readonly jobs = new Map<string, JobBase>();
  private readonly triggers = new Map<string, Trigger>();
  private readonly outputs = new Map<string, string>();
  private readonly dialect: Dialect;
  private readonly beforeRendering: (() => void)[] = [];

  /**
   * @throws FORGE-WF-035 for a file name or folder that the forge does not look at, FORGE-WF-043 for a folder that another workflow's would hide
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkflowProps,
  ) {
    const made = constructed(Workflow, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    Object.defineProperty(this, WORKFLOW, { value: true });
    this.repository = props.repository;
    this.dialect = Dialect.of(props.repository.forge);
    this.name = props.name ?? id;
    this.fileName = props.fileName ?? `${id}.yml`;
    const directory = props.directory ?? this.dialect.workflowDirectories[0];
    this.path = `${directory}/${this.fileName}`;
    checkPlace(this, this.dialect, directory);
    checkEnv(props.env ?? {}, `workflow ${quoted(id)}`);
    (props.triggers ?? []).forEach((trigger) => this.addTrigger(trigger));
    advise(this, () => workflowAdvice(this, [...this.triggers.keys()]));
    const content = lazily(() => this.render());
    // Not the id of a job: the jobs have the same scope.
    const fileId = `file:${this.fileName}`;
    if (props.inThisRepository) {
      new RootFile(this, fileId, { path: this.path, content });
    }
    if (!props.inThisRepository) {
      register(this, REPOSITORY_FILES);
      new OutputFile(this, fileId, { path: `repositories/${this.repository.fullName}/${this.path}`, content });
    }
  }

  /**
   * Adds a trigger that starts the workflow.
   *
   * @throws FORGE-WF-024 if there is a trigger for the event already
   */
  addTrigger(trigger: Trigger): void {
    if (this.triggers.has(trigger.eventName)) {
      throw ForgeError.at(this, {
        code: 'FORGE-WF-024',
        message: `there are two triggers \`${trigger.eventName}\``,
        fix: 'put all filters into one trigger',
      });
    }
    this.triggers.set(trigger.eventName, trigger);
  }

  /**
   * Adds a job that runs steps.
   *
   * @throws FORGE-WF-021 if there is a job of that id, whatever its case
   */
  addJob(id: string, props: JobProps): Job {
    this.checkNewJob(id);
    const job = new Job(this, id, props);
    this.jobs.set(id, job);
    return job;
  }

  /**
   * Adds a job that calls a workflow.
   *
   * @throws FORGE-WF-021 if there is a job of that id, FORGE-WF-039 if inputs or secrets do not fit
   */
  addCall(id: string, props: WorkflowCallProps): WorkflowCall {
    this.checkNewJob(id);
    props.workflow._checkCaller(this);
    const call = new WorkflowCall(this, id, props);
    this.jobs.set(id, call);
    return call;
  }

  /**
   * Sets an output that a calling workflow receives: `job.output('version')`.
   *
   * @throws FORGE-WF-021 for a name that is none or is taken
   */
  addOutput(name: string, value: string): void {
    checkId(name, 'output');
    if (this.outputs.has(name)) {
      throw ForgeError.at(this, {
        code: 'FORGE-WF-021',
        message: `there are two outputs ${quoted(name)}`,
        fix: 'name one of them otherwise',
      });
    }
    this.outputs.set(name, value);
  }

  /**
   * Sets a key of the workflow that this library does not support yet, for example `enable-email-notifications` of
   * Forgejo. Expressions in the value are checked.
   *
   * @param key as it stands in the file
   * @param value text, number, boolean, list or map
   * @throws FORGE-WF-040 for a key that the library writes itself
   */
  addOverride(key: string, value: unknown): void {
    this.overrides.set(key, value);
  }

  /**
   * Warnings that are not errors. They cover actions that another person can change, images without a version, and
   * scripts that call tools that the runner does not appear to have.
   */
  get warnings(): string[] {
    const ofJobs = this.stepJobs.flatMap((job) => jobWarnings(job, this.dialect));
    const inputs = [...this.triggers.values()].flatMap((trigger) => trigger.inputs);
    return [
      ...triggerWarnings(this.node.path, [...this.triggers.values()], this.dialect),
      ...tokenVariables(this.node.path, this.props.env),
      ...jobGroupWarnings(this.node.path, this.jobList, this.dialect),
      ...ofJobs,
      ...this.jobList.flatMap((job) => (job instanceof WorkflowCall ? callWarnings(job, inputs, this.dialect) : [])),
      ...this.stepJobs.flatMap((job) => pullRequestCodeWarnings(job, [...this.triggers.keys()])),
    ];
  }

  /** Addresses that the runner must reach in addition to the forge: the sources of actions and images. */
  get reaches(): string[] {
    const jobs = this.stepJobs;
    const actions = jobs.flatMap((job) => job._stepList.map((step) => step._content.action?._origin(this.dialect)));
    const images = jobs.flatMap((job) =>
      [job._props.container, ...Object.values(job._props.services ?? {})].map(
        (container) => container && `docker://${container.image}`,
      ),
    );
    return [...new Set([...actions, ...images].filter((origin): origin is string => origin !== undefined))].sort();
  }

  /** Jobs of the workflow that run steps. */
  get stepJobs(): Job[] {
    return this.jobList.filter((job): job is Job => job instanceof Job);
  }

  /** Names of the Actions secrets that the workflow uses, without the job's own token. */
  get secrets(): string[] {
    const names = new Set<string>();
    this.content(new Problems(), (name) => names.add(name));
    return [...names].filter((name) => !/^(GITHUB|GITEA|FORGEJO)_TOKEN$/.test(name)).sort();
  }

  /**
   * Calls a function before the file is rendered, when all constructs of the app exist.
   *
   * @internal
   */
  _beforeRendering(complete: () => void): void {
    this.beforeRendering.push(complete);
  }

  /**
   * Replaces the trigger of an event.
   *
   * @internal
   */
  _replaceTrigger(trigger: Trigger): void {
    this.triggers.set(trigger.eventName, trigger);
  }

  /**
   * Returns the trigger for an event.
   *
   * @internal
   */
  _trigger(event: string): Trigger | undefined {
    return this.triggers.get(event);
  }

  /**
   * Names of the outputs that a caller receives.
   *
   * @internal
   */
  get _callOutputs(): string[] {
    return [...this.outputs.keys()];
  }

  private get jobList(): JobBase[] {
    return [...this.jobs.values()];
  }

  private checkNewJob(id: string): void {
    const taken = [...this.jobs.keys()].find((other) => other.toLowerCase() === id.toLowerCase());
    if (taken === undefined) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-WF-021',
      message: `there is a job ${quoted(taken)} already: ${quoted(id)} is the same to a forge`,
      fix: 'name one of them otherwise',
      symptom: `'${id}' is already defined`,
    });
  }

  private content(problems: Problems, usesSecret: (name: string) => void): Record<string, unknown> {
    const check = new DialectCheck(this.dialect, this.props.ignoredKeys ?? IgnoredKeys.LOWER, problems);
    return renderedWorkflow({
      owner: this,
      check,
      problems,
      usesSecret,
      overrides: this.overrides,
      name: this.name,
      jobs: this.jobList,
      triggers: [...this.triggers.values()],
      isScoped: this.dialect.scopedWorkflowDirectories.some((directory) => this.path.startsWith(`${directory}/`)),
      outputs: Object.fromEntries(this.outputs),
      runName: this.props.runName,
      permissions: this.props.permissions ?? { contents: Access.READ },
      concurrency: this.props.concurrency,
      env: this.props.env,
    });
  }

  private render(): string {
    const problems = new Problems(this.node.path);
    this.beforeRendering.forEach((complete) => complete());
    const content = this.content(problems, () => undefined);
    checkDistinctKeys(content, this.dialect, problems);
    this.jobList.forEach((job) => checkRunner(job, this.repository, problems));
    this.stepJobs.forEach((job) => checkSharedHome(job, [...this.triggers.keys()], problems));
    problems.throwIfAny();
    const text = workflowFile(content, { header: this.header(), rewritten: this.dialect.facts.rewritesJobs ?? true });
    const size = Buffer.byteLength(text);
    if (size <= this.dialect.facts.fileLimit) {
      return text;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-WF-035',
      message: `the file has ${size} bytes`,
      allowed: `${this.dialect.facts.fileLimit} bytes`,
      fix: 'put long scripts into files of the repository, or split the workflow',
    });
  }

  private header(): string[] {
    const acknowledged = [...this.triggers.values()].filter((trigger) => trigger._acknowledgement);
    return [
      `Generated by cdk8s-forge from ${this.node.path}; change the program, not this file.`,
      ...[...this.triggers.values()]
        .filter((trigger) => trigger._unknownTypes)
        .map((trigger) => `unknown types of ${trigger.eventName} are thought valid: ${trigger._unknownTypes}`),
      ...acknowledged.map((trigger) => `${trigger.eventName} is thought safe: ${trigger._acknowledgement}`),
    ];
  }
}
