import { App } from 'cdk8s';
import { RunsOn } from '../../../lib/forge';
import {
  Access,
  Actions,
  Condition,
  Expression,
  Input,
  PullRequestTriggerProps,
  PushTriggerProps,
  ReusableWorkflow,
  Step,
  Trigger,
  Workflow,
  WorkflowEvent,
  WorkflowProps,
} from '../../../lib/workflow';
import { checkCron } from '../../../lib/workflow/trigger/cron';
import { evaluated } from '../official';
import { accepts, codesOf } from '../../support/problems';
import { FORGEJO, GITEA, GITHUB, newWorkflow, rendered, textOf } from '../render';

describe('words that the library does not know', () => {
  test('a custom trigger is written as given, on every forge', () => {
    for (const forge of [GITEA, FORGEJO, GITHUB]) {
      const text = rendered(
        {},
        {
          repository: forge.repository('a/b'),
          triggers: [Trigger.custom('sub_issues', { types: ['sub_issue_added'] })],
        },
      );
      expect(text).toContain('on:\n  sub_issues:\n    types:\n      - sub_issue_added\n');
    }
  });

  test.each(['push', 'schedule', 'issues', 'workflow_call', 'Sub-issues', '', 'a b'])(
    '%j is no custom trigger',
    (name) => {
      accepts(
        () => Trigger.custom('push_'),
        () => Trigger.custom('sub_issues'),
      );
      expect(codesOf(() => Trigger.custom(name))).toEqual(['FORGE-WF-024']);
    },
  );

  test('an unknown activity needs a reason, which stands in the file', () => {
    const trigger = Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'], allowUnknownTypes: 'new since 2025' });
    const text = rendered({}, { repository: GITHUB.repository('a/b'), triggers: [trigger] });
    expect(text).toContain('# unknown types of issues are thought valid: new since 2025\n');
    expect(text).toContain('  issues:\n    types:\n      - frozen\n');
    accepts(() => Trigger.event(WorkflowEvent.ISSUES, { types: ['opened'] }));
    expect(codesOf(() => Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'] }))).toEqual(['FORGE-WF-027']);
    expect(codesOf(() => Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'], allowUnknownTypes: ' ' }))).toEqual([
      'FORGE-WF-029',
    ]);
  });

  test('a permission that the library does not know is written as given', () => {
    const text = rendered({ permissions: { contents: Access.READ, other: { 'new-scope': Access.WRITE } } });
    expect(text).toContain('    permissions:\n      contents: read\n      new-scope: write\n');
    expect(codesOf(() => rendered({ permissions: { pages: Access.READ } }))).toEqual(['FORGE-WF-045']);
    const twice = { contents: Access.READ, other: { contents: Access.WRITE } };
    expect(codesOf(() => rendered({ permissions: twice }))).toEqual(['FORGE-WF-045']);
    accepts(() => rendered({ permissions: { ...twice, other: { pages: Access.WRITE } } }));
  });
});

test.each(['GITHUB_COM_TOKEN', 'RUNNER_TOOL_CACHE', 'CI', 'GITEA_ADMIN_TOKEN', 'GITHUB_TOKEN'])(
  '%s may be set',
  (name) => {
    expect(rendered({ env: { [name]: 'x' } })).toContain(`${name}: x\n`);
  },
);

describe('workflows that are called', () => {
  const remote = (repository: string) =>
    ReusableWorkflow.remote({ repository, path: '.gitea/workflows/x.yml', ref: 'v1', inputs: ['password'] });
  const call = (forge: typeof GITEA, repository: string, value: string) => {
    const workflow = newWorkflow({ repository: forge.repository('a/b') });
    const runsOn = forge === FORGEJO ? RunsOn.existing('docker') : undefined;
    workflow.addCall('x', { workflow: remote(repository), with: { password: value }, runsOn });
    return textOf(workflow);
  };

  test('an absolute URL is known to Gitea and Forgejo', () => {
    for (const forge of [GITEA, FORGEJO]) {
      expect(call(forge, 'https://gitea.com/platform/ci', 'x')).toContain(
        'uses: https://gitea.com/platform/ci/.gitea/workflows/x.yml@v1\n',
      );
    }
    expect(codesOf(() => call(GITHUB, 'https://gitea.com/platform/ci', 'x'))).toEqual(['FORGE-WF-039']);
    expect(call(GITHUB, 'platform/ci', 'x')).toContain('uses: platform/ci/');
    expect(codesOf(() => remote('ftp://gitea.com/platform/ci'))).toEqual(['FORGE-WF-039']);
    expect(codesOf(() => remote('https://me:pw@gitea.com/platform/ci'))).toEqual(['FORGE-WF-039']);
  });

  test('a secret in `with` is resolved by Gitea and Forgejo', () => {
    for (const forge of [GITEA, FORGEJO]) {
      expect(call(forge, 'platform/ci', '${{ secrets.A }}')).toContain('password: ${{ secrets.A }}\n');
    }
    expect(codesOf(() => call(GITHUB, 'platform/ci', '${{ secrets.A }}'))).toEqual(['FORGE-WF-012']);
  });
});

describe('filters that admit nothing', () => {
  test.each<[PushTriggerProps, PushTriggerProps]>([
    [{ tagsIgnore: ['**'], paths: ['project.yaml'] }, { paths: ['project.yaml'] }],
    [{ tagsIgnore: ['**'] }, { tagsIgnore: ['*'] }],
    [{ tagsIgnore: ['v1', '*', '*/**'] }, { tagsIgnore: ['v1', '*', 'a/**'] }],
    [{ branchesIgnore: ['**'] }, { branchesIgnore: ['a/**'] }],
    [
      { branchesIgnore: ['**'], tagsIgnore: ['**'] },
      { branchesIgnore: ['*'], tagsIgnore: ['**'] },
    ],
    [{ branches: ['main', '!**'] }, { branches: ['!**', 'main'] }],
    [
      { pathsIgnore: ['**'], branches: ['main'] },
      { pathsIgnore: ['*'], branches: ['main'] },
    ],
    [
      { paths: ['src/**', '!**'], tagsIgnore: ['**'] },
      { paths: ['src/**', '!src/a'], branches: ['**'], tagsIgnore: ['**'] },
    ],
  ])('%j never starts, and %j can', (filters, neighbour) => {
    accepts(() => Trigger.push(neighbour));
    expect(codesOf(() => Trigger.push(filters))).toEqual(['FORGE-WF-024']);
  });
  test.each([
    { tagsIgnore: ['**'], branches: ['**'], paths: ['project.yaml'] },
    { tagsIgnore: ['*'] },
    { tagsIgnore: ['v*'] },
    { branchesIgnore: ['**'], tags: ['v*'] },
    { branches: ['!**', 'main'] },
    { branches: ['main', '!**', 'release'] },
    { pathsIgnore: ['**'] },
    { pathsIgnore: ['docs/**'], branches: ['main'] },
    { tags: ['v*'], paths: ['src/**'] },
  ] as PushTriggerProps[])('%j starts', (filters) => {
    rendered({}, { triggers: [Trigger.push(filters)] });
  });
  test.each([{ branchesIgnore: ['**'] }, { pathsIgnore: ['**'] }] as PullRequestTriggerProps[])(
    'a pull request never starts %j',
    (filters) => {
      expect(codesOf(() => Trigger.pullRequest(filters))).toEqual(['FORGE-WF-024']);
      accepts(() => Trigger.pullRequest({ branchesIgnore: ['wip/**'], pathsIgnore: ['docs/**'] }));
    },
  );
  test('paths beside tags say nothing, and that is said', () => {
    const warnings = (filters: PushTriggerProps) => newWorkflow({ triggers: [Trigger.push(filters)] }).warnings;
    expect(warnings({ tagsIgnore: ['v*'], paths: ['src/**'] })).toEqual([expect.stringContaining('no branch')]);
    expect(warnings({ branches: ['main'], tagsIgnore: ['v*'], paths: ['src/**'] })).toEqual([]);
  });
});

describe('booleans', () => {
  const dry = Input.boolean('dry');
  const triggers = [Trigger.dispatch({ inputs: [dry, Input.text('level')] })];
  const condition = (condition: Condition) => rendered({ if: condition }, { triggers });

  test.each([
    Condition.equal(dry.value, 'true'),
    Condition.equal('true', dry.value),
    Condition.notEqual(dry.value, 'false'),
    Condition.oneOf(dry.value, ['true']),
    Condition.isTrue(dry.value),
    Condition.equal(Expression.event('pull_request.draft'), 'true'),
  ])('is compared as text: %#', (one) => {
    const values = { inputs: { dry: true }, github: { event: { pull_request: { draft: true } } } };
    expect(evaluated(one._text, values)).toBe(true);
    expect(evaluated(one._text, { inputs: { dry: false }, github: { event: { pull_request: {} } } })).toBe(false);
    condition(one);
  });
  test.each(["inputs.dry == 'true'", "'yes' != inputs.dry", "inputs['DRY'] == 'false' && true", "(inputs.dry) == 'x'"])(
    '%s never changes',
    (text) => {
      accepts(
        () => condition(Condition.raw('inputs.dry == true')),
        () => condition(Condition.raw("github.ref == 'true'")),
      );
      expect(codesOf(() => condition(Condition.raw(text)))).toEqual(['FORGE-WF-037']);
      expect(codesOf(() => rendered({ env: { A: `\${{ ${text} }}` } }, { triggers }))).toEqual(['FORGE-WF-037']);
    },
  );
  test.each([
    'inputs.dry == true',
    "inputs.dry == '1'",
    "inputs.level == 'true'",
    "!inputs.dry && inputs.level != 'x'",
  ])('%s may', (text) => {
    condition(Condition.raw(text));
  });
  test('the outputs of steps and texts stay as they are', () => {
    const step = Step.run({ name: 'a', script: 'ls', outputs: ['v'] });
    expect(Condition.equal(step.output('v'), 'true')._text).toMatch(/^steps\[.*\]\.outputs\.v == 'true'$/);
    expect(Condition.equal(Input.text('level').value, 'patch')._text).toBe("inputs.level == 'patch'");
  });

  const local = (value: string, input = Input.boolean('dry')) => {
    const callee = newWorkflow({ triggers: [Trigger.call({ inputs: [input] })] }, 'callee');
    const caller = newWorkflow();
    caller.addCall('x', { workflow: ReusableWorkflow.local(callee), with: { dry: value } });
    return textOf(caller);
  };
  test('a called workflow of the app gets booleans and numbers in their type', () => {
    expect(local('true')).toContain('      dry: true\n');
    expect(local('false')).toContain('      dry: false\n');
    expect(local('3', Input.number('dry'))).toContain('      dry: 3\n');
    expect(local('true', Input.text('dry'))).toContain("      dry: 'true'\n");
    expect(local("${{ github.ref == 'x' }}")).toContain("dry: ${{ github.ref == 'x' }}\n");
    expect(codesOf(() => local('yes'))).toEqual(['FORGE-WF-039']);
    expect(codesOf(() => local('many', Input.number('dry')))).toEqual(['FORGE-WF-039']);
    // With text around it, the value of an expression is always text.
    for (const text of ["x${{ github.ref == 'a' }}", '${{ true }} ', '${{ true }}${{ false }}']) {
      expect(codesOf(() => local(text))).toEqual(['FORGE-WF-039']);
      expect(local(text, Input.text('dry'))).toContain('dry:');
    }
    // A forge would round it.
    expect(codesOf(() => local('12345678901234567890', Input.number('dry')))).toEqual(['FORGE-WF-039']);
    expect(local('-123456789012345', Input.number('dry'))).toContain('dry: -123456789012345\n');
    expect(local('0.1', Input.number('dry'))).toContain('dry: 0.1\n');
  });

  describe('a boolean or number of a called workflow that gets text', () => {
    const text = Input.text('level');
    const boolean = Input.boolean('flag');
    const called = (
      value: string,
      { repository = GITHUB.repository('example/app'), to = Input.boolean('dry') } = {},
    ) => {
      const callee = newWorkflow({ repository, triggers: [Trigger.call({ inputs: [to] })] }, 'callee');
      const caller = newWorkflow({ repository, triggers: [Trigger.dispatch({ inputs: [text, boolean] })] });
      const steps = [Step.run({ name: 'a', script: 'ls' })];
      caller.addJob('first', { runsOn: RunsOn.existing('x'), steps, outputs: { v: 'x' } });
      caller.addCall('x', { workflow: ReusableWorkflow.local(callee), with: { dry: value } });
      return caller;
    };
    const output = '${{ needs.first.outputs.v }}';

    test.each([text.value, '${{ INPUTS.Level }}', output, '${{ needs.first.result }}', '${{ vars.DRY }}'])(
      'is an error at GitHub, which refuses it: %s',
      (value) => {
        expect(codesOf(() => textOf(called(value)))).toEqual(['FORGE-WF-039']);
        expect(codesOf(() => textOf(called(value, { to: Input.number('dry') })))).toEqual(['FORGE-WF-039']);
        accepts(
          () => textOf(called(value, { to: Input.text('dry') })),
          () => textOf(called(Expression.fromJson(value))),
        );
      },
    );

    test.each([boolean.value, "${{ inputs.level == 'a' }}", '${{ github.event.pull_request.draft }}'])(
      'is none if the type fits, or is not known: %s',
      (value) => accepts(() => textOf(called(value))),
    );

    test('is a warning elsewhere, if somebody writes the text: the forge passes it on', () => {
      const repository = GITEA.repository('example/app');
      const warnings = (value: string) => called(value, { repository }).warnings;
      expect(warnings(text.value)).toEqual([
        'build/x: "dry" of the called workflow is a boolean and gets the text input "level": Gitea 1.27 passes on any text; declare Input.boolean(…), or pass Expression.fromJson(…)',
      ]);
      // A variable of an input's name is no input.
      const others = [boolean.value, output, Expression.fromJson(text.value), '${{ vars.level }}'];
      expect(others.flatMap(warnings)).toEqual([]);
      accepts(() => textOf(called(text.value, { repository })));
    });
  });

  test('an action gets a boolean that the run decides', () => {
    const build = { name: 'Build', tags: ['example.com/a:1'] };
    const text = rendered({ steps: [Actions.buildPush({ ...build, pushIf: Condition.onBranch('main') })] });
    expect(text).toContain("push: ${{ github.ref == 'refs/heads/main' }}\n");
    expect(codesOf(() => Actions.buildPush({ ...build, push: true, pushIf: Condition.ALWAYS }))).toEqual([
      'FORGE-WF-031',
    ]);
    expect(codesOf(() => Actions.buildPush({ name: 'Build', pushIf: Condition.onBranch('main') }))).toEqual([
      'FORGE-WF-031',
    ]);
    const onMain = Condition.onBranch('main');
    accepts(
      () => Actions.buildPush({ ...build, pushIf: onMain, loadIf: onMain.not() }),
      () => Actions.buildPush({ ...build, push: true, load: false }),
    );
  });

  test('an action takes a boolean as an expression, as in a workflow file, and no other text', () => {
    const build = { name: 'Build', tags: ['example.com/a:1'] };
    const push = (text: string) => Actions.buildPush({ ...build, push: text as never });
    expect(rendered({ steps: [push("${{ github.ref == 'refs/heads/main' }}")] })).toContain(
      "push: ${{ github.ref == 'refs/heads/main' }}\n",
    );
    ['yes', 'true', '${{ a }} and ${{ b }}', 'x${{ a }}'].forEach((text) =>
      expect(codesOf(() => push(text))).toEqual(['FORGE-ARG-001']),
    );
  });
});

test('an output that a job does not declare is noticed in plain text too', () => {
  const use = (text: string) => {
    const workflow = newWorkflow();
    const job = { runsOn: RunsOn.existing('x') };
    const list = Step.run({ name: 'List', script: 'ls', outputs: ['v'] });
    workflow.addJob('a', { ...job, steps: [list], outputs: { v: list.output('v') } });
    workflow.addJob('b', { ...job, steps: [Step.run({ name: 'Use', script: 'ls', env: { V: text } })] });
    return textOf(workflow);
  };
  expect(codesOf(() => use('${{ needs.a.outputs.undeclared }}'))).toEqual(['FORGE-WF-016']);
  expect(codesOf(() => use('${{ needs.a.results }}'))).toEqual(['FORGE-WF-016']);
  accepts(() => use('${{ needs.a.result }}'));
  const text = use('${{ needs.a.outputs.v }}');
  expect(text).toContain('V: ${{ needs.a.outputs.v }}\n');
  expect(text).toContain('    needs:\n      - a\n');
});

test('two workflows of one repository have two files', () => {
  const app = new App();
  const made = (id: string, props: Partial<WorkflowProps> = {}) =>
    new Workflow(app, id, { repository: GITEA.repository('a/b'), triggers: [Trigger.push()], ...props });
  made('build');
  expect(codesOf(() => made('one', { fileName: 'build.yml', inThisRepository: true }))).toEqual(['FORGE-WF-035']);
  expect(codesOf(() => made('two', { fileName: 'Build.yml' }))).toEqual(['FORGE-WF-035']);
  accepts(
    () => made('three', { fileName: 'build.yml', repository: GITEA.repository('a/c') }),
    () => made('four'),
    () => made('five', { fileName: 'build-5.yml', inThisRepository: true }),
  );
});

test.each(['secrets', 'vars'])('names of %s are judged by the product', (context) => {
  const use = (forge: typeof GITEA, name: string) =>
    rendered({ env: { A: `\${{ ${context}.${name} }}` } }, { repository: forge.repository('a/b') });
  use(GITHUB, 'GITEA_THING');
  use(GITHUB, 'FORGEJO_THING');
  use(GITEA, 'FORGEJO_THING');
  expect(codesOf(() => use(GITEA, 'GITEA_THING'))).toEqual(['FORGE-WF-001']);
  expect(codesOf(() => use(FORGEJO, 'FORGEJO_THING'))).toEqual(['FORGE-WF-001']);
  expect(codesOf(() => use(GITHUB, 'GITHUB_THING'))).toEqual(['FORGE-WF-001']);
  expect(Expression.secret('GITEA_THING')).toBe('${{ secrets.GITEA_THING }}');
  expect(codesOf(() => Expression.secret('GITHUB_THING'))).toEqual(['FORGE-WF-001']);
});

test.each([
  ['  0  5 * * 1', true],
  ['0 5 1,,15 * *', true],
  ['TZ= 0 5 * * *', true],
  ['CRON_TZ=Europe/Zurich @daily', true],
  ['0 5 ? * MON-FRI', true],
  ['*/90 * * * *', true],
  ['CRON_TZ=Nowhere/Land 0 5 * * *', false],
  ['TZ=UTC', false],
  ['0 5 , * *', false],
  ['*/0 * * * *', false],
  ['0 5 31 2 *', false],
  ['1-2-3 * * * *', false],
])('Gitea reads the schedule %s: %p', (cron, isRead) => {
  const read = () => checkCron(cron, true);
  if (isRead) {
    expect(read).not.toThrow();
  } else {
    expect(codesOf(read)).toEqual(['FORGE-WF-026']);
  }
});
