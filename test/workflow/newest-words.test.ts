import { App } from 'cdk8s';
import { parse } from 'yaml';
import { Forge, IRunsOn, Repository, RunnerCapabilities, RunsOn } from '../../lib/forge';
import { HostedRunner } from '../../lib/runner';
import { PINS } from '../../lib/support';
import {
  Access,
  Action,
  Actions,
  CompositeAction,
  Concurrency,
  Condition,
  IgnoredKeys,
  IStepSource,
  JobContainer,
  Permissions,
  RunnerSnapshot,
  Step,
  Trigger,
  Workflow,
} from '../../lib/workflow';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { officialErrors } from './official';
import { FORGEJO, GITEA, GITHUB, newWorkflow, textOf } from './render';

// What GitHub's schema gained in 2026, and the versions of actions that a runner decides.

const APP = GITHUB.repository('example/app');
const step = (name: string, props = {}) => Step.run({ name, script: 'make', ...props });

/** A runner of which the version is known, or not. */
function runnerAt(runnerVersion?: string): IRunsOn {
  const known = RunsOn.existing('x');
  const capabilities: RunnerCapabilities = { ...known.capabilities, ...(runnerVersion ? { runnerVersion } : {}) };
  return Object.create(known, { capabilities: { value: capabilities } }) as IRunsOn;
}

function textWith(
  steps: IStepSource[],
  { repository = APP, runsOn = RunsOn.existing('x') as IRunsOn, props = {} } = {},
) {
  const workflow = newWorkflow({ repository, ...props });
  workflow.addJob('build', { runsOn, steps });
  return textOf(workflow);
}

const stepsOf = (text: string) => parse(text).jobs.build.steps as Record<string, unknown>[];

describe('background steps', () => {
  const server = () => step('Serve', { background: true, outputs: ['port'] });

  test('are waited for, and ended, by their ids', async () => {
    const [first, second, third] = [server(), step('Other', { background: true }), step('Third', { background: true })];
    const text = textWith([
      first,
      second,
      third,
      Step.wait({ name: 'Wait', steps: [first] }),
      step('Use', { env: { PORT: first.output('port') } }),
      Step.wait({ name: 'Both', steps: [first, second] }),
      Step.cancel({ name: 'End', step: third }),
      Step.wait({ name: 'All', continueOnError: true }),
    ]);
    expect(await officialErrors('background.yml', text)).toEqual([]);
    expect(
      stepsOf(text).map(({ id, background, wait, cancel, 'wait-all': all }) => ({ id, background, wait, cancel, all })),
    ).toEqual([
      { id: 'serve', background: true },
      { id: 'other', background: true },
      { id: 'third', background: true },
      { wait: 'serve' },
      {},
      { wait: ['serve', 'other'] },
      { cancel: 'third' },
      { all: true },
    ]);
  });

  test('have no results before they are waited for', () => {
    const made = (between: (first: Step) => Step[]) => () => {
      const first = server();
      return textWith([first, ...between(first), step('Use', { env: { PORT: first.output('port') } })]);
    };
    expect(made((first) => [Step.wait({ name: 'Wait', steps: [first] })])).not.toThrow();
    expect(made(() => [Step.wait({ name: 'Wait' })])).not.toThrow();
    expect(codesOf(made(() => []))).toEqual(['FORGE-WF-015']);
  });

  test('a wait needs a background step of the job before it', () => {
    const other = server();
    expect(codesOf(() => textWith([Step.wait({ name: 'Wait' })]))).toEqual(['FORGE-WF-065']);
    expect(codesOf(() => textWith([Step.wait({ name: 'Wait', steps: [] })]))).toEqual(['FORGE-WF-065']);
    expect(codesOf(() => textWith([Step.wait({ name: 'Wait', steps: [other] })]))).toEqual(['FORGE-WF-065']);
    expect(codesOf(() => textWith([Step.cancel({ name: 'End', step: other }), other]))).toEqual(['FORGE-WF-065']);
    accepts(
      () => textWith([other, Step.wait({ name: 'Wait' })]),
      () => textWith([other, Step.wait({ name: 'Wait', steps: [other] })]),
      () => textWith([other, Step.cancel({ name: 'End', step: other })]),
    );
    const front = step('Front');
    expect(codesOf(() => textWith([front, Step.cancel({ name: 'End', step: front })]))).toEqual(['FORGE-WF-065']);
  });

  test.each([GITEA, FORGEJO])('are an error at %p, unless they are kept', (forge) => {
    const repository = forge.repository('a/b');
    expect(codesOf(() => textWith([server()], { repository }))).toEqual(['FORGE-WF-033']);
    expect(textWith([server()], { repository, props: { ignoredKeys: IgnoredKeys.KEEP } })).toContain(
      'background: true',
    );
    expect(() => textWith([step('Serve', { background: false })], { repository })).not.toThrow();
  });

  test('are an error in a composite action', () => {
    const workflow = newWorkflow({ repository: APP });
    const action = (id: string, only: Step) =>
      new CompositeAction(workflow.node.scope!, id, { repository: APP, description: 'a', steps: [only] });
    expect(codesOf(() => textOf(action('greet', server()) as never))).toEqual(['FORGE-WF-065']);
    accepts(() => textOf(action('serve', step('Serve', { background: false })) as never));
  });
});

