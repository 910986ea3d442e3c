import * as fs from 'node:fs';
import { Size } from 'cdk8s';
import { ContainerEngine, HostProfile, HostRunnerProps } from '../../lib/host';
import { Storage } from '../../lib/kube';
import { DockerEndpoint, Executor } from '../../lib/runner';
import { runBash } from '../support/bash';
import { codesOf, foundCodes } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf, hostForge, hostRunner } from './world';

const forge = () => hostForge({ url: 'https://git.example.com' });
const podman = (props: Partial<HostRunnerProps> = {}) =>
  hostRunner({ forge: forge(), engine: ContainerEngine.PODMAN, ...props });

test('the containers of the compose project are units of Podman, without root', () => {
  const { files } = podman();
  const compose = hostRunner({ forge: forge() }).files;
  const units = Object.keys(files).filter((file) => /\.(container|volume|network)$/.test(file));
  expect(units.map((file) => file.replace('host/runner/forge-runner', ''))).toEqual([
    '.network',
    ...['data', 'work', 'layers', 'docker-socket', 'trust'].map((name) => `-${name}.volume`),
    ...['trust', 'register', 'docker', 'runner'].map((name) => `-${name}.container`),
  ]);
  expect(compose).toHaveProperty(['host/runner/compose.yml']);
  expect(files).not.toHaveProperty(['host/runner/compose.yml']);
  // Every other file is that of the project.
  for (const file of Object.keys(compose).filter((name) => !name.endsWith('compose.yml'))) {
    expect([file, files[file]]).toEqual([file, compose[file]]);
  }
  expect(files['host/runner/forge-runner-runner.container']).toMatchSnapshot();
  expect(files['host/runner/forge-runner-docker.container']).toMatchSnapshot();
});

test('storage in memory is a tmpfs, and an external daemon needs no privilege', () => {
  const { files } = podman({
    executor: Executor.docker({ layers: Storage.memory(Size.gibibytes(2)) }),
  });
  expect(files['host/runner/forge-runner-layers.volume']).toBe('[Volume]\nType=tmpfs\nDevice=tmpfs\nOptions=size=2g\n');
  const external = podman({ executor: Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375)) });
  expect(Object.values(external.files).join('')).not.toContain('--privileged');
});

describe('install.sh', () => {
  const LOG = (name: string, folder: string) => `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n`;

  function machine(version = '4.4.1', controllers = 'cpu memory pids') {
    const folder = temporaryFolder();
    fs.writeFileSync(`${folder}/controllers`, `${controllers}\n`);
    const install = (files: Record<string, string>, token: string) => {
      const copy = temporaryFolder();
      writeTree(copy, files);
      return runBash(`bash ${copy}/host/runner/install.sh`, {
        env: { RUNNER_TOKEN: token, HOME: `${folder}/home`, CONTROLLERS: `${folder}/controllers` },
        commands: {
          id: '#!/bin/sh\necho 1000\n',
          systemctl: LOG('systemctl', folder),
          loginctl: LOG('loginctl', folder),
          podman: `#!/bin/sh
case "$1 $2" in
  'version --format') echo ${version} ;;
  'secret create') cat > "${folder}/$3" ;;
  'secret inspect') test -e "${folder}/$3" ;;
esac
`,
        },
      });
    };
    return { folder, install };
  }

  test('installs units, files and the token, keeps the token, and removes units that are no longer declared', () => {
    const { folder, install } = machine();
    const { files } = podman();
    const units = `${folder}/home/.config/containers/systemd`;
    expect(install(files, '')).toMatchObject({ status: 1, stderr: expect.stringContaining('RUNNER_TOKEN is empty') });
    expect(install(files, 'a-token')).toMatchObject({ status: 0, stderr: '' });
    expect(fs.readFileSync(`${folder}/forge-runner-runner-token`, 'utf8')).toBe('a-token');
    expect(fs.existsSync(`${folder}/home/.config/cdk8s-forge/runner/config.yml`)).toBe(true);
    // A unit of a runner with a longer name is not ours.
    fs.writeFileSync(`${units}/forge-runner-two-runner.container`, '');
    const external = podman({
      executor: Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375)),
    });
    expect(install(external.files, '')).toMatchObject({ status: 0 });
    const left = fs.readdirSync(units);
    expect(left).toContain('forge-runner-two-runner.container');
    expect(left).not.toContain('forge-runner-docker.container');
    const calls = fs.readFileSync(`${folder}/calls`, 'utf8');
    expect(calls).toContain('systemctl --user stop forge-runner-docker.service');
    expect(calls.trim().split('\n').slice(-3)).toEqual([
      'loginctl enable-linger',
      'systemctl --user daemon-reload',
      'systemctl --user start forge-runner-runner.service',
    ]);
    // The token is in no file of the repository's copy.
    expect(calls).not.toContain('a-token');
  });

  test('says what the machine lacks', () => {
    const { files } = podman();
    expect(machine('4.3.1').install(files, 'a').stderr).toContain('Quadlet needs 4.4 or newer');
    expect(machine('5.0.0', 'memory pids').install(files, 'a').stderr).toContain(
      'the cgroup controller cpu is not delegated',
    );
    expect(machine('5.0.0').install(files, 'a').status).toBe(0);
  });
});

test('fails where nothing runs the units, and where job containers do not find the machine', () => {
  expect(codesOf(() => podman({ executor: Executor.host() }))).toEqual(['FORGE-HOST-016']);
  const external = Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375));
  expect(codesOf(() => podman({ executor: external, profile: HostProfile.podmanMacos() }))).toEqual(['FORGE-HOST-016']);
  expect(codesOf(() => podman({ forge: hostForge() }))).toEqual(['FORGE-HOST-002']);
  expect(foundCodes(() => podman({ executor: external, forge: hostForge() }))).toEqual([]);
  expect(foundCodes(() => podman({ profile: HostProfile.lxc() }))).toEqual([]);
  expect(foundCodes(() => filesOf(podman().app))).toEqual([]);
});
