import * as fs from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'cdk8s';
import { RunsOn } from '../../../lib/forge';
import {
  Access,
  Condition,
  Expression,
  Input,
  JobContainer,
  Matrix,
  Step,
  Trigger,
  WorkflowEvent,
} from '../../../lib/workflow';
import { AVAILABILITY, Availability } from '../../../lib/workflow/expression/contexts';
import { permissionScopes } from '../../../lib/workflow/permissions';
import { ACTIVITIES } from '../../../lib/workflow/trigger/events';
import { filesBelow, ROOT } from '../../docs/snippets';
import { evaluated, official, officialErrors } from '../official';
import { GITEA, GITHUB, newWorkflow, textOf } from '../render';

const committed = [...filesBelow('dist', '.yml'), ...filesBelow('examples', '.yml')].filter((file) =>
  file.includes('/workflows/'),
);

test.each(committed)("GitHub's parser has nothing against %s", async (file) => {
  expect(await officialErrors(file, fs.readFileSync(path.join(ROOT, file), 'utf8'))).toEqual([]);
});

test.each([GITEA, GITHUB].map((forge) => [forge.product.name, forge] as const))(
  'it has nothing against a workflow with every key, for %s',
  async (_, forge) => {
    const input = Input.choice('level', { options: ['1.10', 'yes'], defaultValue: 'yes' });
    const repository = forge.repository('platform/hello');
    const workflow = newWorkflow({
      repository,
      runName: `run ${Expression.RUN_NUMBER}`,
      env: { EMPTY: '', TEXT: "it's: #1" },
      concurrency: { group: `build-${Expression.REF}`, cancelInProgressIf: Condition.onBranch('main').not() },
      permissions: { contents: Access.READ, packages: Access.WRITE },
      triggers: [
        Trigger.push({ branches: ['main', 'v*'], tags: ['v1.*'], pathsIgnore: ['docs/**'] }),
        Trigger.pullRequest({ types: ['opened'], branchesIgnore: ['wip/**'] }),
        Trigger.schedule({ crons: ['30 5 * * 1-5'] }),
        Trigger.dispatch({
          inputs: [
            input,
            Input.boolean('dry', { defaultValue: true }),
            Input.number('count', { defaultValue: 3 }),
            Input.text('note', { required: true, description: 'why: say so' }),
          ],
        }),
        Trigger.release({ types: ['published'] }),
        Trigger.event(WorkflowEvent.ISSUES, { types: ['opened'] }),
        Trigger.event(WorkflowEvent.CREATE),
        Trigger.workflowRun({ workflows: ['other'], acknowledgement: 'reads nothing of the run' }),
        Trigger.call({ inputs: [Input.text('target')], secrets: ['TOKEN'] }),
      ],
    });
    const matrix = Matrix.of(
      { os: ['debian', '010'] },
      { include: [{ os: 'debian', extra: 'on' }], exclude: [{ os: '010' }], failFast: false, maxParallel: 2 },
    );
    const list = Step.run({ name: 'List', script: 'ls', outputs: ['json'] });
    const first = workflow.addJob('first', {
      runsOn: RunsOn.existing('a', 'b'),
      steps: [list],
      outputs: { json: list.output('json') },
    });
    const second = workflow.addJob('second', {
      name: `Second ${matrix.value('os')}`,
      runsOn: RunsOn.existing(matrix.value('os')),
      matrix,
      needs: [first],
      if: Condition.notEqual(input.value, "it's"),
      timeout: Duration.minutes(10),
      continueOnErrorIf: Condition.equal(matrix.value('os'), 'debian'),
      container: JobContainer.of('debian:12.1', {
        env: { A: Expression.secret('A') },
        volumes: ['/data:/data:ro'],
        options: '--cpus 1',
        credentials: { username: 'ci', password: Expression.secret('PULL') },
      }),
      services: { postgres: JobContainer.of('postgres:17.2', { ports: ['5432:5432'] }) },
      env: { LEVEL: input.value, TOKEN: Expression.secret('A') },
      workingDirectory: 'sub',
      permissions: { contents: Access.WRITE },
      concurrency: { group: 'x' },
      steps: [
        Step.run({
          name: `Greet ${matrix.value('extra')}`,
          script: 'make',
          if: Condition.FAILURE.or(Condition.CANCELLED),
          timeout: Duration.minutes(1),
          continueOnError: true,
          env: { HASH: Expression.hashFiles('**/go.sum', "it's") },
        }),
        Step.run({
          name: 'Result',
          script: 'make',
          if: Condition.NOT_CANCELLED,
          workingDirectory: Expression.WORKSPACE,
        }),
      ],
    });
    const items = forge === GITHUB ? first.output('json') : '${{ vars.LIST }}';
    const computed = Matrix.computed({ item: items });
    workflow.addJob('third', {
      runsOn: RunsOn.existing('x'),
      matrix: computed,
      if: Condition.equal(second.result, 'success'),
      steps: [Step.run({ name: 'Go', script: 'make', env: { ITEM: computed.value('item'), STATUS: second.result } })],
    });
    workflow.addOutput('json', first.output('json'));
    const text = textOf(workflow);
    expect(await officialErrors('all.yml', text)).toEqual([]);
    expect(text).toMatchSnapshot();
  },
);

