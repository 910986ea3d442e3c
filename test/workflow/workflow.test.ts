import { App, Duration } from 'cdk8s';
import { parse } from 'yaml';
import { RunsOn } from '../../lib/forge';
import { OutputFile } from '../../lib/output';
import {
  Action,
  Actions,
  CompositeAction,
  Condition,
  Expression,
  Input,
  JobContainer,
  Matrix,
  ReusableWorkflow,
  Shell,
  Step,
  Trigger,
  Workflow,
} from '../../lib/workflow';
import { Checkout } from '../../lib/recipe';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { officialErrors } from './official';
import { FORGEJO, GITEA, GITHUB, newWorkflow, OLD_GITEA, rendered, renderedEnv, REPOSITORY, textOf } from './render';

const step = (name = 'Build', props = {}) => Step.run({ name, script: 'make', ...props });
const stepsOf = (text: string) => parse(text).jobs.build.steps as Record<string, unknown>[];

test('a job may have any id, beside the file of the workflow', () => {
  const workflow = newWorkflow({ repository: GITEA.repository('example/app') });
  accepts(() => workflow.addJob('File', { runsOn: RunsOn.existing('x'), steps: [step()] }));
  expect(Object.keys(parse(textOf(workflow)).jobs)).toEqual(['File']);
});

describe('references', () => {
  test('using an output of a job makes the other wait for it, wherever it is used', () => {
    const workflow = newWorkflow({ repository: GITHUB.repository('example/app') });
    const make = (id: string) =>
      workflow.addJob(id, { runsOn: RunsOn.existing('x'), steps: [step()], outputs: { v: 'constant' } });
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(make);
    workflow.addJob('last', {
      runsOn: RunsOn.existing(a.output('v')),
      env: { B: b.output('v') },
      if: Condition.equal(c.output('v'), 'x'),
      name: `for ${d.result}`,
      steps: [step('Go', { env: { E: `<${e.output('v')}>` } })],
    });
    expect(parse(textOf(workflow)).jobs.last.needs).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(textOf(workflow)).toContain('E: <${{ needs.e.outputs.v }}>');
  });

  test('an expression as text finds steps, jobs and their outputs in any case, as the forges do', () => {
    const workflow = newWorkflow();
    const make = Step.run({ name: 'Make', id: 'Make', script: 'make', outputs: ['Version'] });
    const given = (text: string) => step('Use', { env: { A: Expression.raw(text) } });
    const steps = [make, given('steps.make.outputs.version'), given('STEPS.MAKE.OUTCOME')];
    workflow.addJob('Build', { runsOn: RunsOn.existing('x'), steps, outputs: { V: make.output('Version') } });
    const last = [given('needs.build.outputs.v'), given('needs.BUILD.Result')];
    workflow.addJob('last', { runsOn: RunsOn.existing('x'), steps: last });
    const { jobs } = parse(textOf(workflow));
    const used = (id: string) => jobs[id].steps.flatMap(({ env }: { env?: { A: string } }) => env?.A ?? []);
    expect(used('Build')).toEqual(['${{ steps.Make.outputs.Version }}', '${{ steps.Make.outcome }}']);
    expect(used('last')).toEqual(['${{ needs.Build.outputs.V }}', '${{ needs.Build.result }}']);
    expect(jobs.last.needs).toEqual(['Build']);
    const wrong = (text: string) => codesOf(() => rendered({ steps: [make, given(text)] }));
    expect(wrong('steps.made.outputs.version')).toEqual(['FORGE-WF-015']);
    expect(wrong('steps.make.outputs.versions')).toEqual(['FORGE-WF-015']);
    const traced = (text: string) => rendered({ steps: [step('X', { script: 'set -x\nls', env: { A: text } })] });
    expect(codesOf(() => traced(Expression.raw('GitHub.Token')))).toEqual(codesOf(() => traced(Expression.JOB_TOKEN)));
  });

  test('ids are made from names, stand in the file only where they are needed, and do not collide', () => {
    const first = step('Compute the Version!', { outputs: ['v'] });
    const second = step('Compute the version', { outputs: ['v'] });
    const third = step('Third');
    const text = rendered({
      steps: [
        step('Plain'),
        first,
        second,
        third,
        step('Use', { env: { A: first.output('v'), B: second.output('v'), C: third.outcome } }),
      ],
    });
    expect(stepsOf(text).map((s) => s.id)).toEqual([
      undefined,
      'compute-the-version',
      'compute-the-version-2',
      'third',
      undefined,
    ]);
    expect(stepsOf(text)[4].env).toEqual({
      A: '${{ steps.compute-the-version.outputs.v }}',
      B: '${{ steps.compute-the-version-2.outputs.v }}',
      C: '${{ steps.third.outcome }}',
    });
  });

  test('one step may be in two jobs', () => {
    const workflow = newWorkflow();
    const shared = step('Shared', { outputs: ['v'] });
    ['a', 'b'].forEach((id) =>
      workflow.addJob(id, { runsOn: RunsOn.existing('x'), steps: [shared], outputs: { v: shared.output('v') } }),
    );
    expect(textOf(workflow).match(/steps\.shared\.outputs\.v/g)).toHaveLength(2);
  });

  test('names with quotes, expressions and other letters make ids too', () => {
    const odd = [
      step("it's 1", { outputs: ['v'] }),
      step('42 ünï', { outputs: ['v'] }),
      step('日本', { outputs: ['v'] }),
    ];
    const text = rendered({ steps: odd, outputs: Object.fromEntries(odd.map((s, i) => [`o${i}`, s.output('v')])) });
    expect(stepsOf(text).map((s) => s.id)).toEqual(['it-s-1', 'n', 'step']);
  });

  test('references read well in conditions, whatever the step is called', () => {
    const odd = step(`Make it ${'${{ github.ref }}'} ]'`, { outputs: ['v'] });
    const use = step('Use', {
      if: Condition.equal(odd.output('v'), 'x').and(Condition.equal(`a ${odd.outcome}`, 'a success')),
    });
    expect(stepsOf(rendered({ steps: [odd, use] }))[1].if).toBe(
      "(steps.make-it.outputs.v == 'x') && (format('a {0}', steps.make-it.outcome) == 'a success')",
    );
  });

  test('rendering twice gives the same, and leaves what was given alone', () => {
    const env = { A: 'x' };
    const steps = [step('a', { env })];
    const workflow = newWorkflow();
    workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps, env });
    env.A = 'changed';
    steps.push(step('b'));
    expect(textOf(workflow)).toBe(textOf(workflow));
    expect(stepsOf(textOf(workflow))).toEqual([{ name: 'a', env: { A: 'x' }, shell: 'bash', run: 'make\n' }]);
  });
});

