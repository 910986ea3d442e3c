import { App, Chart, Duration, Size } from 'cdk8s';
import { Buildkitd } from '../../../lib/buildkit';
import { Forge, Repository, RunsOn } from '../../../lib/forge';
import { Storage } from '../../../lib/kube';
import {
  Executor,
  GitHubRunner,
  HostedRunner,
  Registration,
  Runner,
  RunnerLabel,
  RunnerProps,
  RunnerScope,
  RunnerVersion,
  Scaling,
} from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import {
  Action,
  Actions,
  JobContainer,
  JobProps,
  JobTool,
  Matrix,
  ReusableWorkflow,
  Shell,
  Step,
  Trigger,
  Workflow,
} from '../../../lib/workflow';
import { accepts, codesOf, problemsOf } from '../../support/problems';
import { textOf } from '../render';

const gitea = Forge.gitea({ version: '1.27', url: 'https://git.example.com' });
const hello = gitea.repository('platform/hello');
const make = Step.run({ name: 'Build', script: 'make' });

function runner(props: Partial<RunnerProps> = {}): Runner {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  return new Runner(chart, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    executor: Executor.host(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    ...props,
  });
}

const buildkitd = () =>
  new Buildkitd(new Chart(new App(), 'ci', { namespace: 'ci' }), 'buildkitd', {
    registries: [],
    storage: Storage.ephemeral(Size.gibibytes(10)),
  });
const rootless = () => runner({ executor: Executor.dockerRootless() });

function workflowOf(job: JobProps, repository: Repository = hello): Workflow {
  const workflow = new Workflow(new App(), 'build', { repository, triggers: [Trigger.push({ branches: ['main'] })] });
  workflow.addJob('build', { steps: [make], ...job });
  return workflow;
}

describe('a job is given the runner itself', () => {
  test('and asks for its first label, or for those that are wanted', () => {
    const labels = [RunnerLabel.host('linux'), RunnerLabel.host('arm64'), RunnerLabel.host('big')];
    expect(textOf(workflowOf({ runsOn: runner() }))).toContain('    runs-on: runner\n');
    expect(textOf(workflowOf({ runsOn: runner({ labels }) }))).toContain('    runs-on: linux\n');
    const text = textOf(workflowOf({ runsOn: runner({ labels }).withLabels('big', 'arm64') }));
    expect(text).toContain('    runs-on:\n      - big\n      - arm64\n');
  });

  test('and may not ask for a label that it has not', () => {
    expect(problemsOf(() => runner().withLabels('gpu'))).toMatchObject([
      {
        code: 'FORGE-FRG-012',
        message: 'runner "ci/runner" (scope: instance) has no label "gpu"',
        allowed: 'its own: runner',
      },
    ]);
    expect(codesOf(() => runner().withLabels())).toEqual(['FORGE-FRG-012']);
    accepts(() => runner().withLabels('runner'));
  });
});