describe('parallel steps', () => {
  const group = () =>
    Step.parallel([step('Lint'), Actions.checkout({ name: 'Check out' }), step('Test', { outputs: ['n'] })]);

  test('stand under one key at GitHub', async () => {
    const text = textWith([
      step('First'),
      group(),
      step('Last'),
      Step.parallel([step('A'), step('B')]),
      Step.parallel([step('C')]),
    ]);
    expect(await officialErrors('parallel.yml', text)).toEqual([]);
    expect(
      stepsOf(text).map(({ name, parallel }) => name ?? (parallel as { name: string }[]).map((one) => one.name)),
    ).toEqual(['First', ['Lint', 'Check out', 'Test'], 'Last', ['A', 'B'], ['C']]);
  });

  test.each([GITEA, FORGEJO])('run one after the other at %p', (forge) => {
    const text = textWith([group(), step('Last')], { repository: forge.repository('a/b') });
    expect(stepsOf(text).map(({ name }) => name)).toEqual(['Lint', 'Check out', 'Test', 'Last']);
  });

  test.each([GITHUB, GITEA])('see no results of each other; later steps do (%p)', (forge) => {
    const repository = forge.repository('a/b');
    const one = step('One', { outputs: ['v'] });
    const use = (name: string) => step(name, { env: { V: one.output('v') } });
    expect(() => textWith([Step.parallel([one, step('Two')]), use('Use')], { repository })).not.toThrow();
    expect(codesOf(() => textWith([Step.parallel([one, use('Use')])], { repository }))).toEqual(['FORGE-WF-015']);
  });

  test.each<[string, IStepSource]>([
    ['a background step', step('a', { background: true })],
    ['a wait', Step.wait({ name: 'a' })],
    ['another group', Step.parallel([step('a')])],
  ])('contain no %s', (_, source) => {
    accepts(() => textWith([Step.parallel([step('a')])]));
    expect(codesOf(() => textWith([Step.parallel([source])]))).toEqual(['FORGE-WF-065']);
  });
});