describe('text in the file', () => {
  test('user maps keep their keys and the type of their values', () => {
    const text = renderedEnv({
      runsOn: '010',
      camelCase: 'yes',
      with_working_directory: '1.20',
      EMPTY: '',
      LINES: 'a\nb\n',
      LAST: 'a\nb',
      TAB: 'a\tb',
    });
    expect(stepsOf(text)[0].env).toEqual({
      runsOn: '010',
      camelCase: 'yes',
      with_working_directory: '1.20',
      EMPTY: '',
      LINES: 'a\nb\n',
      LAST: 'a\nb',
      TAB: 'a\tb',
    });
  });

  test('text with a tab is quoted: not every reader takes one outside quotes', () => {
    expect(renderedEnv({ TAB: 'a\tb' })).toContain("TAB: 'a\tb'\n");
  });

  test('scripts are literal, long lines are not folded, and the shell is always written', () => {
    const text = rendered({
      steps: [
        Step.run({ name: 'Long', script: `\n\n    ${'word '.repeat(60)}\n      next: "x"\n` }),
        Step.run({ name: 'Sh', script: 'true', shell: Shell.SH }),
        Step.run({ name: 'Perl', script: '1;', shell: Shell.command('perl {0}') }),
      ],
    });
    expect(text).toContain(`        run: |\n          ${'word '.repeat(60)}\n            next: "x"\n`);
    expect(stepsOf(text).map((s) => s.shell)).toEqual(['bash', 'sh', 'perl {0}']);
  });

  test('long values stay on one line', () => {
    const long = `it's: ${'word '.repeat(60)}`.trim();
    expect(renderedEnv({ LONG: long, PLAIN: 'word '.repeat(60).trim() })).toContain(
      `\n          LONG: "${long}"\n          PLAIN: ${'word '.repeat(60).trim()}\n`,
    );
  });

  test('there are no anchors, `on` is plain, and conditions stand without braces', () => {
    const container = JobContainer.of('postgres:17.2', { env: { A: 'x' } });
    const text = rendered({ services: { a: container, b: container }, if: Condition.NOT_CANCELLED });
    expect(text).not.toMatch(/[&*]a\d|"on"|'on'/);
    expect(text).toContain('\non:\n  push:\n');
    expect(text).toContain("    if: '!cancelled()'\n");
  });

  test('the header names the construct', () => {
    expect(rendered({})).toMatch(
      /^# Generated by cdk8s-forge from build; change the program, not this file\.\n\nname: build\n/,
    );
  });

  test('the commit of an action is followed by its version, in the form that bots update', () => {
    expect(rendered({ steps: [Actions.checkout({ name: 'Check out' })] })).toContain(
      "        uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        with:\n          persist-credentials: 'false'\n",
    );
  });
});

