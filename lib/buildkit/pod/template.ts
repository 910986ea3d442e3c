import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { claimTemplates, Identity, openPod, Storage, withClaimNames } from '../../kube';
import { Choices, hasAppArmorField } from '../check/choices';
import { environmentOf } from './environment';
import { closed } from './closed';
import { CONTAINER, PodInput, podSpec, ROOT_VOLUME } from './pod';

/** A set of inputs of a pod template that the choices do not contain. */
interface TemplateInput extends Pick<
  PodInput,
  'image' | 'configMap' | 'ownClaim' | 'port' | 'debugPort' | 'tlsVolume' | 'spread' | 'authorities'
> {
  readonly configHash: string;
  readonly identity: Identity;
}

/**
 * Returns the pod template of a buildkitd.
 *
 * @internal
 */
export function podTemplate(daemon: Construct, choices: Choices, input: TemplateInput): PodTemplateSpec {
  const { mode, storage, resources, placement, emulation, drainTimeout, config } = choices;
  const { configHash, identity, ...pod } = input;
  const usesAppArmorField = hasAppArmorField(choices.kubernetesVersion);
  return {
    metadata: {
      labels: identity.labels,
      annotations: {
        'cdk8s-forge/config-hash': configHash,
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        ...identity.podAnnotations,
        ...(mode.isRootless && !usesAppArmorField
          ? { [`container.apparmor.security.beta.kubernetes.io/${CONTAINER}`]: 'unconfined' }
          : {}),
      },
    },
    spec: openPod(
      daemon,
      withClaimNames(
        daemon,
        podSpec({
          ...pod,
          labels: identity.podLabels,
          mode,
          storage,
          drainSeconds: (drainTimeout ?? Duration.minutes(20)).toSeconds({ integral: false }),
          resources,
          placement,
          deviceResource: config.snapshotter?.deviceResource,
          emulation,
          environment: environmentOf(daemon, choices),
          usesAppArmorField,
        }),
        [{ name: ROOT_VOLUME, storage }],
      ),
      { options: choices.pod, main: [CONTAINER], closed: closed(mode, usesAppArmorField), claims: claimsOf(storage) },
    ),
  };
}

function claimsOf(storage: Storage): string[] {
  return claimTemplates([{ name: ROOT_VOLUME, storage }]).map(({ metadata }) => metadata!.name!);
}
