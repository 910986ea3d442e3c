// Details that no other test of this room holds: edges of rules, and values that are passed through.
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { RunsOn } from '../../lib/forge';
import { adviceAt } from '../../lib/support';
import {
  Action,
  Actions,
  CompositeAction,
  Condition,
  Expression,
  IStepSource,
  Matrix,
  Step,
  Trigger,
  WorkflowEvent,
} from '../../lib/workflow';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { FORGEJO, GITEA, GITHUB, newWorkflow, rendered, renderedEnv, textOf } from './render';

const step = (name: string, props = {}) => Step.run({ name, script: 'make', ...props });

test.each(['1A', 'A-B', 'A B', 'A.B', 'A\n', '', ' A', 'github_x', 'GITHUB_', 'A-GITHUB_'])(
  'no secret and no variable is named %j',
  (name) => {
    expect(codesOf(() => Expression.secret(name))).toEqual(['FORGE-WF-001']);
    expect(codesOf(() => Expression.variable(name))).toEqual(['FORGE-WF-001']);
    accepts(
      ...['A', '_', 'a1', 'A_GITHUB_', '_GITHUB_', 'GITHUBX'].map((good) => () => {
        Expression.secret(good);
        Expression.variable(good);
      }),
    );
  },
);

test('one file may be uploaded without an archive, and several may not', () => {
  const upload = (paths: string[], archive?: boolean) =>
    Actions.uploadArtifact({ name: 'Up', paths, ...(archive === undefined ? {} : { archive }) });
  expect(codesOf(() => upload(['a', 'b'], false))).toHaveLength(1);
  accepts(
    () => upload(['a'], false),
    () => upload(['a', 'b'], true),
    () => upload(['a', 'b']),
  );
});

test('a value that decides something is given once: the name of the property is in the error', () => {
  const both = { includeHiddenFiles: true, includeHiddenFilesIf: Condition.ALWAYS };
  const [problem] = problemsOf(() => Actions.uploadArtifact({ name: 'Up', paths: ['a'], ...both }));
  expect(problem.message).toContain('includeHiddenFiles');
  const [other] = problemsOf(() =>
    Actions.uploadArtifact({ name: 'Up', paths: ['a'], overwrite: true, overwriteIf: Condition.ALWAYS }),
  );
  expect(other.message).toContain('overwrite');
  accepts(() => Actions.uploadArtifact({ name: 'Up', paths: ['a'], includeHiddenFiles: true, overwrite: true }));
});

describe('a step that waits', () => {
  const app = GITHUB.repository('example/app');
  const waiting = (props: object) => {
    const workflow = newWorkflow({ repository: app });
    const server = step('Serve', { background: true, outputs: ['port'] });
    workflow.addJob('build', {
      runsOn: RunsOn.existing('x'),
      steps: [server, Step.wait({ name: 'Wait', steps: [server], ...props })],
    });
    return parse(textOf(workflow)).jobs.build.steps[1] as Record<string, unknown>;
  };

  test('may fail only if it says so', () => {
    expect(waiting({})).not.toHaveProperty('continue-on-error');
    expect(waiting({ continueOnError: false })).not.toHaveProperty('continue-on-error');
    expect(waiting({ continueOnError: true })).toMatchObject({ 'continue-on-error': true });
  });

  test('is in no group of parallel steps, and neither is a group or a step in the background', () => {
    const server = step('Serve', { background: true });
    const group = (...steps: IStepSource[]) => {
      const workflow = newWorkflow({ repository: app });
      workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps: [Step.parallel(steps)] });
    };
    expect(codesOf(() => group(step('a'), Step.wait({ name: 'Wait', steps: [server] })))).toEqual(['FORGE-WF-065']);
    expect(codesOf(() => group(step('a'), server))).toEqual(['FORGE-WF-065']);
    accepts(() => group(step('a'), step('b')));
  });
});

