import { Kubectl } from '../run/kubectl';
import { Reconciled } from './entry';

/** The resource of each kind, with its group: other operators have kinds of the same names. */
const RESOURCES: Record<string, string> = {
  GitRepository: 'gitrepositories.source.toolkit.fluxcd.io',
  Kustomization: 'kustomizations.kustomize.toolkit.fluxcd.io',
  ImagePolicy: 'imagepolicies.image.toolkit.fluxcd.io',
};

interface Status {
  readonly metadata?: { readonly generation?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly latestRef?: object;
    readonly latestImage?: string;
    readonly conditions?: { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** The end of a wait. */
export interface Readiness {
  readonly isReady: boolean;
  /** The last message of Flux. */
  readonly message: string;
}

/**
 * Waits until Flux reports that an object is ready.
 *
 * @param isHopeless tells that the object cannot become ready yet
 */
export async function waitUntilReady(
  kubectl: Kubectl,
  object: Reconciled,
  {
    seconds,
    report,
    isHopeless,
  }: { seconds: number; report: (line: string) => void; isHopeless: () => Promise<boolean> },
): Promise<Readiness> {
  let message = '';
  for (const end = Date.now() + seconds * 1000; ;) {
    const next = await readinessOf(kubectl, object);
    if (next.isReady) {
      return next;
    }
    if (next.message !== message) {
      message = next.message;
      report(message.split('\n')[0]);
    }
    if (Date.now() > end || (await isHopeless())) {
      return { isReady: false, message };
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Returns whether Flux reports that an object is ready, in its present form. */
async function readinessOf(kubectl: Kubectl, { kind, name, namespace }: Reconciled): Promise<Readiness> {
  const found = await kubectl.find<Status>([RESOURCES[kind], name, '--namespace', namespace]);
  if (found === undefined) {
    return { isReady: false, message: 'does not exist yet' };
  }
  const { observedGeneration, conditions = [] } = found.status ?? {};
  const ready = conditions.find(({ type }) => type === 'Ready');
  const isReady = ready?.status === 'True' && observedGeneration === found.metadata?.generation;
  return { isReady, message: ready?.message ?? 'not reconciled yet' };
}

/** Returns the ImagePolicies, of `namespace/name`, that have not selected an image: nothing has been built yet. */
export async function withoutImage(kubectl: Kubectl, policies: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const policy of policies) {
    const [namespace, name] = policy.split('/');
    const found = await kubectl.find<Status>([RESOURCES.ImagePolicy, name, '--namespace', namespace]);
    if (found?.status?.latestRef === undefined && found?.status?.latestImage === undefined) {
      missing.push(policy);
    }
  }
  return missing;
}