describe('keys that the library does not know', () => {
  test('are written after the others, their expressions checked', () => {
    const workflow = newWorkflow();
    const job = workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps: [step()] });
    const value = { 'image-name': 'custom', versions: [1, true, Expression.SHA] };
    job.addOverride('later-word', value);
    value['image-name'] = 'changed';
    expect(parse(textOf(workflow)).jobs.build['later-word']).toEqual({
      'image-name': 'custom',
      versions: [1, true, '${{ github.sha }}'],
    });
    workflow.addOverride('enable-email-notifications', true);
    expect(parse(textOf(workflow))['enable-email-notifications']).toBe(true);
    expect(codesOf(() => workflow.addOverride('jobs', {}))).toEqual(['FORGE-WF-040']);
    job.addOverride('other', '${{ githb.sha }}');
    expect(codesOf(() => textOf(workflow))).toEqual(['FORGE-WF-011']);
  });

  test('those of a step too', () => {
    const first = step('First', { env: { A: Expression.SHA } });
    first.addOverride('background', true);
    first.addOverride('with-steps', [Expression.RUN_ID]);
    expect(stepsOf(rendered({ steps: [first, step('Second')] }))).toEqual([
      {
        name: 'First',
        env: { A: '${{ github.sha }}' },
        shell: 'bash',
        run: 'make\n',
        background: true,
        'with-steps': ['${{ github.run_id }}'],
      },
      { name: 'Second', shell: 'bash', run: 'make\n' },
    ]);
    expect(codesOf(() => first.addOverride('run', 'x'))).toEqual(['FORGE-WF-040']);
    first.addOverride('other', '${{ steps.nobody.outputs.x }}');
    expect(codesOf(() => rendered({ steps: [first] }))).toEqual(['FORGE-WF-015']);
  });
});

describe('calling workflows', () => {
  test('inputs, secrets and outputs go by name, and the caller waits for what it uses', async () => {
    const app = new App();
    const target = Input.text('target', { required: true });
    const callee = newWorkflow({ triggers: [Trigger.call({ inputs: [target], secrets: ['TOKEN'] })] }, 'deploy');
    const deploy = step('Deploy', {
      env: { TARGET: target.value, TOKEN: Expression.secret('TOKEN') },
      outputs: ['url'],
    });
    const inner = callee.addJob('inner', {
      runsOn: RunsOn.existing('x'),
      steps: [deploy],
      outputs: { url: deploy.output('url') },
    });
    callee.addOutput('url', inner.output('url'));
    expect(parse(textOf(callee)).on.workflow_call.outputs).toEqual({ url: { value: '${{ jobs.inner.outputs.url }}' } });
    const workflow = newWorkflow({}, 'main');
    const call = workflow.addCall('deploy', {
      workflow: ReusableWorkflow.local(callee),
      with: { target: 'test' },
      secrets: { TOKEN: Expression.secret('DEPLOY_TOKEN') },
    });
    workflow.addJob('check', {
      runsOn: RunsOn.existing('x'),
      steps: [step('Check', { env: { URL: call.output('url') } })],
    });
    const text = textOf(workflow);
    expect(text).toContain(
      '  deploy:\n    uses: ./.gitea/workflows/deploy.yml\n    with:\n      target: test\n    secrets:\n      TOKEN: ${{ secrets.DEPLOY_TOKEN }}\n',
    );
    expect(parse(text).jobs.check.needs).toEqual(['deploy']);
    expect(codesOf(() => call.output('nope'))).toEqual(['FORGE-WF-016']);
    expect([await officialErrors('a.yml', text), await officialErrors('b.yml', textOf(callee))]).toEqual([[], []]);
    expect(app.node.children).toEqual([]);
  });

  test('a workflow of another repository is called by path and ref', () => {
    const workflow = newWorkflow();
    const remote = ReusableWorkflow.remote({
      repository: 'platform/ci',
      path: '.gitea/workflows/scan.yml',
      ref: 'v1',
      inputs: ['level'],
      outputs: ['report'],
    });
    workflow.addCall('scan', {
      workflow: remote,
      with: { level: 'high' },
      matrix: Matrix.of({ a: ['b'] }),
      if: Condition.onBranch('main'),
    });
    expect(textOf(workflow)).toContain('    uses: platform/ci/.gitea/workflows/scan.yml@v1\n');
  });
});