describe('keys', () => {
  const withConcurrency = (concurrency: Concurrency, repository: Repository) => () => {
    const workflow = newWorkflow({ repository, concurrency });
    workflow.addJob('build', { runsOn: RunsOn.existing('x'), concurrency, steps: [step('Build')] });
    return textOf(workflow);
  };

  test('concurrency.queue is written for GitHub, and an error elsewhere', async () => {
    const text = withConcurrency({ group: 'g', queueAll: true }, APP)();
    expect(await officialErrors('queue.yml', text)).toEqual([]);
    expect(parse(text).concurrency).toEqual({ group: 'g', 'cancel-in-progress': false, queue: 'max' });
    expect(parse(text).jobs.build.concurrency.queue).toBe('max');
    expect(codesOf(withConcurrency({ group: 'g', queueAll: true }, GITEA.repository('a/b')))).toEqual([
      'FORGE-WF-033',
      'FORGE-WF-033',
    ]);
    expect(withConcurrency({ group: 'g' }, GITEA.repository('a/b'))()).not.toContain('queue');
  });

  test('services have an entry point and a command at GitHub; containers of jobs have none', async () => {
    const db = JobContainer.of('postgres:17.2', { entrypoint: '/bin/sh', command: 'sh -c "exec postgres"' });
    const made = (repository: Repository, props: object) => () => {
      const workflow = newWorkflow({ repository });
      workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps: [step('Build')], ...props });
      return textOf(workflow);
    };
    const text = made(APP, { services: { db } })();
    expect(await officialErrors('service.yml', text)).toEqual([]);
    expect(parse(text).jobs.build.services.db).toMatchObject({
      entrypoint: '/bin/sh',
      command: 'sh -c "exec postgres"',
    });
    expect(codesOf(made(APP, { container: db }))).toEqual(['FORGE-WF-041']);
    expect(new Set(codesOf(made(GITEA.repository('a/b'), { services: { db } })))).toEqual(new Set(['FORGE-WF-033']));
  });

  test('an action of the repository itself needs no checkout at GitHub, and is a local one elsewhere', () => {
    const uses = (repository: Repository) =>
      stepsOf(textWith([Step.uses({ name: 'a', action: Action.self('./.github/actions/greet') })], { repository }))[0]
        .uses;
    expect(uses(APP)).toBe('$/.github/actions/greet');
    expect(uses(GITEA.repository('a/b'))).toBe('./.github/actions/greet');
    expect(uses(FORGEJO.repository('a/b'))).toBe('./.github/actions/greet');
    expect(codesOf(() => Action.self('../greet'))).toEqual(['FORGE-WF-030']);
  });

  test.each<[Permissions, boolean]>([
    [
      { models: Access.READ, vulnerabilityAlerts: Access.READ, copilotRequests: Access.WRITE, idToken: Access.WRITE },
      true,
    ],
    [{ models: Access.NONE, copilotRequests: Access.NONE, drives: Access.WRITE, codeQuality: Access.READ }, true],
    [{ models: Access.WRITE }, false],
    [{ vulnerabilityAlerts: Access.WRITE }, false],
    [{ copilotRequests: Access.READ }, false],
    [{ idToken: Access.READ }, false],
  ])('the permissions %p are those of the schema: %p', async (permissions, isValid) => {
    const make = () => textWith([step('Build')], { props: { permissions } });
    if (isValid) {
      expect(await officialErrors('permissions.yml', make())).toEqual([]);
    } else {
      expect(codesOf(make)).toEqual(['FORGE-WF-045']);
    }
  });
});