test('it does find what is wrong', async () => {
  expect(
    await officialErrors(
      'bad.yml',
      'on: push\njobs:\n  a:\n    needs: b\n    runs-on: x\n    steps: [{run: "${{ githb.ref }}"}]\n',
    ),
  ).not.toEqual([]);
  expect(
    await officialErrors('good.yml', 'on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: "${{ gitea.ref }}"}]\n'),
  ).toEqual([]);
});

describe('our tables are those of the official schema', () => {
  const definitions = official.schema.definitions;
  const places: [keyof typeof AVAILABILITY, string][] = [
    ['run-name', 'run-name'],
    ['concurrency', 'workflow-concurrency'],
    ['env', 'workflow-env'],
    ['on.workflow_call.inputs.default', 'workflow-call-input-default'],
    ['on.workflow_call.outputs.value', 'workflow-output-context'],
    ['jobs.if', 'job-if'],
    ['jobs.strategy', 'strategy'],
    ['jobs.name', 'string-strategy-context'],
    ['jobs.runs-on', 'runs-on'],
    ['jobs.concurrency', 'job-concurrency'],
    ['jobs.environment', 'job-environment'],
    ['jobs.environment.url', 'string-runner-context-no-secrets'],
    ['jobs.snapshot.if', 'snapshot-if'],
    ['jobs.container', 'container'],
    ['jobs.services', 'services'],
    ['jobs.container.credentials', 'container-registry-credentials'],
    ['jobs.env', 'job-env'],
    ['jobs.outputs', 'string-runner-context'],
    ['jobs.defaults.run', 'job-defaults-run'],
    ['jobs.with', 'scalar-needs-context'],
    ['jobs.secrets', 'scalar-needs-context-with-secrets'],
    ['steps.if', 'step-if'],
    ['steps.name', 'step-name'],
    ['steps.env', 'step-env'],
    ['steps.with', 'step-with'],
    ['steps.working-directory', 'string-steps-context'],
  ];

  test.each(places)('%s', (place, definition) => {
    const names = definitions[definition].context!.map((name) => name.replace(/\(.*/, ''));
    const { contexts, functions = [] }: Availability = AVAILABILITY[place];
    expect([...contexts, ...functions].sort()).toEqual(names.sort());
  });

  test('activities of events', () => {
    for (const [event, types] of Object.entries(ACTIVITIES)) {
      expect([event, types]).toEqual([
        event,
        definitions[`${event.replace(/_/g, '-')}-activity-type`]['allowed-values'],
      ]);
    }
  });

  test('scopes of permissions', () => {
    const all = Object.keys(definitions['permissions-mapping'].mapping!.properties!);
    expect([...GITHUB.product.actions.permissionScopes].sort()).toEqual(all.sort());
  });

  test('every scope has a property of its own', () => {
    const properties = GITHUB.product.actions.permissionScopes.map((scope) =>
      scope.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
    const all = Object.fromEntries(properties.map((name) => [name, Access.READ]));
    expect(Object.keys(permissionScopes(all)).sort()).toEqual([...GITHUB.product.actions.permissionScopes].sort());
  });

  test('events', () => {
    const all = Object.keys(definitions['on-mapping-strict'].mapping!.properties!);
    const own = [
      'push',
      'pull_request',
      'pull_request_target',
      'workflow_dispatch',
      'schedule',
      'workflow_call',
      'workflow_run',
      'release',
    ];
    expect([...Object.values(WorkflowEvent), ...own].sort()).toEqual(all.sort());
  });
});

describe('conditions mean what they say', () => {
  const contexts = {
    github: { ref: 'refs/heads/main', event_name: 'push', actor: 'a {me}' },
    inputs: { dry: true, text: 'false', level: 'Minor' },
    needs: { a: { outputs: { n: '1' } } },
  };
  const cases: [string, Condition, boolean][] = [
    ['on the branch', Condition.onBranch('main'), true],
    ['not on the branch', Condition.onBranch('main').not(), false],
    ['not a tag', Condition.onTag(), false],
    ['one of the events', Condition.event('pull_request', 'push'), true],
    ['text with quotes and braces', Condition.equal(Expression.ACTOR, 'A {me}'), true],
    ['text around an expression', Condition.equal(`{x} ${Expression.ACTOR}'s`, "{x} a {me}'s"), true],
    ['a boolean', Condition.isTrue(Input.boolean('dry').value), true],
    ['the text false', Condition.isTrue(Input.text('text').value), false],
    ['one of several', Condition.oneOf(Input.text('level').value, ['patch', 'minor']), true],
    ['none of several, one of which holds it', Condition.oneOf(Expression.EVENT_NAME, ['pushed']), false],
    ['and binds closer than or', Condition.onTag().and(Condition.onTag()).or(Condition.onBranch('main')), true],
    ['or inside and', Condition.onTag().and(Condition.onTag().or(Condition.onBranch('main'))), false],
    ['contains', Condition.contains(Expression.REF, 'HEADS'), true],
    [
      'starts and ends',
      Condition.startsWith(Expression.REF, 'refs/').and(Condition.endsWith(Expression.REF, '/main')),
      true,
    ],
    ['raw', Condition.raw("needs['a'].outputs.n == 1 && !cancelled()"), true],
    ['always', Condition.ALWAYS, true],
  ];

  test.each(cases)('%s', (_, condition, expected) => {
    expect(evaluated(condition._text, contexts)).toBe(expected);
  });
});