describe('composite actions', () => {
  const app = new App();
  const who = Input.text('who', { required: true });
  const greet = Step.run({
    name: 'Greet',
    script: 'printf "text=%s\\n" "$WHO" >> "$GITHUB_OUTPUT"',
    env: { WHO: who.value },
    outputs: ['text'],
  });
  const action = new CompositeAction(app, 'greet', {
    repository: REPOSITORY,
    description: 'Greets',
    inputs: [who, Input.boolean('loud', { defaultValue: true })],
    steps: [greet],
    outputs: { text: greet.output('text') },
  });

  test("are a file in the forge's folder", () => {
    const file = action.node.children.find(OutputFile.isOutputFile)!;
    expect(file.path).toBe('repositories/platform/hello/.gitea/actions/greet/action.yml');
    expect(file.content).toMatchSnapshot();
  });

  test('are used as a step, with the inputs that they declare', () => {
    const use = action.use({ name: 'Greet', with: { who: 'you' } });
    expect(rendered({ steps: [use, step('Say', { env: { TEXT: use.output('text') } })] })).toContain(
      '        uses: ./.gitea/actions/greet\n        with:\n          who: you\n',
    );
    expect(codesOf(() => action.use({ name: 'Greet' }))).toEqual(['FORGE-WF-031']);
    expect(codesOf(() => action.use({ name: 'Greet', with: { who: 'x', whom: 'y' } }))).toEqual(['FORGE-WF-031']);
  });

  test('have ids as jobs have: an explicit id is kept, a derived id avoids it whatever its case, and none is twice', () => {
    const derived = step('Build', { outputs: ['x'] });
    const explicit = step('Other', { id: 'BUILD', outputs: ['y'] });
    const make = (id: string, steps: Step[]) =>
      new CompositeAction(app, id, {
        repository: REPOSITORY,
        description: 'x',
        steps,
        outputs: { x: derived.output('x') },
      });
    const text = make('ids', [derived, explicit]).node.children.find(OutputFile.isOutputFile)!.content;
    expect([...text.matchAll(/ id: (\S+)/g)].map((match) => match[1])).toEqual(['build-2', 'BUILD']);
    expect(text).toContain('value: ${{ steps.build-2.outputs.x }}');
    expect(codesOf(() => make('twice', [derived, explicit, step('Third', { id: 'build' })]))).toEqual(['FORGE-WF-021']);
    expect(codesOf(() => make('same', [derived, derived]))).toEqual(['FORGE-WF-021']);
  });

  test('take ready-made steps, which learn the repository from the action', () => {
    const text = new CompositeAction(app, 'sources', {
      repository: REPOSITORY,
      description: 'x',
      steps: [Checkout.git({ token: Expression.JOB_TOKEN })],
    }).node.children.find(OutputFile.isOutputFile)!.content;
    expect(text).toContain('REPOSITORY_URL: https://git.example.com/platform/hello.git');
  });

  test('see no secrets, and must have steps', () => {
    const composite = (id: string, value: string, directory?: string) =>
      new CompositeAction(app, id, {
        repository: REPOSITORY,
        description: 'x',
        steps: [step('a', { env: { A: value } })],
        directory,
      });
    const contentOf = (action: CompositeAction) => action.node.children.filter(OutputFile.isOutputFile)[0].content;
    accepts(() => contentOf(composite('inside', Expression.SHA, '..x')));
    expect(problemsOf(() => contentOf(composite('secret', Expression.secret('A'))))[0]).toMatchObject({
      code: 'FORGE-WF-012',
    });
    expect(
      codesOf(() => new CompositeAction(app, 'empty', { repository: REPOSITORY, description: 'x', steps: [] })),
    ).toEqual(['FORGE-WF-038']);
    expect(
      codesOf(
        () =>
          new CompositeAction(app, 'outside', {
            repository: REPOSITORY,
            description: 'x',
            steps: [step()],
            directory: '../x',
          }),
      ),
    ).toEqual(['FORGE-WF-030']);
  });
});

