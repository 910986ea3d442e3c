import { parse } from 'yaml';
import { Builder, BuildxDriver, Provenance, RemoteTls } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { BuildSecret, ImagePipeline } from '../../lib/pipeline';
import { Endpoint, Registry } from '../../lib/registry';
import { Executor, HostedRunner, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { gitea, IMAGE, registry, stepOf, workflowOf, world } from './world';

const ghcr = Registry.ghcr({ owner: 'example' });

describe('further registries', () => {
  test('receive the image by secrets of their own; Flux scans the first', () => {
    const { pipeline, synth } = world();
    pipeline({ mirrors: [ghcr] });
    const files = synth();
    const { jobs } = parse(files['dist/repositories/platform/app/.gitea/workflows/app.yml']);
    expect(stepOf(jobs.build, 'build').env).toMatchObject({
      IMAGE: IMAGE('app'),
      MIRROR_1: 'ghcr.io/example/app',
      MIRROR_1_HOST: 'ghcr.io',
      MIRROR_1_USER: '${{ secrets.REGISTRY_USER_GHCR_IO }}',
      MIRROR_1_TOKEN: '${{ secrets.REGISTRY_TOKEN_GHCR_IO }}',
      CACHE_TO: expect.stringContaining(`ref=${IMAGE('app-cache')}`),
    });
    const flux = files['dist/clusters/home/flux/images.k8s.yaml'] ?? JSON.stringify(files);
    expect(flux).toContain('git.example.com/platform/app');
    expect(flux).not.toContain('image: ghcr.io');
    expect(files['dist/RUNBOOK.md']).toContain('REGISTRY_TOKEN_GHCR_IO');
  });

  test('of one image only', () => {
    const { jobs } = workflowOf({ images: [{ name: 'a', mirrors: [ghcr] }, { name: 'b' }] });
    expect(stepOf(jobs['build-a'], 'build').env.MIRROR_1).toBe('ghcr.io/example/a');
    expect(stepOf(jobs['build-b'], 'build').env.MIRROR_1).toBeUndefined();
  });

  test('are not in builds of pull requests', () => {
    const { jobs } = workflowOf({ mirrors: [ghcr], pullRequests: true });
    expect(JSON.stringify(jobs.check)).not.toContain('MIRROR');
  });

  test('on GitHub, the token of the job pushes to the registry of the owner only if all registries of the host are', () => {
    const github = Forge.github();
    const jobOf = (mirrors: Registry[]) => {
      const { home, synth } = world();
      new ImagePipeline(home, 'web', {
        repository: github.repository('example/web'),
        registry: ghcr,
        runner: HostedRunner.UBUNTU_LATEST,
        builder: Builder.buildx(),
        mirrors,
      });
      const { jobs } = parse(synth()['dist/repositories/example/web/.github/workflows/web.yml']);
      return { token: stepOf(jobs.build, 'build').env.REGISTRY_TOKEN, permissions: jobs.build.permissions };
    };
    const own = { token: '${{ github.token }}', permissions: { contents: 'read', packages: 'write' } };
    expect(jobOf([Registry.oci({ owner: 'x', pull: Endpoint.https('docker.io') })])).toEqual(own);
    expect(jobOf([Registry.ghcr({ owner: 'other' })])).toEqual({
      token: '${{ secrets.REGISTRY_TOKEN }}',
      permissions: undefined,
    });
  });

  test.each([
    ['the registry itself', [Registry.ghcr({ owner: 'a' }), Registry.ghcr({ owner: 'a' })], 'FORGE-PIPE-008'],
    ['a registry that the builder does not know', [plain('other.test:1')], 'FORGE-PIPE-004'],
    ['hosts whose secrets have one name', [https('a-b.example.com'), https('a.b.example.com')], 'FORGE-PIPE-008'],
  ])('refuses %s', (_, mirrors, code) => {
    const { pipeline } = world();
    expect(codesOf(() => pipeline({ mirrors }))).toEqual([code]);
    accepts(() => world().pipeline({ mirrors: [https('a-b.example.com'), https('b.example.com')] }));
  });
});

function plain(host: string): Registry {
  return Registry.oci({ owner: 'x', pull: Endpoint.http(host) });
}

function https(host: string): Registry {
  return Registry.oci({ owner: 'x', pull: Endpoint.https(host) });
}

describe('attestations', () => {
  const old = Registry.gitea(Forge.gitea({ version: '1.25', url: 'https://old.example.com' }), { owner: 'x' });

  test.each([{ provenance: Provenance.MAX }, { sbom: true }])('%j: none for a Gitea that answers 404', (options) => {
    const [problem, ...others] = problemsOf(() => world().pipeline({ registry: old, ...options }));
    expect([problem.code, problem.symptom, others]).toEqual([
      'FORGE-PIPE-011',
      expect.stringContaining('404 Not Found'),
      [],
    ]);
    expect(codesOf(() => world().pipeline({ mirrors: [old], ...options }))).toEqual(['FORGE-PIPE-011']);
    const forgejo = Registry.gitea(Forge.forgejo({ version: '15.0', url: 'https://jo.example.com' }), { owner: 'x' });
    accepts(
      () => world().pipeline({ registry: old, provenance: Provenance.NONE }),
      () => world().pipeline(options),
      () => world().pipeline({ registry: forgejo, ...options }),
    );
  });
});

describe('secrets of builders and build arguments', () => {
  const driver = BuildxDriver.remoteAt('tcp://buildkit.example.com:1234', {
    tls: RemoteTls.secrets({
      ca: '${{ secrets.BUILDKIT_CA }}',
      cert: '${{ secrets.BUILDKIT_CERT }}',
      key: '${{ secrets.BUILDKIT_KEY }}',
    }),
    registries: [registry],
  });
  const dockerRunner = ({ ci }: ReturnType<typeof world>) =>
    new Runner(ci, 'docker', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.docker(),
      labels: [RunnerLabel.docker('docker', 'docker.gitea.com/runner-images:ubuntu-latest')],
    });

  test('are in the runbook', () => {
    const one = world();
    one.pipeline({ builder: Builder.buildx({ driver }), runner: dockerRunner(one) });
    const runbook = one.synth()['dist/RUNBOOK.md'];
    ['BUILDKIT_CA', 'BUILDKIT_CERT', 'BUILDKIT_KEY'].forEach((name) => expect(runbook).toContain(name));
  });

  test('are in no build of a pull request', () => {
    const one = world();
    const runner = dockerRunner(one);
    expect(codesOf(() => one.pipeline({ builder: Builder.buildx({ driver }), runner, pullRequests: true }))).toEqual([
      'FORGE-PIPE-014',
    ]);
    const buildArgs = { TOKEN: '${{ secrets.NPM_TOKEN }}' };
    expect(codesOf(() => world().pipeline({ buildArgs, pullRequests: true }))).toEqual(['FORGE-PIPE-014']);
    accepts(
      () => world().pipeline({ buildArgs }),
      () => world().pipeline({ secrets: [BuildSecret.actions('NPM_TOKEN')], pullRequests: true }),
    );
  });
});