describe("Gitea's scoped workflows", () => {
  const scoped = (version: string, other?: string) => () => {
    const repository = Forge.gitea({ version, url: 'https://git.example.com' }).repository('a/b');
    const app = new App({ outdir: temporaryFolder() });
    if (other !== undefined) {
      new Workflow(app, 'own', { repository, fileName: other });
    }
    const workflow = new Workflow(app, 'all', {
      repository,
      fileName: 'all.yml',
      directory: '.gitea/scoped_workflows',
    });
    return workflow.path;
  };

  test('have a directory of their own from 1.27 on, beside the workflows of the repository', () => {
    expect(scoped('1.27')()).toBe('.gitea/scoped_workflows/all.yml');
    expect(scoped('28.1')()).toBe('.gitea/scoped_workflows/all.yml');
    expect(scoped('1.27', 'all.yml')).not.toThrow();
    expect(codesOf(scoped('1.26'))).toEqual(['FORGE-WF-035']);
  });

  test('have other directories if the server has', () => {
    const made =
      (directory: string, scopedWorkflowDirectories?: string[], trigger = Trigger.dispatch()) =>
      () => {
        const forge = Forge.gitea({ version: '1.27', url: 'https://git.example.com', scopedWorkflowDirectories });
        const repository = forge.repository('a/b');
        const workflow = newWorkflow({ repository, directory, triggers: [trigger] });
        workflow.addJob('build', { runsOn: RunsOn.existing('x'), steps: [step('a')] });
        return textOf(workflow);
      };
    const [standard, own] = ['.gitea/scoped_workflows', 'ci/all'];
    expect(foundCodes(made(own, [own]))).toEqual([]);
    expect(foundCodes(made(standard, [own]))).toEqual(['FORGE-WF-035']);
    expect(foundCodes(made(standard, [own, standard]))).toEqual([]);
    expect(foundCodes(made(standard, []))).toEqual(['FORGE-WF-035']);
    for (const trigger of [
      Trigger.schedule({ crons: ['0 3 * * *'] }),
      Trigger.workflowRun({ workflows: ['build'], acknowledgement: 'mine' }),
    ]) {
      expect(foundCodes(made(standard, undefined, trigger))).toEqual(['FORGE-WF-034']);
      expect(foundCodes(made('.gitea/workflows', undefined, trigger))).toEqual([]);
    }
    expect(foundCodes(made(standard, undefined, Trigger.push({ branches: ['main'] })))).toEqual([]);
  });

  test('no other forge has it', () => {
    for (const repository of [FORGEJO.repository('a/b'), APP]) {
      expect(codesOf(() => newWorkflow({ repository, directory: '.gitea/scoped_workflows' }))).toEqual([
        'FORGE-WF-035',
      ]);
    }
    accepts(
      () => newWorkflow({ directory: '.gitea/scoped_workflows' }),
      () => newWorkflow({ repository: FORGEJO.repository('a/b'), directory: '.github/workflows' }),
      () => newWorkflow({ repository: APP, directory: '.github/workflows' }),
    );
  });
});

describe('the runner decides the version of actions', () => {
  const ghes = Forge.github({ version: '3.14', url: 'https://github.example.com' });
  const { checkout } = PINS.actions;
  const older = PINS.actionsOnNode20.checkout;

  test.each<[string, Repository, IRunsOn, { version: string; commit: string }]>([
    ['github.com', APP, RunsOn.existing('x'), checkout],
    ["github.com's own", APP, HostedRunner.UBUNTU_LATEST, checkout],
    ['github.com, 2.327.1', APP, runnerAt('2.327.1'), checkout],
    ['github.com, 2.326.0', APP, runnerAt('2.326.0'), older],
    ['an Enterprise Server', ghes.repository('a/b'), RunsOn.existing('x'), older],
    ['an Enterprise Server, 2.330.0', ghes.repository('a/b'), runnerAt('2.330.0'), checkout],
    ['Gitea', GITEA.repository('a/b'), RunsOn.existing('x'), older],
    ['Gitea, 1.0.0', GITEA.repository('a/b'), runnerAt('1.0.0'), checkout],
    ['Gitea, 0.6.1', GITEA.repository('a/b'), runnerAt('0.6.1'), older],
    ['Forgejo, 12.13.2', FORGEJO.repository('a/b'), runnerAt('12.13.2'), older],
  ])('%s', (_, repository, runsOn, { version, commit }) => {
    const text = textWith([Actions.checkout({ name: 'Check out' })], { repository, runsOn });
    expect(text).toContain(`actions/checkout@${commit} # ${version}`);
  });

  test('a version in the program wins', () => {
    const mine = Actions.checkout({ name: 'a', version: { ref: 'v5' } });
    expect(textWith([mine], { repository: GITEA.repository('a/b') })).toContain('actions/checkout@v5');
  });

  test.each<[string, Step]>([
    ['allow-unsafe-pr-checkout', Actions.checkout({ name: 'a', allowUnsafePrCheckout: true })],
    ['archive', Actions.uploadArtifact({ name: 'a', paths: ['a'], archive: false })],
    ['digest-mismatch', Actions.downloadArtifact({ name: 'a', digestMismatch: 'warn' })],
    ['skip-decompress', Actions.downloadArtifact({ name: 'a', skipDecompress: true })],
  ])('the input %s needs the newest one', (input, using) => {
    expect(textWith([using])).toContain(`${input}: `);
    expect(codesOf(() => textWith([using], { repository: GITEA.repository('a/b') }))).toEqual(['FORGE-WF-031']);
  });

  test('a checkout has every input of its version', () => {
    const using = Actions.checkout({
      name: 'a',
      sshKey: '${{ secrets.KEY }}',
      sshStrict: false,
      sshUser: 'build',
      sparseCheckoutConeMode: false,
      showProgress: false,
      setSafeDirectory: false,
      gitHubServerUrl: 'https://github.example.com',
    });
    expect(stepsOf(textWith([using]))[0].with).toEqual({
      'ssh-key': '${{ secrets.KEY }}',
      'ssh-strict': 'false',
      'ssh-user': 'build',
      'sparse-checkout-cone-mode': 'false',
      'show-progress': 'false',
      'set-safe-directory': 'false',
      'github-server-url': 'https://github.example.com',
      'persist-credentials': 'false',
    });
  });

  test('a checkout without the newest inputs is the same everywhere', () => {
    const repository = GITEA.repository('a/b');
    const using = Actions.checkout({ name: 'a', filter: 'blob:none', sparseCheckout: ['a', 'b'], clean: false });
    expect(stepsOf(textWith([using], { repository }))[0].with).toEqual(stepsOf(textWith([using]))[0].with);
  });
});