test('a schedule that ends after its time zone has no fields, and an unknown time zone is named', () => {
  const messages = (schedule: string, forge = GITEA) =>
    problemsOf(() =>
      rendered({}, { repository: forge.repository('a/b'), triggers: [Trigger.schedule({ crons: [schedule] })] }),
    ).map(({ message }) => message);
  expect(messages('TZ=Europe/Berlin')[0]).toContain('no fields follow the time zone');
  expect(messages('CRON_TZ=Nowhere/City 0 3 * * *')[0]).toContain('"Nowhere/City" is no time zone');
  expect(messages('TZ=', FORGEJO)[0]).toContain('no fields follow the time zone');
  accepts(() =>
    rendered(
      {},
      { repository: GITEA.repository('a/b'), triggers: [Trigger.schedule({ crons: ['TZ=Europe/Berlin 0 3 * * *'] })] },
    ),
  );
});

test('a filter takes no expression, but may have its characters', () => {
  const push = (pattern: string) => rendered({}, { triggers: [Trigger.push({ branches: [pattern] })] });
  expect(problemsOf(() => push('release/${{ inputs.a }}'))[0].message).toContain('a filter takes no expression');
  accepts(
    () => push('release/$x'),
    () => push('release/{a}'),
  );
});

test('a part of a secret is taken out of no text, whatever stands beside the secret', () => {
  const codes = (text: string) => codesOf(() => renderedEnv({ A: text }));
  expect(codes('${{ fromJSON(secrets.A)[github.ref_name] }}')).toContain('FORGE-WF-014');
  expect(codes('${{ github.ref == fromJSON(secrets.A).b }}')).toContain('FORGE-WF-014');
  accepts(() => renderedEnv({ A: '${{ fromJSON(vars.A)[github.ref_name] }}' }));
});

test('the group of a runner stands beside its labels', () => {
  const runsOn = (props: object) =>
    parse(rendered({ runsOn: RunsOn.existing('a', 'b'), ...props }, { repository: GITHUB.repository('a/b') })).jobs;
  expect(Object.values(runsOn({ runnerGroup: 'large' }))).toMatchObject([
    { 'runs-on': { group: 'large', labels: ['a', 'b'] } },
  ]);
  expect(Object.values(runsOn({}))).toMatchObject([{ 'runs-on': ['a', 'b'] }]);
});

test('indexes keep their form in an expression, and so does what stands around them', () => {
  const matrix = Matrix.of({ os: ['a'] });
  const text = renderedEnv({ A: "${{ format('{0}-{1}', matrix.os, github.event['x y']) }}" }, { matrix });
  expect(text).toContain("format('{0}-{1}', matrix.os, github.event['x y'])");
});

test('a workflow reaches where its actions are fetched from, if they are not in the repository', () => {
  const reached = (used: Step) => {
    const workflow = newWorkflow();
    workflow.addJob('build', { runsOn: RunsOn.existing('runner'), steps: [used] });
    return workflow.reaches;
  };
  const uses = (action: Action) => reached(Step.uses({ name: 'Use', action }));
  const greet = new CompositeAction(new App(), 'greet', {
    repository: GITEA.repository('platform/hello'),
    description: 'Greets',
    steps: [step('a')],
  });
  expect(reached(greet.use({ name: 'Greet' }))).toEqual([]);
  expect(uses(Action.local('./.gitea/actions/greet'))).toEqual([]);
  expect(uses(Action.self('./.gitea/actions/greet'))).toEqual([]);
  expect(uses(Action.repository('acme', 'lint', { ref: 'v4' }))).toEqual(['https://github.com/acme/lint']);
  expect(uses(Action.url('https://gitea.com/me/act', { ref: 'v1' }))).toEqual(['https://gitea.com/me/act']);
});

test('the diagram has a workflow as its file, from its repository, for what starts it', () => {
  const workflow = newWorkflow({ triggers: [Trigger.push(), Trigger.dispatch()] });
  const links = adviceAt(workflow).flatMap((advice) => advice.links ?? []);
  expect(links.map(({ to, label }) => [to, label])).toEqual([
    [{ kind: 'workflow', name: 'build', label: ['workflow', 'build.yml'] }, 'push, workflow_dispatch'],
  ]);
});

