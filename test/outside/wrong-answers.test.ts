import { App, Chart, Size } from 'cdk8s';
import { BuilderConnection, IBuilder } from '../../lib/buildkit';
import { Forge, RunsOn } from '../../lib/forge';
import { Executor, IExecutor, Registration, Runner, RunnerScope, VolumeContent } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { BuildctlBuild } from '../../lib/recipe';
import { Registry } from '../../lib/registry';
import { CompositeAction, IStepSource, Step, Workflow } from '../../lib/workflow';
import { newApp } from '../flux/support';
import { codesOf } from '../support/problems';

// What a user's own object returns is checked like an argument: JavaScript has no types.

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const repository = gitea.repository('platform/hello');
const given = (value: unknown) => value as never;

const builder = (parts: Partial<IBuilder> = {}): IBuilder => ({
  path: 'own',
  name: 'own',
  cacheKinds: [],
  tools: [],
  isForClientsOnly: false,
  canUse: () => true,
  connectFrom: () => BuilderConnection.none(),
  buildScript: () => ({ name: 'Build', script: 'true\n' }),
  ...parts,
});

const executor = (parts: Partial<IExecutor> = {}): IExecutor => ({
  name: 'own',
  capabilities: () => ({}),
  traits: () => ({ jobResources: { memoryLimit: Size.gibibytes(1) } }),
  problems: () => [],
  plan: ({ program }) => ({ image: program.image, user: { id: program.user } }),
  ...parts,
});

function run(own: Executor) {
  return new Runner(new Chart(new App(), 'ci', { namespace: 'ci' }), 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: own,
  });
}

function job(source: IStepSource) {
  const workflow = new Workflow(newApp().app, 'wf', { repository });
  return workflow.addJob('job', { runsOn: RunsOn.existing('linux'), steps: [source] });
}

const step = () => Step.run({ name: 'Say', script: 'true' });

test.each<[string, unknown, string | undefined]>([
  ['steps', [step()], undefined],
  ['no list', undefined, 'FORGE-ARG-001'],
  ['a list with nothing in it', [undefined], 'FORGE-ARG-001'],
  ['objects that are no steps', [{ run: 'true' }], 'FORGE-ARG-001'],
])('a source of steps that returns %s', (_, steps, code) => {
  const source: IStepSource = { bind: () => given(steps) };
  const into = [
    () => job(source),
    () => job(Step.parallel([source])),
    () => new CompositeAction(newApp().app, 'act', { repository, description: 'd', steps: [source] }),
  ];
  into.forEach((make) => (code ? expect(codesOf(make)).toEqual([code]) : expect(make).not.toThrow()));
});

test.each<[string, unknown, string | undefined]>([
  ['a script', { name: 'Build', script: 'true\n', env: { A: 'b' } }, undefined],
  ['nothing', undefined, 'FORGE-ARG-001'],
  ['no text', { name: 'Build' }, 'FORGE-ARG-001'],
  ['a number in env', { name: 'Build', script: 'true\n', env: { A: 5 } }, 'FORGE-ARG-001'],
  ['a property that no script has', { name: 'Build', script: 'true\n', environment: {} }, 'FORGE-ARG-002'],
])('a builder whose script is %s', (_, script, code) => {
  const props = { registry: Registry.gitea(gitea, { owner: 'platform' }), image: 'hello', context: '.' };
  const build = () =>
    BuildctlBuild.step({
      ...props,
      dockerfile: 'Dockerfile',
      tags: 'main',
      builder: builder({ buildScript: () => given(script) }),
    });
  if (code) {
    expect(codesOf(build)).toEqual([code]);
  } else {
    expect(build).not.toThrow();
  }
});

test('a builder that returns no connection', () => {
  expect(codesOf(() => run(Executor.host({ builder: builder({ connectFrom: () => given(undefined) }) })))).toEqual([
    'FORGE-ARG-001',
  ]);
  expect(() => run(Executor.host({ builder: builder() }))).not.toThrow();
});

test.each<[string, Partial<IExecutor>, string | undefined]>([
  ['everything', {}, undefined],
  ['no traits', { traits: () => given(undefined) }, 'FORGE-ARG-001'],
  ['no list of problems', { problems: () => given(undefined) }, 'FORGE-ARG-001'],
  ['no plan', { plan: () => given(undefined) }, 'FORGE-ARG-001'],
  [
    'a plan with a misspelled part',
    { plan: () => given({ image: 'a:1', user: { id: 1 }, mount: [] }) },
    'FORGE-ARG-002',
  ],
])('an executor that returns %s', (_, parts, code) => {
  const make = () => run(Executor.custom(executor(parts)));
  if (code) {
    expect(codesOf(make)).toEqual([code]);
  } else {
    expect(make).not.toThrow();
  }
});

const plan = (parts: object) => () => ({ image: 'a:1', user: { id: 1 }, ...parts });
const volumes = [{ name: 'a', content: VolumeContent.EMPTY }];
const mount = { volume: 'a', path: '/x' };
const service = { name: 'side', image: 'b:1' };

test.each<[string, object, string[]]>([
  [
    'fits',
    { volumes, mounts: [mount], services: [service], env: [{ name: 'A.b', value: 'c' }], files: { x: 'y' } },
    [],
  ],
  ['mounts no volume', { mounts: [mount] }, ['FORGE-RUN-050']],
  ['mounts twice at a path', { volumes, mounts: [mount, mount] }, ['FORGE-RUN-050']],
  ['has a volume twice', { volumes: [...volumes, { name: 'a', content: VolumeContent.FILES }] }, ['FORGE-RUN-050']],
  ['has a container twice', { services: [service, service] }, ['FORGE-RUN-050']],
  ['takes the name of the runner', { services: [{ ...service, name: 'runner' }] }, ['FORGE-RUN-050']],
  ['has a container without a name for one', { services: [{ ...service, name: 'A B' }] }, ['FORGE-RUN-050']],
  ['has no image', { image: '' }, ['FORGE-RUN-050']],
  ['has a variable without a name for one', { env: [{ name: 'A=B', value: 'c' }] }, ['FORGE-RUN-050']],
  ['has a file outside', { files: { '../x': 'y' } }, ['FORGE-RUN-050']],
  ['has no user', { user: { id: -1 } }, ['FORGE-RUN-050']],
])('an executor whose plan %s', (_, parts, codes) => {
  const make = () => run(Executor.custom(executor({ plan: plan(parts) })));
  if (codes.length > 0) {
    expect([...new Set(codesOf(make))]).toEqual(codes);
  } else {
    expect(make).not.toThrow();
  }
});