describe('a runner that takes no jobs of the repository is found', () => {
  const other = Forge.gitea({ version: '1.27', url: 'https://other.example.com' });
  test.each<[string, JobProps['runsOn'], Repository]>([
    ['the scope is another owner', runner({ scope: RunnerScope.organization('homelab') }), hello],
    [
      'the scope is another repository',
      runner({ scope: RunnerScope.repository(gitea.repository('platform/bye')) }),
      hello,
    ],
    ['the repository is at another forge', runner(), other.repository('platform/hello')],
    [
      'a label was chosen, the scope is wrong all the same',
      runner({ scope: RunnerScope.user('someone') }).withLabels('runner'),
      hello,
    ],
    ['GitHub runs no jobs of others', HostedRunner.UBUNTU_LATEST, hello],
  ])('%s', (_, runsOn, repository) => {
    accepts(
      () => textOf(workflowOf({ runsOn: runner() }, hello)),
      () => textOf(workflowOf({ runsOn: runner({ scope: RunnerScope.organization('platform') }) }, hello)),
      () => textOf(workflowOf({ runsOn: runner({ scope: RunnerScope.repository(hello) }) }, hello)),
      () => textOf(workflowOf({ runsOn: HostedRunner.UBUNTU_LATEST }, Forge.github().repository('platform/hello'))),
    );
    expect(problemsOf(() => textOf(workflowOf({ runsOn }, repository)))).toMatchObject([
      { code: 'FORGE-WF-049', path: 'build/build', symptom: 'the job waits for ever: no matching online runner' },
    ]);
  });

  test('and one that covers it is not', () => {
    for (const scope of [RunnerScope.instance(), RunnerScope.organization('Platform'), RunnerScope.repository(hello)]) {
      textOf(workflowOf({ runsOn: runner({ scope }) }));
    }
    textOf(workflowOf({ runsOn: HostedRunner.UBUNTU_LATEST }, Forge.github().repository('platform/hello')));
    textOf(workflowOf({ runsOn: RunsOn.existing('anything') }));
    const matrix = Matrix.of({ os: ['a', 'b'] });
    expect(textOf(workflowOf({ runsOn: RunsOn.existing(matrix.value('os')), matrix }))).toContain(
      'runs-on: ${{ matrix.os }}',
    );
  });

  test('also at a call that runs on a runner, and all of them at once', () => {
    const forgejo = Forge.forgejo({ version: '13.0', url: 'https://git.example.com' }).repository('platform/hello');
    const calling = (runsOn: JobProps['runsOn']) => {
      const app = new App();
      const callee = new Workflow(app, 'callee', { repository: forgejo, triggers: [Trigger.call()] });
      const caller = new Workflow(app, 'caller', { repository: forgejo, triggers: [Trigger.push()] });
      caller.addCall('call', { workflow: ReusableWorkflow.local(callee), runsOn });
      caller.addJob('job', { runsOn, steps: [make] });
      return textOf(caller);
    };
    accepts(() => calling(RunsOn.existing('runner')));
    expect(problemsOf(() => calling(runner())).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'FORGE-WF-049 caller/call',
      'FORGE-WF-049 caller/job',
    ]);
  });
});

describe('what the runner cannot do is found', () => {
  const container = JobContainer.of('node:22.21.0');
  const services = { db: JobContainer.of('postgres:17.2') };
  const checkout = Actions.checkout({ name: 'Check out' });
  const image = Step.uses({ name: 'Greet', action: Action.docker('alpine:3.20') });
  const withoutDocker: [string, Partial<JobProps>, RegExp][] = [
    ['a container', { container }, /asks for a `container`/],
    ['services', { services }, /asks for `services`/],
    ['an action that is a container', { steps: [image] }, /uses "docker:\/\/alpine:3.20", a container/],
    ['an action in JavaScript', { steps: [checkout] }, /uses "actions\/checkout@\w+", which is written in JavaScript/],
  ];
  test.each(withoutDocker)('%s without Docker and node', (_, job, message) => {
    accepts(() => textOf(workflowOf({ runsOn: runner({ executor: Executor.docker() }), ...job })));
    expect(problemsOf(() => textOf(workflowOf({ runsOn: runner(), ...job })))).toMatchObject([
      { code: 'FORGE-WF-050', message: expect.stringMatching(message), path: 'build/build' },
    ]);
  });

  test('and what it can do is not', () => {
    for (const [, job] of withoutDocker) {
      for (const runsOn of [runner({ executor: Executor.docker() }), rootless(), RunsOn.existing('x')]) {
        textOf(workflowOf({ runsOn, ...job }));
      }
    }
    textOf(workflowOf({ runsOn: runner({ executor: Executor.host({ imageHasNode: true }) }), steps: [checkout] }));
  });

  test('the image of a container must hold node, not the runner', () => {
    expect(
      problemsOf(() => textOf(workflowOf({ runsOn: runner(), container, steps: [checkout] }))).map(
        ({ message }) => message,
      ),
    ).toEqual([expect.stringMatching(/`container`/)]);
    accepts(() =>
      textOf(workflowOf({ runsOn: runner({ executor: Executor.docker() }), container, steps: [checkout] })),
    );
  });

  test.each(['80:80', '53:5353/udp', '1023:1'])('the port %s from a daemon without root', (port) => {
    const job = { services: { web: JobContainer.of('nginx:1.29.0', { ports: [port] }) } };
    expect(problemsOf(() => textOf(workflowOf({ runsOn: rootless(), ...job })))).toMatchObject([
      { code: 'FORGE-WF-050', message: expect.stringContaining(`(web ${port})`) },
    ]);
    const high = { services: { web: JobContainer.of('nginx:1.29.0', { ports: ['1024:80'] }) } };
    accepts(
      () => textOf(workflowOf({ runsOn: runner({ executor: Executor.docker() }), ...job })),
      () => textOf(workflowOf({ runsOn: rootless(), ...high })),
    );
  });

  test.each(['1024:80', '80', '8080:80/tcp'])('and not the port %s', (port) => {
    textOf(workflowOf({ runsOn: rootless(), services: { web: JobContainer.of('nginx:1.29.0', { ports: [port] }) } }));
  });
});

