import * as fc from 'fast-check';
import { Size } from 'cdk8s';
import { parse } from 'yaml';
import { EVERY_CAPABILITY } from '../../lib/forge';
import { ContainerEngine, HostRunnerProps } from '../../lib/host';
import { composeText } from '../../lib/host/runner/compose-text';
import { quotedWord, unitText } from '../../lib/host/runner/systemd';
import { PodVolume, Storage } from '../../lib/kube';
import { Executor, VolumeContent } from '../../lib/runner';
import { accepts, codesOf } from '../support/problems';
import { hostRunner, plainForge } from './world';

const runner = (props: Partial<HostRunnerProps> = {}) => hostRunner({ forge: plainForge(), ...props }).files;
const at = (path: string) => Storage.hostPath(path, { node: 'n' });
const CONTROLS = ['\n', '\r', '\t', '\0', '\u0001', '\u007f', '\u0085', '\u2028'];

/** What compose replaces in a value: `$$` by `$`, and variables, which are not set, by nothing. */
const interpolated = (text: string) =>
  text.replace(/\$(\$|\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)/g, (_, what) => (what === '$' ? '$' : ''));

/** Applies a function to the texts of data that compose interpolates: the values. */
function eachValue(data: unknown, change: (text: string) => string): unknown {
  if (typeof data === 'string') {
    return change(data);
  }
  if (Array.isArray(data)) {
    return data.map((item) => eachValue(item, change));
  }
  return typeof data === 'object' && data !== null
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, eachValue(value, change)]))
    : data;
}

/** A service of compose.yml, as far as the tests read it. */
interface Written {
  readonly environment: Record<string, string>;
  readonly volumes: unknown[];
  readonly healthcheck: { readonly test: string[] };
}

/** An executor of the user with texts of every kind. */
const own = (text: string, { path = '/srv', source = '/srv', subPath }: Record<string, string | undefined> = {}) =>
  Executor.custom({
    name: 'own',
    capabilities: () => EVERY_CAPABILITY,
    traits: () => ({ hasDocker: true, jobResources: { memoryLimit: Size.gibibytes(1) } }),
    problems: () => [],
    plan: ({ program }) => ({
      image: program.image,
      user: { id: 0 },
      env: [{ name: 'TEXT', value: text }],
      mounts: [{ volume: 'srv', path: path!, ...(subPath ? { subPath } : {}) }],
      volumes: [{ name: 'srv', content: VolumeContent.HOST_PATH, source }],
      services: [
        {
          name: 'beside',
          image: 'example.com/beside:1',
          command: ['run', text],
          args: [text],
          probes: { liveness: { command: ['check', text], periodSeconds: 5, timeoutSeconds: 5 } },
        },
      ],
    }),
  });

test('a path of a machine or of a pod has no control character, which begins a line in a unit', () => {
  for (const control of CONTROLS) {
    const path = `/srv/runner${control}ExecStartPre=/bin/evil`;
    expect(codesOf(() => at(path))).toEqual(['FORGE-KUBE-016']);
    expect(codesOf(() => at(`/srv/runner${control}`))).toEqual(['FORGE-KUBE-016']);
    expect(codesOf(() => PodVolume.hostPath('data', path))).toEqual(['FORGE-KUBE-023']);
    expect(codesOf(() => PodVolume.nfs('data', 'nas.example.com', path))).toEqual(['FORGE-KUBE-023']);
    for (const bad of [{ path }, { source: path }, { subPath: path.slice(1) }]) {
      expect(codesOf(() => runner({ executor: own('text', bad) }))).toEqual(['FORGE-RUN-050']);
    }
  }
  accepts(
    () => at('/srv/runner ExecStartPre=/bin/fine ü'),
    () => PodVolume.hostPath('data', '/srv/a b'),
    () => runner({ executor: own('text', { path: '/srv/a b', source: '/srv/a b', subPath: 'a b' }) }),
  );
});

test('units never have a line of a text, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), (lines) => {
      const text = unitText(['[Service]', ...lines, ...lines.map((line) => quotedWord(line))]);
      expect(text.split('\n')).toHaveLength(1 + 2 * lines.length);
      expect(text.replace(/\n/g, '')).not.toMatch(/[\u0000-\u001f\u007f]/);
    }),
  );
  expect(quotedWord('A=one\ntwo\\n "three"\t')).toBe('"A=one\\x0atwo\\\\n \\"three\\"\\x09"');
  const files = runner({ engine: ContainerEngine.PODMAN, executor: own('one\nExecStartPre=/bin/evil') });
  const lines = Object.values(files).flatMap((text) => text.split('\n'));
  expect(lines.filter((line) => line.startsWith('ExecStartPre'))).toEqual([]);
  expect(files['host/runner/forge-runner-runner.container']).toContain('"TEXT=one\\x0aExecStartPre=/bin/evil"');
});

test('compose gives back every text: it replaces no variable in a value', () => {
  const data = fc.jsonValue({ maxDepth: 3 });
  const dollars = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', '_', ':', '-', '1', '\n', ' ') });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(data, dollars, fc.array(dollars))), (project) => {
      const read = parse(composeText(project));
      expect(eachValue(read, interpolated)).toEqual(JSON.parse(JSON.stringify(project)));
    }),
  );
});

test('every text of a runner is that of the user after compose has read the project', () => {
  const text = 'a $HOME ${HOME} $$ ${X:-y} $1';
  const executor = own(text, { path: '/in/$HOME', source: '/data/$HOME/x' });
  const read = runner({ executor })['host/runner/compose.yml'];
  expect(read).toContain('/data/$$HOME/x');
  const { services } = eachValue(parse(read), interpolated) as { services: Record<string, Written> };
  expect(services.runner.environment.TEXT).toBe(text);
  expect(services.runner.volumes).toContainEqual(
    expect.objectContaining({ source: '/data/$HOME/x', target: '/in/$HOME' }),
  );
  expect(services.beside).toMatchObject({ entrypoint: ['run', text], command: [text] });
  expect(services.beside.healthcheck.test).toEqual(['CMD', 'check', text]);
  // Storage of an executor of the library too.
  const layers = Executor.docker({ layers: at('/data/$HOME/x') });
  expect(runner({ executor: layers })['host/runner/compose.yml']).toContain('source: /data/$$HOME/x');
  // systemd reads `$$` too, and Podman no more than that.
  const unit = runner({ executor, engine: ContainerEngine.PODMAN })['host/runner/forge-runner-runner.container'];
  expect(unit).toContain('"TEXT=a $$HOME $${HOME} $$$$ $${X:-y} $$1"');
  expect(unit).toContain('source=/data/$$HOME/x,');
});

test('a directory of the machine is one option of a mount of Podman', () => {
  const podman = (path: string) => () =>
    runner({ engine: ContainerEngine.PODMAN, executor: Executor.docker({ layers: at(path) }) });
  expect(codesOf(podman('/srv/x,target=/etc'))).toEqual(['FORGE-HOST-004']);
  expect(codesOf(podman('/srv/"x"'))).toEqual(['FORGE-HOST-004']);
  accepts(podman('/srv/x:target=/etc'), () => runner({ executor: Executor.docker({ layers: at('/srv/x,y') }) }));
  // `@HOME@` stands for the directory of the user in paths of the library only.
  const unit = podman('/srv/@HOME@/x')()['host/runner/forge-runner-docker.container'];
  expect(unit).toContain('source=/srv/@HOME@/x,');
  expect(unit).toContain('source=%h/.config/cdk8s-forge/runner/');
});