test('an expression that is not finished says what is wanted, and an input says its place', () => {
  const [unfinished] = problemsOf(() => Condition.raw("contains('a', 'b'"));
  expect(unfinished.fix).toBe('")" is wanted there');
  const uses = (value: string) =>
    rendered({ steps: [Step.uses({ name: 'Use', action: Action.local('./a'), with: { path: value } })] });
  const [unknown] = problemsOf(() => uses('${{ steps.none.outputs.v }}'));
  expect(unknown.message).toContain('with.path of step "Use"');
  accepts(() => uses('${{ github.sha }}'));
});

describe('schedules', () => {
  const read = (cron: string, forge: typeof GITEA) => () => {
    const repository = forge.repository('platform/hello');
    const workflow = newWorkflow({ repository, triggers: [Trigger.schedule({ crons: [cron] })] });
    workflow.addJob('build', { runsOn: RunsOn.existing('runner'), steps: [step('Build')] });
    return textOf(workflow);
  };

  test.each([
    ['a second step', '5-40/5/2 * * * *', '5-40/5 * * * *'],
    ['a step that is no number', '*/a5 * * * *', '*/5 * * * *'],
    ['a step with letters behind it', '*/5a * * * *', '*/05 * * * *'],
    ['a step of nothing', '*/0 * * * *', '*/10 * * * *'],
    ['a range that runs backwards', '40-5 * * * *', '5-40 * * * *'],
    ['a range of days that runs backwards', '0 0 * * FRI-MON', '0 0 * * MON-FRI'],
  ])('with %s are refused', (_, bad, good) => {
    for (const forge of [GITEA, FORGEJO, GITHUB]) {
      expect(codesOf(read(bad, forge))).toEqual(['FORGE-WF-026']);
      accepts(read(good, forge));
    }
  });

  test('may have a range of one value', () => {
    accepts(...[GITEA, FORGEJO, GITHUB].map((forge) => read('7-7 3-3 * * *', forge)));
  });
});

test('a call with too few or too many arguments says how many the function takes', () => {
  const allowed = (text: string) => problemsOf(() => Condition.raw(text)).map((problem) => problem.allowed);
  expect(allowed("startsWith('a') == 'b'")).toEqual(['2']);
  expect(allowed("startsWith('a', 'b', 'c')")).toEqual(['2']);
  expect(allowed("join() == ''")).toEqual(['1 to 2']);
  expect(allowed("join('a', 'b', 'c') == ''")).toEqual(['1 to 2']);
  accepts(() => Condition.raw("startsWith('a', github.ref)"));
});

test('the activities of an event are those that it has, and an event without activities has none', () => {
  const [none] = problemsOf(() => Trigger.event(WorkflowEvent.CREATE, { types: ['created'] }));
  expect(none.allowed).toBe('none: leave `types` out');
  const [other] = problemsOf(() => Trigger.event(WorkflowEvent.WATCH, { types: ['stopped'] }));
  expect(other.allowed).toBe('started');
  accepts(
    () => Trigger.event(WorkflowEvent.CREATE),
    () => Trigger.event(WorkflowEvent.WATCH, { types: ['started'] }),
  );
});

test.each(['include', 'exclude', '1a', 'a b', ''])('no axis of a matrix is named %j', (axis) => {
  expect(codesOf(() => Matrix.of({ [axis]: ['1'] }))).toHaveLength(1);
  expect(codesOf(() => Matrix.computed({ [axis]: '${{ needs.plan.outputs.v }}' }))).toHaveLength(1);
  accepts(
    () => Matrix.of({ [`a${axis.replace(' ', '_')}`]: ['1'] }),
    () => Matrix.computed({ includes: '${{ needs.plan.outputs.v }}' }),
  );
});

test('an axis that no job computed is refused with its text', () => {
  expect(codesOf(() => Matrix.computed({ os: '["a"]' }))).toHaveLength(1);
  accepts(() => Matrix.of({ os: ['a'] }));
});
