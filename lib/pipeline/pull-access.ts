import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { oncePerNamespace } from '../kube';
import { pullSecret, Registry } from '../registry';
import { lazily } from '../support';

/**
 * Allows the pods of a namespace to pull from a registry, regardless of what creates the pods. The namespace's
 * `default` ServiceAccount references the Secret. Kubernetes adds the Secret to every pod that specifies no other
 * account.
 *
 * Flux merges into the ServiceAccount that Kubernetes created, and never removes it. Pods with their own account must
 * reference the Secret themselves: `dockerRegistryAuth` of cdk8s-plus.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 *
 * @jsii ignore
 */
export function allowPull(construct: Construct, registry: Registry): void {
  const { namespace } = Chart.of(construct);
  const secret = namespace === undefined ? undefined : pullSecret(construct, registry);
  if (namespace === undefined || secret === undefined) {
    return;
  }
  // Two charts may share a namespace, and two registries a pipeline: one account, with the Secrets of all.
  const secrets = oncePerNamespace(construct, { namespace, key: 'pull-access' }, () => defaultAccount(construct));
  if (!secrets.includes(secret)) {
    secrets.push(secret);
  }
}

function defaultAccount(construct: Construct): string[] {
  const secrets: string[] = [];
  new ApiObject(construct, 'PullAccess', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'default',
      annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge', 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    },
    imagePullSecrets: lazily(() => [...secrets].sort().map((name) => ({ name }))),
  });
  return secrets;
}