describe('tools that a step declares are held against the runner', () => {
  const step = (tool: JobTool) => ({ steps: [Step.run({ name: 'Go', script: 'make', tools: [tool] })] });
  const container = JobContainer.of('node:22.21.0');
  const withNode = runner({ executor: Executor.host({ imageHasNode: true }) });
  const withoutSocket = runner({ executor: Executor.docker({ dockerInJobs: false }) });
  test.each<[JobTool, Runner | HostedRunner]>([
    [JobTool.DOCKER, runner()],
    [JobTool.DOCKER, withoutSocket],
    [JobTool.BUILDCTL, runner()],
    [JobTool.NODE, runner()],
    [JobTool.of('cosign'), runner()],
    [JobTool.of('docker'), runner()],
  ])('%#', (tool, runsOn) => {
    accepts(() => textOf(workflowOf({ runsOn: RunsOn.existing('x'), ...step(tool) })));
    expect(problemsOf(() => textOf(workflowOf({ runsOn, ...step(tool) })))).toMatchObject([
      {
        code: 'FORGE-WF-050',
        message: expect.stringContaining(`calls \`${tool.name}\` in step "Go", which runner "ci/runner"`),
      },
    ]);
  });

  test('and pass where they are', () => {
    textOf(workflowOf({ runsOn: withNode, ...step(JobTool.NODE) }));
    textOf(workflowOf({ runsOn: runner({ executor: Executor.docker() }), ...step(JobTool.DOCKER) }));
    textOf(workflowOf({ runsOn: rootless(), container, ...step(JobTool.NODE) }));
    textOf(
      workflowOf({ runsOn: runner({ executor: Executor.host({ builder: buildkitd() }) }), ...step(JobTool.BUILDCTL) }),
    );
  });

  test('a tool of any name is on the host executor with it, in an image of the user, in a container, or set up by its action', () => {
    const cosign = JobTool.of('cosign', { setUpBy: 'sigstore/cosign-installer' });
    const copied = Executor.host({ tools: [{ image: 'cosign:3.0.2', path: '/ko-app/cosign' }] });
    const another = Executor.host({ tools: [{ image: 'cosign:3.0.2', path: '/ko-app/cosign-2' }] });
    const withNode = Executor.host({ imageHasNode: true });
    const setUp = Step.uses({
      name: 'Install',
      action: Action.repository('sigstore', 'cosign-installer', { ref: 'v4', sha: 'a'.repeat(40) }),
    });
    accepts(
      () => textOf(workflowOf({ runsOn: runner({ executor: copied }), ...step(cosign) })),
      () => textOf(workflowOf({ runsOn: runner({ image: 'git.example.com/ci/runner' }), ...step(cosign) })),
      () => textOf(workflowOf({ runsOn: rootless(), container, ...step(cosign) })),
      () => textOf(workflowOf({ runsOn: runner({ executor: withNode }), steps: [setUp, ...step(cosign).steps] })),
    );
    for (const executor of [another, withNode]) {
      expect(codesOf(() => textOf(workflowOf({ runsOn: runner({ executor }), ...step(cosign) })))).toEqual([
        'FORGE-WF-050',
      ]);
    }
  });

  test.each(['', 'cosign sign', '/bin/cosign', '-x', 'a;b'])('%j is no command', (name) => {
    accepts(...['a', 'cosign-sign', 'bin.cosign', 'x-', 'a_b+2'].map((good) => () => JobTool.of(good)));
    expect(codesOf(() => JobTool.of(name))).toEqual(['FORGE-WF-057']);
  });

  test.each(['g++', 'docker-credential-gcr', 'x86_64-w64-mingw32-gcc', 'python3.13'])('%j is one', (name) => {
    expect(JobTool.of(name).name).toBe(name);
  });

  test("the node that GitHub's runner has is for actions; steps find it in a container, or once it is set up", () => {
    const github = Forge.github();
    const own = new GitHubRunner(new Chart(new App(), 'ci', { namespace: 'ci' }), 'runner', {
      forge: github,
      scope: RunnerScope.organization('platform'),
      registration: Registration.gitHubToken(SecretSource.existing('github-runners')),
      scaling: Scaling.perJob({ max: 1 }),
      executor: Executor.docker(),
    });
    const there = github.repository('platform/hello');
    const setUp = Step.uses({
      name: 'Set up node',
      action: Action.repository('actions', 'setup-node', { ref: 'v4', sha: 'a'.repeat(40) }),
    });
    expect(codesOf(() => textOf(workflowOf({ runsOn: own, ...step(JobTool.NODE) }, there)))).toEqual(['FORGE-WF-050']);
    accepts(
      () => textOf(workflowOf({ runsOn: own, steps: [Actions.checkout({ name: 'Check out' })] }, there)),
      () => textOf(workflowOf({ runsOn: own, container, ...step(JobTool.NODE) }, there)),
      () => textOf(workflowOf({ runsOn: own, steps: [setUp, ...step(JobTool.NODE).steps] }, there)),
    );
  });

  test('a container holds node, but not the socket', () => {
    expect(codesOf(() => textOf(workflowOf({ runsOn: withoutSocket, container, ...step(JobTool.DOCKER) })))).toEqual([
      'FORGE-WF-050',
    ]);
    accepts(() => textOf(workflowOf({ runsOn: withoutSocket, container, ...step(JobTool.NODE) })));
  });
});