describe('the runner has the Node.js of an action, or not', () => {
  const ghes = Forge.github({ version: '3.14', url: 'https://github.example.com' }).repository('a/b');
  const gitea = GITEA.repository('a/b');
  const forgejo = FORGEJO.repository('a/b');
  const at = (ref: string, name = 'checkout', owner = 'actions') =>
    Step.uses({ name: 'a', action: Action.repository(owner, name, { ref, sha: '0'.repeat(40) }) });
  const outcome = (repository: Repository, runsOn: IRunsOn, using: Step) => {
    const workflow = newWorkflow({ repository });
    workflow.addJob('build', { runsOn, steps: [using] });
    const codes = foundCodes(() => textOf(workflow));
    const about = workflow.warnings.filter((warning) => / node2[04]/.test(warning));
    return [codes[0] ?? '', about.length];
  };

  test.each<[string, Repository, string | undefined, Step, string, number]>([
    ['github.com, newest', APP, undefined, at('v5'), '', 0],
    ['github.com, 2.327.1', APP, '2.327.1', at('v5'), '', 0],
    ['github.com, 2.327.0', APP, '2.327.0', at('v5'), 'FORGE-WF-050', 0],
    ['github.com, an unknown version of an action', APP, '2.327.0', at('main'), '', 0],
    ['github.com, node20', APP, undefined, at('v4.2.2'), '', 1],
    ['github.com, node16', APP, undefined, at('v3'), '', 1],
    ['github.com, upload-artifact v5', APP, undefined, at('v5', 'upload-artifact'), '', 1],
    ['github.com, upload-artifact v6', APP, undefined, at('v6', 'upload-artifact'), '', 0],
    [
      'github.com, a folder of an action',
      APP,
      '2.327.0',
      Step.uses({
        name: 'a',
        action: Action.repository('actions', 'cache', { ref: 'v5', path: 'restore', sha: '0'.repeat(40) }),
      }),
      'FORGE-WF-050',
      0,
    ],
    ['github.com, an action that nobody knows', APP, '2.327.0', at('v9', 'other', 'somebody'), '', 0],
    ['a server, not known', ghes, undefined, at('v5'), '', 1],
    ['a server, 2.326.0', ghes, '2.326.0', at('v5'), 'FORGE-WF-050', 0],
    ['a server, node20', ghes, '2.326.0', at('v4'), '', 0],
    ['Gitea, not known', gitea, undefined, at('v5'), '', 1],
    ['Gitea, 1.0.0', gitea, '1.0.0', at('v5'), '', 0],
    ['Gitea, 0.2.13: cannot be verified', gitea, '0.2.13', at('v5'), '', 1],
    ['Gitea, 0.2.12', gitea, '0.2.12', at('v5'), 'FORGE-WF-050', 0],
    ['Gitea, node20', gitea, '0.2.12', at('v4'), '', 0],
    ['Forgejo: cannot be verified', forgejo, '12.13.2', at('v5'), '', 1],
    ['Forgejo, node20', forgejo, '12.13.2', at('v4'), '', 0],
  ])('%s', (_, repository, version, using, code, warnings) => {
    expect(outcome(repository, runnerAt(version), using)).toEqual([code, warnings]);
  });

  test("github.com's own runners have node24, and no node20", () => {
    expect(outcome(APP, HostedRunner.UBUNTU_LATEST, at('v7.0.1'))).toEqual(['', 0]);
    expect(outcome(APP, HostedRunner.UBUNTU_LATEST, at('v4'))).toEqual(['', 1]);
  });

  test.each<[string, Repository, string | undefined, boolean]>([
    ['github.com, 2.328.0', APP, '2.328.0', true],
    ['github.com, 2.329.0', APP, '2.329.0', false],
    ['github.com, not known', APP, undefined, false],
    ['a server', ghes, '2.328.0', false],
    ['Gitea', gitea, '1.0.0', false],
  ])('%s: the forge registers the runner, or a warning says no', (_, repository, version, warns) => {
    const workflow = newWorkflow({ repository });
    workflow.addJob('build', { runsOn: runnerAt(version), steps: [step('a')] });
    expect(workflow.warnings.some((warning) => /does not register runners before 2\.329\.0/.test(warning))).toBe(warns);
  });
});

