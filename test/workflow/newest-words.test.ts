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
  IgnoredKeys,
  IStepSource,
  JobContainer,
  Permissions,
  Step,
  Workflow,
} from '../../lib/workflow';
import { codesOf } from '../support/problems';
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
    const action = new CompositeAction(workflow.node.scope!, 'greet', {
      repository: APP,
      description: 'a',
      steps: [server()],
    });
    expect(codesOf(() => textOf(action as never))).toEqual(['FORGE-WF-065']);
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

  test('no other forge has it', () => {
    for (const repository of [FORGEJO.repository('a/b'), APP]) {
      expect(codesOf(() => newWorkflow({ repository, directory: '.gitea/scoped_workflows' }))).toEqual([
        'FORGE-WF-035',
      ]);
    }
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

  test('a checkout without the newest inputs is the same everywhere', () => {
    const repository = GITEA.repository('a/b');
    const using = Actions.checkout({ name: 'a', filter: 'blob:none', sparseCheckout: ['a', 'b'], clean: false });
    expect(stepsOf(textWith([using], { repository }))[0].with).toEqual(stepsOf(textWith([using]))[0].with);
  });
});