describe('steps of well-known actions', () => {
  test('have their real inputs', async () => {
    const meta = Actions.metadata({
      name: 'Tags',
      images: ['ghcr.io/example/app'],
      tags: ['type=semver,pattern={{version}}', 'type=sha'],
    });
    const steps = [
      Actions.checkout({
        name: 'Check out',
        fetchDepth: 0,
        submodules: true,
        lfs: true,
        token: Expression.secret('TOKEN'),
      }),
      Actions.setupBuildx({
        name: 'Buildx',
        driver: 'remote',
        endpoint: 'tcp://buildkitd:1234',
        driverOptions: ['a=b'],
      }),
      Actions.login({
        name: 'Log in',
        registry: 'ghcr.io',
        username: Expression.ACTOR,
        password: Expression.JOB_TOKEN,
      }),
      meta,
      Actions.buildPush({
        name: 'Build',
        push: true,
        tags: [meta.output('tags')],
        labels: [meta.output('labels')],
        platforms: ['linux/amd64', 'linux/arm64'],
        cacheFrom: ['type=gha'],
        cacheTo: ['type=gha,mode=max'],
        buildArgs: ['A=1', 'B=2'],
      }),
      Actions.cache({ name: 'Cache', paths: ['a', 'b'], key: `npm-${Expression.hashFiles('package-lock.json')}` }),
      Actions.uploadArtifact({ name: 'Up', paths: ['out'], artifactName: 'out', retentionDays: 3 }),
      Actions.downloadArtifact({ name: 'Down', artifactName: 'out', path: 'in' }),
    ];
    const text = rendered({ steps }, { repository: GITHUB.repository('example/app') });
    expect(await officialErrors('actions.yml', text)).toEqual([]);
    expect(text).toMatchSnapshot();
  });

  const login = (registry: string, password: string) => Actions.login({ name: 'a', registry, username: 'a', password });

  test.each([
    [
      'a login with a path',
      () => login('https://ghcr.io', Expression.JOB_TOKEN),
      () => login('ghcr.io', Expression.JOB_TOKEN),
    ],
    ['a password in the program', () => login('ghcr.io', 'plain'), () => login('ghcr.io', Expression.secret('A'))],
    [
      'a push without a tag',
      () => Actions.buildPush({ name: 'a', push: true }),
      () => Actions.buildPush({ name: 'a', push: false }),
    ],
    [
      'a push that is loaded',
      () => Actions.buildPush({ name: 'a', push: true, load: true, tags: ['a:1'] }),
      () => Actions.buildPush({ name: 'a', load: true, tags: ['a:1'] }),
    ],
    [
      'a remote driver without an address',
      () => Actions.setupBuildx({ name: 'a', driver: 'remote' }),
      () => Actions.setupBuildx({ name: 'a', driver: 'remote', endpoint: 'tcp://buildkitd:1234' }),
    ],
    [
      'an unknown driver',
      () => Actions.setupBuildx({ name: 'a', driver: 'podman' }),
      () => Actions.setupBuildx({ name: 'a', driver: 'docker' }),
    ],
    [
      'an unknown word',
      () => Actions.uploadArtifact({ name: 'a', paths: ['a'], ifNoFilesFound: 'fail' }),
      () => Actions.uploadArtifact({ name: 'a', paths: ['a'], ifNoFilesFound: 'error' }),
    ],
    [
      'a name and a pattern',
      () => Actions.downloadArtifact({ name: 'a', artifactName: 'a', pattern: 'b' }),
      () => Actions.downloadArtifact({ name: 'a', pattern: 'b' }),
    ],
  ])('fail for %s, and not for its neighbour', (_, act, neighbour) => {
    accepts(neighbour);
    expect(codesOf(act)).toEqual(['FORGE-WF-031']);
  });
});

