import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { Choices, hasAppArmorField } from '../check/choices';
import { environmentOf } from './environment';
import { CONTAINER, PodInput, podSpec } from './pod';

/** A set of inputs of a pod template that the choices do not contain. */
interface TemplateInput extends Pick<
  PodInput,
  'image' | 'configMap' | 'ownClaim' | 'port' | 'debugPort' | 'tlsVolume' | 'spread' | 'labels' | 'authorities'
> {
  readonly configHash: string;
}

/**
 * Returns the pod template of a buildkitd.
 *
 * @internal
 */
export function podTemplate(daemon: Construct, choices: Choices, input: TemplateInput): PodTemplateSpec {
  const { mode, storage, resources, placement, emulation, drainTimeout, config } = choices;
  const { configHash, ...pod } = input;
  const usesAppArmorField = hasAppArmorField(choices.kubernetesVersion);
  return {
    metadata: {
      labels: input.labels,
      annotations: {
        'cdk8s-forge/config-hash': configHash,
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        ...(mode.isRootless && !usesAppArmorField
          ? { [`container.apparmor.security.beta.kubernetes.io/${CONTAINER}`]: 'unconfined' }
          : {}),
      },
    },
    spec: podSpec({
      ...pod,
      mode,
      storage,
      drainSeconds: (drainTimeout ?? Duration.minutes(20)).toSeconds(),
      resources,
      placement,
      deviceResource: config.snapshotter?.deviceResource,
      emulation,
      environment: environmentOf(daemon, choices),
      usesAppArmorField,
    }),
  };
}