describe('what a script seems to need and the runner has not is worth a look', () => {
  const warningsOf = (script: string, job: Partial<JobProps> = {}) =>
    workflowOf({ runsOn: runner(), steps: [Step.run({ name: 'Prepare', script })], ...job }).warnings;

  test.each([
    ['sudo apt-get install -y jq', 'sudo'],
    ['set -e\nif true; then sudo true; fi', 'sudo'],
    ['apt-get update && apt-get -y install jq', 'apt-get update'],
    ['cd /tmp && apk add --no-cache git', 'apk add'],
    ['TAG=1; docker build .', 'docker build'],
    ['version=$(docker run --rm alpine:3.20 true)', 'docker run'],
  ])('%s', (script, found) => {
    expect(warningsOf(script)[0]).toContain(`build/build: step "Prepare" calls \`${found}\``);
  });

  test.each([
    '# sudo is not needed here',
    'echo pseudo',
    'make sudo-free',
    './docker build',
    'apt list',
    'cat docker run.txt',
    'echo "no sudo"',
  ])('but not %s', (script) => {
    expect(warningsOf(script)).toEqual([]);
  });

  test('in a container it is the image that decides, except about Docker', () => {
    const job = { runsOn: runner({ executor: Executor.docker({ dockerInJobs: false }) }) };
    expect(warningsOf('sudo docker build .\napt-get install jq', job)).toEqual([]);
    expect(warningsOf('docker build .', job)).toEqual([
      'build/build: step "Prepare" calls `docker build`: jobs of the runner find no Docker daemon',
    ]);
    expect(
      warningsOf('apt-get install jq', { runsOn: runner({ executor: Executor.host({ jobsRunAsRoot: true }) }) }),
    ).toEqual([]);
  });

  test('a low port that is published by hand', () => {
    expect(warningsOf('docker run --rm -p 80:8080 nginx:1.29.0', { runsOn: rootless() })).toEqual([
      expect.stringContaining('no port below 1024'),
    ]);
    expect(warningsOf('docker run --rm -p 8080:80 -p 127.0.0.1:1024:1 nginx:1.29.0', { runsOn: rootless() })).toEqual(
      [],
    );
  });

  test('an action of which nobody knows what it is written in', () => {
    const steps = [
      Step.uses({ name: 'a', action: Action.repository('some', 'one', { ref: 'v1', sha: 'a'.repeat(40) }) }),
    ];
    expect(workflowOf({ runsOn: runner(), steps }).warnings).toEqual([
      `build/build: some/one@${'a'.repeat(40)} does not work if it is written in JavaScript: runner "ci/runner" (scope: instance) has no node`,
    ]);
    expect(workflowOf({ runsOn: runner({ executor: Executor.docker() }), steps }).warnings).toEqual([]);
  });
});

