import { App } from 'cdk8s';
import { RunsOn } from '../../../lib/forge';
import { Findings } from '../../../lib/support';
import {
  Action,
  Actions,
  CompositeAction,
  Condition,
  Expression,
  Input,
  Job,
  JobContainer,
  JobProps,
  Matrix,
  ReusableWorkflow,
  Step,
  Trigger,
  Workflow,
} from '../../../lib/workflow';
import { OutputFile } from '../../../lib/output';
import { outcomeOf } from '../../support/outcome';
import { GITHUB, newWorkflow, REPOSITORY, textOf } from '../render';

const SHA = '11bd71901bbe5b1630ceea73d27597364c9af683';
const TITLE = Expression.event('pull_request.title');
const THIRD = Action.repository('example', 'tool', { ref: 'v1', sha: SHA });
const uses = (inputs: Record<string, string>, action = THIRD) => Step.uses({ name: 'Use', action, with: inputs });
const run = (env: Record<string, string>) => Step.run({ name: 'Run', script: 'make', env });

/** The codes of what is found in a workflow for pull requests with one job. */
function found(job: Partial<JobProps>, prepare: (workflow: Workflow, job: Job) => void = () => undefined): string[] {
  const workflow = newWorkflow({ triggers: [Trigger.pullRequest()] });
  const made = workflow.addJob('build', { runsOn: RunsOn.existing('runner'), steps: [run({})], ...job });
  prepare(workflow, made);
  const outcome = outcomeOf(() => textOf(workflow));
  return 'problems' in outcome ? outcome.problems.map(({ code }) => code) : [];
}