describe('what else one should know', () => {
  test('actions that can be moved and images without a version are warnings', () => {
    const workflow = newWorkflow();
    workflow.addJob('build', {
      runsOn: RunsOn.existing('x'),
      services: { db: JobContainer.of('postgres') },
      steps: [
        Step.uses({ name: 'a', action: Action.repository('some', 'one', { ref: 'v1' }) }),
        Actions.checkout({ name: 'b' }),
        Actions.uploadArtifact({ name: 'c', paths: ['x'] }),
        Step.uses({ name: 'd', action: Action.local('./x') }),
        Step.uses({ name: 'e', action: Action.url('http://git.lan/a/b', { ref: 'v1', sha: 'a'.repeat(40) }) }),
      ],
    });
    expect(workflow.warnings).toEqual([
      'build/build: some/one@v1 is not pinned: whoever can move the tag can run code in the job; give its `sha`',
      `build/build: http://git.lan/a/b@${'a'.repeat(40)} is fetched over plain HTTP: whoever is on the way can change it`,
      'build/build: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 needs a runner of version 3.0 or newer',
      'build/build: image postgres of db has no version',
    ]);
  });

  test('actions that nobody has are warnings, where it is known what there is', () => {
    const warnings = (repository = REPOSITORY, owner = 'actions') => {
      const workflow = newWorkflow({ repository });
      workflow.addJob('build', {
        runsOn: RunsOn.existing('x'),
        steps: [
          Step.uses({
            name: 'a',
            action: Action.repository(owner, 'debug-output', { ref: 'v1', sha: 'a'.repeat(40) }),
          }),
        ],
      });
      return workflow.warnings;
    };
    expect(warnings()).toEqual([
      `build/build: actions/debug-output@${'a'.repeat(40)} is not among the actions that its owner is known to have; at run time this is: repository not found`,
    ]);
    expect([
      warnings(FORGEJO.repository('a/b')),
      warnings(REPOSITORY, 'somebody'),
      warnings(REPOSITORY, 'constructor'),
    ]).toEqual([[], [], []]);
  });

  test('what the runner must reach depends on the forge', () => {
    const reaches = (repository = REPOSITORY) => {
      const workflow = newWorkflow({ repository });
      workflow.addJob('build', {
        runsOn: RunsOn.existing('x'),
        container: JobContainer.of('debian:12.1'),
        steps: [Actions.checkout({ name: 'b' }), Step.uses({ name: 'c', action: Action.docker('alpine:3.20') })],
      });
      return workflow.reaches;
    };
    expect(reaches()).toEqual(['docker://alpine:3.20', 'docker://debian:12.1', 'https://github.com/actions/checkout']);
    expect(reaches(OLD_GITEA.repository('a/b'))).toEqual(reaches());
  });

  test('secrets are listed by name, labels and scripts by job', () => {
    const workflow = newWorkflow({ env: { A: Expression.secret('FIRST') } });
    const job = workflow.addJob('build', {
      runsOn: RunsOn.existing('x', Expression.variable('LABEL')),
      steps: [
        step('a', {
          env: { B: `x${Expression.secret('SECOND')}`, C: Expression.JOB_TOKEN, D: '${{ secrets.GITHUB_TOKEN }}' },
        }),
        Actions.checkout({ name: 'b', token: Expression.secret('FIRST') }),
      ],
    });
    expect([workflow.secrets, job.labels, job.scripts, workflow.stepJobs]).toEqual([
      ['FIRST', 'SECOND'],
      ['x'],
      ['make\n'],
      [job],
    ]);
    expect(job.actions).toEqual(['actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683']);
    expect([Workflow.isWorkflow(workflow), Workflow.isWorkflow(job)]).toEqual([true, false]);
  });

  test('an acknowledged trigger stands in the header', () => {
    const text = rendered(
      {},
      {
        triggers: [
          Trigger.pullRequestTarget({ types: ['labeled'], acknowledgement: 'labels only; checks nothing out' }),
        ],
      },
    );
    expect(text).toContain('# pull_request_target is thought safe: labels only; checks nothing out\n');
  });

  test('a workflow may start when its own file changes', () => {
    const workflow = newWorkflow({ triggers: [] });
    workflow.addTrigger(Trigger.push({ paths: ['app/**', workflow.path] }));
    workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps: [step()] });
    expect(parse(textOf(workflow)).on.push.paths).toEqual(['app/**', '.gitea/workflows/build.yml']);
  });

  test('times are whole minutes', () => {
    expect(rendered({ timeout: Duration.hours(2) }, { repository: GITEA.repository('a/b') })).toContain(
      'timeout-minutes: 120\n',
    );
  });
});
