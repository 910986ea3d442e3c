import { generateKeyPairSync } from 'node:crypto';
import { Builder, IBuilder } from '../../lib/buildkit';
import { Scan, Sign, TellFlux } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import { Signer } from '../../lib/trust';
import { ImagePipelineProps, SkipFlag, Stage } from '../../lib/pipeline';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Condition, Expression, Step } from '../../lib/workflow';
import { parse } from 'yaml';
import { codesOf } from '../support/problems';
import { gitea, RenderedWorkflow, stepOf, world } from './world';

const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const sign = Sign.cosign(Signer.key(PEM));

/** A platform whose runner has the programs that scan and sign. */
function equipped() {
  const made = world();
  const runner = new Runner(made.ci, 'equipped', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
    labels: [RunnerLabel.host('equipped')],
    executor: Executor.host({
      builder: made.builder,
      tools: ['trivy', 'grype', 'cosign'].map((name) => ({ image: `example.com/${name}:1.0.0`, path: `/bin/${name}` })),
    }),
  });
  const pipeline = (props: Partial<ImagePipelineProps>) => made.pipeline({ runner, ...props });
  return { ...made, pipeline };
}

function workflowOf(props: Partial<ImagePipelineProps>): RenderedWorkflow {
  const { pipeline, synth } = equipped();
  pipeline(props);
  return parse(synth()['dist/repositories/platform/app/.gitea/workflows/app.yml']);
}

test('an image is scanned after it was pushed, and signed after it was scanned, by its digest', () => {
  const { build } = workflowOf({ scan: Scan.trivy({ artifact: false }), sign }).jobs;
  expect(build.steps.map(({ name }) => name)).toEqual(['Check out', 'Compute the tags', 'Build app', 'Scan', 'Sign']);
  expect(stepOf(build, 'scan').env.REFERENCE).toBe('${{ steps.build.outputs.reference }}');
  expect(build.steps[4].env.REFERENCES).toBe('${{ steps.build.outputs.reference }}');
  expect(build.permissions).toBeUndefined();
});

test('the legs of a matrix are scanned and signed one by one, each with reports of its own', () => {
  const { build } = workflowOf({ images: [{ name: 'team/a' }, { name: 'team/b' }], scan: Scan.grype(), sign }).jobs;
  const artifact = build.steps.find(({ name }) => name.startsWith('Keep')) as unknown as { with?: { name: string } };
  expect(artifact?.with?.name ?? 'none').toMatch(/^(none|scan-\$\{\{ matrix.name \}\})$/);
  expect(build.steps[build.steps.length - 1].name).toBe('Sign');
});

test('an image of several registries is scanned once, and signed in each with the login of its host', () => {
  const mirror = Registry.oci({ owner: 'backup', pull: Endpoint.https('mirror.example.com') });
  const images = [{ name: 'a' }, { name: 'b' }];
  for (const props of [{}, { images }]) {
    const { build } = workflowOf({ ...props, mirrors: [mirror], scan: Scan.trivy({ artifact: false }), sign }).jobs;
    const image = 'images' in props ? '${{ matrix.name }}' : 'app';
    const [scan, first, second] = build.steps.slice(3);
    expect([scan.name, first.name, second.name]).toEqual(['Scan', 'Sign', 'Sign at mirror.example.com']);
    expect(second.env).toMatchObject({
      REFERENCES: `mirror.example.com/backup/${image}@\${{ steps.build.outputs.digest }}`,
      REGISTRY_HOSTS: 'mirror.example.com',
      REGISTRY_TOKEN: '${{ secrets.REGISTRY_TOKEN_MIRROR_EXAMPLE_COM }}',
    });
  }
});

test('builds of pull requests are neither scanned nor signed: they push nothing', () => {
  const { check } = workflowOf({ pullRequests: true, scan: Scan.trivy(), sign }).jobs;
  expect(check.steps.map(({ name }) => name)).toEqual(['Check out', 'Build app']);
});

test('the key is a secret of the repository, which the runbook lists', () => {
  const { pipeline, synth } = equipped();
  pipeline({ sign });
  expect(synth()['dist/RUNBOOK.md']).toContain('`platform/app/COSIGN_PRIVATE_KEY`');
});

test('fails with FORGE-PIPE-013 for a builder that does not report its digest', () => {
  const { pipeline, builder } = world();
  const silent = (outputs: string[]): IBuilder => ({
    ...Builder.buildx(),
    path: 'silent',
    name: 'silent',
    cacheKinds: builder.cacheKinds,
    tools: [],
    isForClientsOnly: false,
    canAttest: true,
    canUse: () => true,
    connectFrom: (client, construct) => builder.connectFrom(client, construct),
    buildScript: (build) => ({ ...builder.buildScript(build), outputs }),
  });
  expect(codesOf(() => pipeline({ builder: silent(['digest']), sign }))).toEqual(['FORGE-PIPE-013']);
  expect(() => world().pipeline({ builder: silent(['digest', 'reference']), sign })).not.toThrow();
});

describe('a call of Flux', () => {
  const tellFlux = { url: Expression.secret('FLUX_WEBHOOK_URL'), token: Expression.secret('FLUX_WEBHOOK_TOKEN') };
  const names = ({ steps }: RenderedWorkflow['jobs'][string]) => steps.map(({ name }) => name);

  test('is the last step, behind steps that are added later, and not for pull requests', () => {
    const { pipeline, synth } = equipped();
    const app = pipeline({ scan: Scan.trivy({ artifact: false }), sign, tellFlux, pullRequests: true });
    const step = (name: string) => Step.run({ name, script: 'true' });
    app.addStep(step('First'));
    app.addStep(step('Second'), { inPullRequests: true });
    app.addStep(step('After the build'), { after: Stage.BUILD });
    const { jobs } = parse(synth()['dist/repositories/platform/app/.gitea/workflows/app.yml']) as RenderedWorkflow;
    const after = ['Build app', 'After the build', 'Scan', 'Sign', 'First', 'Second', 'Tell Flux'];
    expect(names(jobs.build).slice(2)).toEqual(after);
    expect(names(jobs.check)).not.toContain('Tell Flux');
  });

  test('of a matrix has the condition of its leg, beside that of the user', () => {
    const images = [{ name: 'team/a' }, { name: 'team/b' }];
    const settings = { images, skip: [SkipFlag.only('[a only]', ['team/a'])] };
    const leg = workflowOf({ ...settings, tellFlux }).jobs.build;
    const [own] = leg.steps.filter(({ name }) => name === 'Tell Flux');
    expect(own.if).toBe(leg.steps[0].if);
    const main = workflowOf({ ...settings, tellFlux: { ...tellFlux, if: Condition.onBranch('main') } }).jobs.build;
    expect(main.steps[main.steps.length - 1].if).toContain("github.ref == 'refs/heads/main'");
    expect(main.steps[main.steps.length - 1].if).toContain('needs.plan.outputs.images');
    expect(names(workflowOf({ images }).jobs.build)).not.toContain('Tell Flux');
  });

  test('with a token in plain text is refused', () => {
    expect(codesOf(() => workflowOf({ tellFlux: { ...tellFlux, token: 'plain' } }))).toEqual(['FORGE-RECIPE-011']);
    expect(TellFlux.step(tellFlux).name).toBe('Tell Flux');
  });
});