describe('text that another person can choose', () => {
  test.each([
    TITLE,
    Expression.HEAD_REF,
    Expression.REF_NAME,
    Expression.raw('GitHub.Head_Ref'),
    Expression.raw("github['head_ref']"),
    Expression.raw('github.event.commits.*.message'),
    Expression.raw('toJSON(github.event)'),
    Expression.raw("format('{0}', github.head_ref)"),
    Expression.raw("github.ref == 'refs/heads/main' && github.head_ref || 'x'"),
    Expression.raw('github[github.actor]'),
  ])('is no data to an unknown action: %s', (text) => {
    expect(found({ steps: [uses({ version: `v-${text}` })] })).toEqual(['FORGE-WF-051']);
    expect(found({ steps: [run({ VERSION: `v-${text}` })] })).toEqual([]);
  });

  test.each([
    Expression.SHA,
    Expression.RUN_NUMBER,
    Expression.REPOSITORY,
    Expression.event('pull_request.number'),
    Expression.event('pull_request.head.sha'),
    Expression.raw("contains(github.event.head_commit.message, 'x')"),
    Expression.raw("github.head_ref == 'main'"),
    Expression.raw('!github.event.pull_request.draft'),
    'fixed',
  ])('%s is fixed by the forge, or only a boolean', (text) => {
    expect(found({ steps: [uses({ script: text, args: text })] })).toEqual([]);
  });

  test.each([
    [
      'args and entrypoint of an image',
      { steps: [uses({ entrypoint: 'sh', args: TITLE }, Action.docker('alpine:3.20'))] },
    ],
    ['an action of the repository', { steps: [uses({ x: TITLE }, Action.local('./actions/x'))] }],
    [
      'an action in other case',
      { steps: [uses({ Script: TITLE }, Action.repository('Example', 'Tool', { ref: 'v1', sha: SHA }))] },
    ],
    ['the file of a build', { steps: [Actions.buildPush({ name: 'b', file: TITLE })] }],
    ['the directory of a script', { steps: [Step.run({ name: 'r', script: 'make', workingDirectory: TITLE })] }],
    ['the directory of a job', { workingDirectory: Expression.REF_NAME }],
    ['the image of a container', { container: JobContainer.of(`node:${Expression.REF_NAME}`) }],
    [
      'options of a container',
      { container: JobContainer.of('node:22.21.0', { options: `--label ${Expression.HEAD_REF}` }) },
    ],
    ['the image of a service', { services: { db: JobContainer.of(`db:${Expression.HEAD_REF}`) } }],
    ['the runner', { runsOn: RunsOn.existing(Expression.HEAD_REF) }],
  ])('is rejected in %s', (_, job) => {
    expect(found(job)).toEqual(['FORGE-WF-051']);
  });

  test.each([
    'BASH_ENV',
    'ENV',
    'LD_PRELOAD',
    'NODE_OPTIONS',
    'Path',
    'GIT_SSH_COMMAND',
    'PYTHONSTARTUP',
    'https_proxy',
  ])('is rejected in the variable %s, which a program interprets, also from a step or a job', (name) => {
    expect(found({ steps: [run({ [name]: TITLE })] })).toEqual(['FORGE-WF-051']);
    expect(found({ env: { [name]: Expression.HEAD_REF } })).toEqual(['FORGE-WF-051']);
    const compute = Step.run({ name: 'Compute', script: 'make', outputs: ['x'] });
    expect(found({ steps: [compute, run({ [name]: compute.output('x') })] })).toEqual(['FORGE-WF-051']);
    expect(found({ steps: [run({ [name]: '/fixed' })] })).toEqual([]);
    expect(found({ steps: [run({ [`MY_${name}`]: TITLE })] })).toEqual([]);
  });

  test('is data to the inputs of well-known actions that treat it as data', () => {
    const steps = [
      Actions.checkout({ name: 'c', ref: Expression.HEAD_REF }),
      Actions.metadata({ name: 'm', images: ['example.com/app'], tags: [`type=raw,value=${Expression.REF_NAME}`] }),
      Actions.buildPush({ name: 'b', tags: [`example.com/app:${Expression.REF_NAME}`], buildArgs: [`T=${TITLE}`] }),
      Actions.cache({ name: 'k', paths: ['x'], key: Expression.HEAD_REF }),
      uses({ ref: Expression.HEAD_REF }, Action.url('https://github.com/actions/checkout', { ref: 'v4', sha: SHA })),
    ];
    expect(found({ steps })).toEqual([]);
  });

  test('is followed through the environment', () => {
    const through = { version: Expression.environment('TITLE') };
    const step = (env: Record<string, string>) => Step.uses({ name: 'Use', action: THIRD, env, with: through });
    expect(found({ steps: [step({ TITLE })] })).toEqual(['FORGE-WF-051']);
    expect(found({ env: { title: TITLE }, steps: [step({})] })).toEqual(['FORGE-WF-051']);
    expect(found({ env: { TITLE: 'fixed' }, steps: [step({})] })).toEqual([]);
    expect(found({ env: { TITLE }, steps: [step({ TITLE: 'fixed' })] })).toEqual([]);
  });

  test('is followed through inputs and matrices', () => {
    const [text, choice] = [Input.text('who'), Input.choice('where', { options: ['a', 'b'] })];
    const dispatch = (workflow: Workflow) => workflow.addTrigger(Trigger.dispatch({ inputs: [text, choice] }));
    expect(found({ steps: [uses({ x: text.value })] }, dispatch)).toEqual(['FORGE-WF-051']);
    expect(found({ steps: [uses({ x: choice.value })] }, dispatch)).toEqual([]);
    const fixed = Matrix.of({ os: ['a', 'b'] });
    const chosen = Matrix.of({ os: [Expression.raw('github.event.pull_request.title')] });
    expect(found({ matrix: fixed, steps: [uses({ x: fixed.value('os') })] })).toEqual([]);
    expect(found({ matrix: chosen, steps: [uses({ x: chosen.value('os') })] })).toEqual(['FORGE-WF-051']);
  });

  test('reaches what a step computed only where the input is no code', () => {
    const compute = Step.run({ name: 'Compute', script: 'make', outputs: ['x'] });
    expect(found({ steps: [compute, uses({ version: compute.output('x') })] })).toEqual([]);
    expect(found({ steps: [compute, uses({ run: compute.output('x') })] })).toEqual(['FORGE-WF-051']);
  });

  test('is checked inside a composite action, whose inputs may then be anything', () => {
    const app = new App();
    const who = Input.text('who');
    const make = (id: string, step: Step) =>
      new CompositeAction(app, id, { repository: REPOSITORY, description: 'x', inputs: [who], steps: [step] });
    const safe = make('safe', run({ WHO: who.value }));
    expect(found({ steps: [safe.use({ name: 'Use', with: { who: TITLE } })] })).toEqual([]);
    const content = (action: CompositeAction) => action.node.children.find(OutputFile.isOutputFile)!.content;
    expect(() => content(safe)).not.toThrow();
    expect(outcomeOf(() => content(make('code', uses({ x: who.value }))))).toMatchObject({
      problems: [{ code: 'FORGE-WF-051', path: 'code' }],
    });
  });

  test('is checked inside a workflow of this cdk8s app that is called; another workflow gets fixed text', () => {
    const other = { repository: 'platform/ci', path: '.github/workflows/x.yml', ref: SHA, inputs: ['who'] };
    const call = (workflow: Workflow, target: ReusableWorkflow) =>
      workflow.addCall('call', { workflow: target, with: { who: Expression.HEAD_REF } });
    expect(found({}, (workflow) => call(workflow, ReusableWorkflow.remote(other)))).toEqual(['FORGE-WF-051']);
    const called = newWorkflow({ triggers: [Trigger.call({ inputs: [Input.text('who')] })] }, 'called');
    expect(found({}, (workflow) => call(workflow, ReusableWorkflow.local(called)))).toEqual([]);
  });

  test('is accepted with a reason at the job', () => {
    const accept = (_: Workflow, job: Job) => Findings.of(job).acknowledge('FORGE-WF-051', 'only members push');
    expect(found({ steps: [uses({ x: TITLE })] }, accept)).toEqual([]);
  });
});

