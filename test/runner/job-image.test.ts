import {
  Executor,
  HostExecutorProps,
  ImageReference,
  JobImage,
  ProgramFacts,
  RunnerVersion,
  Scaling,
} from '../../lib/runner';
import { GiteaProgram } from '../../lib/runner/program/gitea';
import { Storage } from '../../lib/kube';
import { Size } from 'cdk8s';
import { STORAGES, world } from '../buildkit/world';
import { forgejoRunner, render, runner, scalerToken } from './fixture';
import { gitHubRunner, renderGitHub } from './github/fixture';
import { foundCodes } from '../support/problems';

const IMAGE = 'registry.example.com/ci/toolchain@sha256:' + 'a'.repeat(64);
const host = (image: Partial<JobImage> = {}, more: HostExecutorProps = {}) =>
  Executor.host({ jobImage: { image: IMAGE, user: 1234, ...image }, ...more });
const START = ['sh', '-c', 'export PATH="/opt/cdk8s-forge/bin:$PATH"; exec "$@"', 'start'];
const PROGRAM = '/opt/cdk8s-forge/program';
const env = (list: { name: string; value?: string }[] = []) =>
  Object.fromEntries(list.map((one) => [one.name, one.value]));

test("Gitea's runner is copied into the image, and registers in its own", () => {
  const { main, pod, container, config } = render(runner({ executor: host() }));
  expect(main.image).toBe(IMAGE);
  expect(main.command).toEqual([
    ...START,
    `${PROGRAM}/gitea-runner`,
    'daemon',
    '--config',
    '/etc/cdk8s-forge/config.yaml',
  ]);
  const copy = container('program');
  expect(copy.command).toEqual(['cp', '/usr/local/bin/gitea-runner', `${PROGRAM}/`]);
  expect(copy.image).toBe(container('register').image);
  expect(copy.image).toMatch(/^gitea\/runner:/);
  expect(pod.securityContext).toMatchObject({ runAsUser: 1234, runAsGroup: 1234, fsGroup: 1234, runAsNonRoot: true });
  expect(config.host).toEqual({ workdir_parent: '/workspace' });
  expect(main.volumeMounts).toContainEqual({ name: 'work', mountPath: '/workspace' });
});

test('home, accounts and PATH of the image stay', () => {
  const { main } = render(
    runner({ executor: host({}, { tools: [{ image: 'mikefarah/yq:4.47.1', path: '/usr/bin/yq' }] }) }),
  );
  expect(env(main.env)).not.toHaveProperty('HOME');
  expect(env(main.env)).not.toHaveProperty('PATH');
  expect(main.volumeMounts!.map(({ mountPath }) => mountPath)).not.toContain('/etc/passwd');
  expect(main.volumeMounts!.map(({ mountPath }) => mountPath)).not.toContain('/home/runner');
  expect(main.volumeMounts).toContainEqual({ name: 'tools', mountPath: '/opt/cdk8s-forge/bin', readOnly: true });
  const { main: other, config } = render(runner({ executor: host({ home: '/home/ci', workdir: '/src' }) }));
  expect(env(other.env).HOME).toBe('/home/ci');
  expect(config.host).toEqual({ workdir_parent: '/src' });
});

test("Forgejo's runner is copied, also for one job", () => {
  const scaling = Scaling.perJob({ max: 2, apiToken: scalerToken });
  for (const [props, word] of [
    [{}, 'daemon'],
    [{ scaling }, 'one-job'],
  ] as const) {
    const { main, container } = render(forgejoRunner({ executor: host(), ...props }));
    expect(main.command!.slice(0, 6)).toEqual([...START, `${PROGRAM}/forgejo-runner`, word]);
    expect(container('program').command).toEqual(['cp', '/bin/forgejo-runner', `${PROGRAM}/`]);
  }
});

test("GitHub's runner is copied whole, as the user that can read it", () => {
  const { main, container } = renderGitHub(gitHubRunner({ executor: host() }));
  expect(main.image).toBe(IMAGE);
  expect(env(main.env).RUNNER_PROGRAM).toBe(`${PROGRAM}/run.sh`);
  expect(main.command!.slice(4)).toEqual(['bash', '/etc/cdk8s-forge/github-start.sh']);
  expect(container('program')).toMatchObject({
    command: ['cp', '-R', '/home/runner/.', `${PROGRAM}/`],
    securityContext: { runAsUser: 1001 },
  });
  expect(main.volumeMounts).toContainEqual({ name: 'work', mountPath: `${PROGRAM}/_work` });
  expect(main.volumeMounts).toContainEqual({ name: 'program', mountPath: PROGRAM });
});

test('root is the user if the image says so, and jobs can have a builder', () => {
  const { daemon } = world({ storage: STORAGES[0] });
  const work = Storage.memory(Size.gibibytes(1));
  const made = runner({ executor: host({ user: 0 }, { builder: daemon, work }) });
  const { pod, container } = render(made);
  expect(pod.securityContext!.runAsUser).toBe(0);
  expect(container('tools')).toBeDefined();
  expect(made.capabilities).toMatchObject({ installsPackages: true, builderInJobs: true });
  expect(made.capabilities.tools).toBeUndefined();
});

test.each<[string, Partial<JobImage>, Partial<JobImage>]>([
  ['an image', { image: 'A b' }, { image: 'toolchain' }],
  ['a user', { user: -1 }, { user: 65534 }],
  ['a home', { home: 'home' }, { home: '/home' }],
  ['a home with a control character', { home: '/home/\u0001' }, { home: '/home/1' }],
  ['a work directory', { workdir: '/a/../b' }, { workdir: '/a/b' }],
])('%s that is none is an error', (_, bad, good) => {
  expect(foundCodes(() => runner({ executor: host(bad) }))).toEqual(['FORGE-RUN-053']);
  expect(foundCodes(() => runner({ executor: host(good) }))).toEqual([]);
});

test('what does not fit the runner binary is an error', () => {
  const github = (image: Partial<JobImage>) => foundCodes(() => gitHubRunner({ executor: host(image) }));
  expect(github({ user: 0 })).toEqual(['FORGE-RUN-053']);
  expect(github({ workdir: '/src' })).toEqual(['FORGE-RUN-053']);
  expect(github({})).toEqual([]);
  expect(foundCodes(() => runner({ executor: host({}, { jobsRunAsRoot: true }) }))).toEqual(['FORGE-RUN-053']);
  class Fixed extends GiteaProgram {
    override facts(version: RunnerVersion, image: ImageReference): ProgramFacts {
      return { ...super.facts(version, image), portable: undefined };
    }
  }
  expect(foundCodes(() => runner({ program: new Fixed(), executor: host() }))).toEqual(['FORGE-RUN-053']);
});
