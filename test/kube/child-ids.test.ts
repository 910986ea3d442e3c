import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Size } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Buildkitd, BuildkitSmokeTest, BuildkitTopology } from '../../lib/buildkit';
import { Egress, ManagedNamespace, PodGroup, Storage, WorkloadController } from '../../lib/kube';
import { RegistryRetention } from '../../lib/registry';
import { Executor, PrivilegedDockerDaemon, RunnerCacheServer, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { registry } from '../buildkit/world';
import { chart, gitea, runner, token } from '../runner/fixture';

const TEXT = fs.readFileSync(path.join(__dirname, '../../docs/move-in.md'), 'utf8');
const ROWS = [...TEXT.matchAll(/^\| (`\w+`.*?) \| `(\w+)` \| (.+?) \|$/gm)].map(([, where, id, kinds]) => ({
  where,
  id,
  kinds: kinds.split(' or '),
}));

/** One construct of each kind and form that the table names. */
function constructs(): IConstruct[] {
  const scope = chart();
  const builder = (id: string, topology: BuildkitTopology) =>
    new Buildkitd(scope, id, { registries: [registry], topology, storage: Storage.persistent(Size.gibibytes(50)) });
  const pool = builder('pool', BuildkitTopology.pool(2));
  pool.admit(PodGroup.of({ app: 'client' }));
  return [
    pool,
    builder('deployment', BuildkitTopology.singleDeployment()),
    runner({ egress: Egress.internet() }),
    runner({ workload: { controller: WorkloadController.DEPLOYMENT }, executor: Executor.docker() }),
    new PrivilegedDockerDaemon(scope, 'docker', { egress: Egress.internet() }),
    new RunnerCacheServer(scope, 'cache', { forge: gitea, secret: token }),
    new RunnerCacheServer(chart(), 'cache', {
      forge: gitea,
      secret: token,
      workload: { controller: WorkloadController.DEPLOYMENT },
    }),
    runner({ scaling: Scaling.perJob({ max: 2, apiToken: token }) }),
    new RegistryRetention(scope, 'retention', {
      registry,
      images: [{ image: 'hello', deployedTags: ['v1'] }],
      keepLast: 5,
      token: SecretSource.existing('packages'),
    }),
    new BuildkitSmokeTest(scope, 'smoke', { builder: pool }),
    new ManagedNamespace(scope, 'namespace', { name: 'ci' }),
  ];
}

test('the table of child ids names what is there', () => {
  expect(ROWS.length).toBeGreaterThan(15);
  const there = constructs().flatMap((construct) =>
    construct.node.children
      .filter((child) => ApiObject.isApiObject(child))
      .map((child) => `${construct.constructor.name} ${child.node.id} ${(child as ApiObject).kind}`),
  );
  for (const { where, id, kinds } of ROWS) {
    const name = /`(\w+)`/.exec(where)![1];
    expect(there.filter((one) => kinds.some((kind) => one === `${name} ${id} ${kind}`))).not.toEqual([]);
  }
});