describe('a pull request on a runner whose jobs share a home', () => {
  const shared = (sharedHome: boolean | undefined) => {
    const runsOn = RunsOn.existing('runner');
    return {
      ...runsOn,
      jobLabels: runsOn.jobLabels,
      canRunJobsOf: () => true,
      capabilities: { ...runsOn.capabilities, sharedHome },
    };
  };

  test('is an error, unless the job is in a container, is for other events, or the runner is new for each job', () => {
    expect(found({ runsOn: shared(true) })).toEqual(['FORGE-WF-052']);
    expect(found({ runsOn: shared(false) })).toEqual([]);
    expect(found({ runsOn: shared(undefined) })).toEqual([]);
    expect(found({ runsOn: shared(true), container: JobContainer.of('node:22.21.0') })).toEqual([]);
    expect(found({ runsOn: shared(true), if: Condition.event('push') })).toEqual([]);
    expect(found({ runsOn: shared(true), if: Condition.event('push').and(Condition.onBranch('main')) })).toEqual([]);
    expect(found({ runsOn: shared(true), if: Condition.event('push', 'pull_request') })).toEqual(['FORGE-WF-052']);
    expect(found({ runsOn: shared(true), if: Condition.event('pull_request') })).toEqual(['FORGE-WF-052']);
  });

  test('is no matter for a workflow that pull requests do not start', () => {
    const workflow = newWorkflow({ repository: GITHUB.repository('a/b'), triggers: [Trigger.push()] });
    workflow.addJob('build', { runsOn: shared(true), steps: [run({})] });
    expect(() => textOf(workflow)).not.toThrow();
  });

  test('is accepted with a reason at the workflow', () => {
    const accept = (workflow: Workflow) => Findings.of(workflow).acknowledge('FORGE-WF-052', 'no credential is there');
    expect(found({ runsOn: shared(true) }, accept)).toEqual([]);
  });
});