describe('a snapshot of the runner', () => {
  const made = (
    snapshot: RunnerSnapshot,
    { repository = APP, runsOn = RunsOn.existing('x') as IRunsOn, props = {} } = {},
  ) => {
    const workflow = newWorkflow({ repository, ...props });
    workflow.addJob('build', { runsOn, snapshot, steps: [step('a')] });
    return textOf(workflow);
  };

  test('is written as GitHub reads it', async () => {
    const text = made({ imageName: 'tools', version: '2.*', if: Condition.onBranch('main') });
    expect(await officialErrors('snapshot.yml', text)).toEqual([]);
    expect(parse(text).jobs.build.snapshot).toEqual({
      'image-name': 'tools',
      version: '2.*',
      if: "github.ref == 'refs/heads/main'",
    });
    const plain = made({ imageName: 'tools', version: '2' });
    expect(await officialErrors('snapshot.yml', plain)).toEqual([]);
    expect(parse(plain).jobs.build.snapshot).toEqual({ 'image-name': 'tools', version: '2' });
  });

  test.each<[RunnerSnapshot, RunnerSnapshot]>([
    [{ imageName: '' }, { imageName: 't' }],
    [{ imageName: 'a b' }, { imageName: 'a-b' }],
    [{ imageName: '${{ github.ref }}' }, { imageName: 'ref' }],
    [
      { imageName: 'a', version: 'latest' },
      { imageName: 'a', version: '1' },
    ],
    [
      { imageName: 'a', version: '2.*.1' },
      { imageName: 'a', version: '2.1' },
    ],
  ])('%j is refused, %j is not', (refused, accepted) => {
    expect(foundCodes(() => made(refused))).toEqual(['FORGE-WF-066']);
    expect(foundCodes(() => made(accepted))).toEqual([]);
  });

  test('needs GitHub, and a runner that GitHub operates', () => {
    const snapshot = { imageName: 'tools' };
    expect(foundCodes(() => made(snapshot, { runsOn: HostedRunner.UBUNTU_LATEST }))).toEqual([]);
    expect(foundCodes(() => made(snapshot, { runsOn: runnerAt('2.338.1') }))).toEqual(['FORGE-WF-050']);
    for (const repository of [GITEA.repository('a/b'), FORGEJO.repository('a/b')]) {
      expect(foundCodes(() => made(snapshot, { repository }))).toEqual(['FORGE-WF-033']);
      expect(made(snapshot, { repository, props: { ignoredKeys: IgnoredKeys.KEEP } })).toContain('ignores this');
    }
  });
});