describe('the version of the declared runner decides', () => {
  const versioned = (version: string) => runner({ executor: Executor.docker(), version: RunnerVersion.of(version) });
  const upload = (ref?: string) =>
    Actions.uploadArtifact({ name: 'Upload', paths: ['dist'], ...(ref ? { version: { ref } } : {}) });

  test('whether artifacts of version 4 work', () => {
    const problem = problemsOf(() => textOf(workflowOf({ runsOn: versioned('1.0.8'), steps: [upload()] })))[0];
    expect(problem).toMatchObject({ code: 'FORGE-WF-050', fix: expect.stringContaining('3.0') });
    const isWarned = (runsOn: JobProps['runsOn'], ref?: string) =>
      workflowOf({ runsOn, steps: [upload(ref)] }).warnings.some((warning) => warning.includes('needs a runner'));
    textOf(workflowOf({ runsOn: versioned('3.3.0'), steps: [upload()] }));
    textOf(workflowOf({ runsOn: versioned('1.0.8'), steps: [upload('v3.2.1')] }));
    expect(isWarned(versioned('3.3.0'))).toBe(false);
    expect(isWarned(RunsOn.existing('x'))).toBe(true);
    expect(isWarned(RunsOn.existing('x'), 'v3')).toBe(false);
  });

  test.each([
    ['1.26', '2.0.0', true],
    ['1.26', '1.0.8', false],
    ['1.27', '2.1.0', true],
    ['1.27', '1.0.8', false],
  ])('Gitea %s, runner %s: the runner enforces the limit of a job: %s', (server, version, isEnforced) => {
    const forge = Forge.gitea({ version: server, url: 'https://git.example.com' });
    const runsOn = runner({ forge, version: RunnerVersion.of(version) });
    const text = textOf(workflowOf({ runsOn, timeout: Duration.minutes(7) }, forge.repository('platform/hello')));
    expect(text.includes('\n    timeout-minutes: 7\n')).toBe(isEnforced);
    expect(text.includes('\n        timeout-minutes: 7 #')).toBe(!isEnforced);
  });
});

describe('bash in an image without bash', () => {
  const warned = (image: string, steps = [make]) =>
    workflowOf({ runsOn: RunsOn.existing('x'), container: JobContainer.of(image), steps }).warnings.filter((warning) =>
      warning.includes('bash'),
    ).length;
  test.each([
    'alpine:3.20',
    'node:22-alpine',
    'golang:1.24-alpine3.20',
    'docker:28.1',
    'docker:28-dind',
    'busybox:1.37',
  ])('%s is noticed', (image) => {
    expect(warned(image)).toBe(1);
    const sh = Step.run({ name: 'Build', script: 'make', shell: Shell.SH });
    expect(warned(image, [sh])).toBe(0);
    const install = Step.run({ name: 'Install', script: 'apk add --no-cache git bash', shell: Shell.SH });
    expect(warned(image, [install, make])).toBe(0);
    expect(warned(image, [make, install])).toBe(1);
  });
  test.each(['debian:12.1', 'node:22.1', 'example.com/alpine-tools/debian:1', 'registry.example.com/app:1'])(
    '%s is not',
    (image) => {
      expect(warned(image)).toBe(0);
    },
  );
});

test('an output of another job in the name of a job is shown as text by Gitea', () => {
  const named = (repository: Repository) => {
    const workflow = workflowOf({ runsOn: RunsOn.existing('x') }, repository);
    const list = Step.run({ name: 'List', script: 'ls', outputs: ['v'] });
    const steps = [list];
    const a = workflow.addJob('a', { runsOn: RunsOn.existing('x'), steps, outputs: { v: list.output('v') } });
    workflow.addJob('b', { runsOn: RunsOn.existing('x'), steps: [make], name: `Build ${a.output('v')}` });
    return textOf(workflow);
  };
  expect(codesOf(() => named(hello))).toEqual(['FORGE-WF-012']);
  expect(named(Forge.github().repository('a/b'))).toContain('name: Build ${{ needs.a.outputs.v }}\n');
  textOf(workflowOf({ runsOn: RunsOn.existing('x'), name: 'Build ${{ github.ref_name }}' }));
});
