import { Size, Testing } from 'cdk8s';
import { Builder, Buildkitd, BuildkitTls, BuildxDriver } from '../../../lib/buildkit';
import { Egress, Storage } from '../../../lib/kube';
import { Executor, Scaling } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { accepts, codesOf } from '../../support/problems';
import { chart, runner } from '../fixture';

const scaling = Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') });

describe.each([
  ['docker', Executor.docker],
  ['rootless docker', Executor.dockerRootless],
])('an executor with %s and a builder', (_, executor) => {
  const made = (tls: BuildkitTls) => {
    const ci = chart();
    const daemon = new Buildkitd(ci, 'buildkitd', {
      registries: [],
      storage: Storage.persistent(Size.gibibytes(50)),
      tls,
    });
    const builder = Builder.buildx({ driver: BuildxDriver.remote(daemon) });
    const one = runner({ executor: executor({ builder }), scaling, egress: Egress.internet() }, ci);
    return { one, builder, objects: Testing.synth(ci) };
  };

  test('is a client of the daemon, and its pods may connect to it', () => {
    const { one, builder, objects } = made(BuildkitTls.none());
    expect(one.builder).toBe(builder);
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec);
    const pods = expect.objectContaining({ podSelector: { matchLabels: one.podLabels } });
    const ports = [expect.objectContaining({ port: 1234 })];
    expect(policies.flatMap(({ ingress = [] }) => ingress)).toContainEqual({ from: [pods], ports });
    const own = policies.filter(
      ({ egress, podSelector }) => egress && podSelector.matchLabels['app.kubernetes.io/instance'] === 'runner',
    );
    expect(own.flatMap(({ egress }) => egress)).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ci' } } }],
    });
  });

  test('needs a daemon without client certificates', () => {
    expect(codesOf(() => made(BuildkitTls.certManager()))).toEqual(['FORGE-RUN-052']);
    accepts(() => made(BuildkitTls.none()));
  });
});
