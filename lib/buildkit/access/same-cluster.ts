import { IConstruct } from 'constructs';
import { declaredClusterOf } from '../../kube';
import { ForgeError, quoted } from '../../support';

/**
 * Rejects a client in another cluster than its builder. The builder's address exists in its own cluster only.
 *
 * @throws FORGE-BK-021
 *
 * @internal
 */
export function assertSameCluster(builder: IConstruct, client: IConstruct): void {
  const [here, there] = [declaredClusterOf(builder), declaredClusterOf(client)];
  if (here === undefined || there === undefined || here === there) {
    return;
  }
  throw ForgeError.at(client, {
    code: 'FORGE-BK-021',
    message: `a client in cluster ${quoted(there)} uses builder ${quoted(builder.node.path)}, which is in cluster ${quoted(here)}`,
    fix: 'create a Buildkitd in the cluster of the client, or move the client',
    symptom: 'dial tcp: lookup buildkitd.….svc.cluster.local: no such host',
  });
}
