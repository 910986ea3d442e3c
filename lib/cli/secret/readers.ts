import { Kubectl } from '../run/kubectl';
import { WantedSecret } from './wanted';

interface PodSpec {
  readonly containers?: Container[];
  readonly initContainers?: Container[];
  readonly volumes?: object[];
}

interface Container {
  readonly env?: { readonly valueFrom?: { readonly secretKeyRef?: { readonly name?: string } } }[];
  readonly envFrom?: { readonly secretRef?: { readonly name?: string } }[];
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template?: { readonly spec?: PodSpec } };
}

/**
 * Returns the workloads whose pods must start again to use a new value of a Secret: those that read it into environment
 * variables, and those that read it from a file only if they read the file once.
 */
export async function readersToRestart(
  kubectl: Kubectl,
  { namespace, name, restart }: WantedSecret,
): Promise<string[]> {
  const kinds = 'deployments,statefulsets,daemonsets';
  const list = await kubectl.find<{ items: Workload[] }>([kinds, '--namespace', namespace]);
  return (list?.items ?? [])
    .filter(({ spec }) => {
      const pod = spec.template?.spec ?? {};
      return readsVariables(pod, name) || (restart && readsFiles(pod, name));
    })
    .map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
}

/** Restarts a workload pod by pod, and waits until its new pods are ready. */
export async function restart(kubectl: Kubectl, namespace: string, workload: string): Promise<void> {
  await kubectl.run(['rollout', 'restart', workload, '--namespace', namespace]);
  const limit = ['--timeout', '5m'];
  await kubectl.run(['rollout', 'status', workload, '--namespace', namespace, ...limit], { timeout: 330 });
}

function readsVariables({ containers = [], initContainers = [] }: PodSpec, name: string): boolean {
  return [...containers, ...initContainers].some(
    ({ env = [], envFrom = [] }) =>
      env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name) ||
      envFrom.some(({ secretRef }) => secretRef?.name === name),
  );
}

function readsFiles({ volumes = [] }: PodSpec, name: string): boolean {
  return volumes.some((volume) => {
    const { secret, projected } = volume as {
      secret?: { secretName?: string };
      projected?: { sources?: { secret?: { name?: string } }[] };
    };
    return secret?.secretName === name || projected?.sources?.some((source) => source.secret?.name === name);
  });
}
