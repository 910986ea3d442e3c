import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { JobSpec } from 'kubernetes-types/batch/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import {
  checkIdentity,
  identityOf,
  JobIdentity,
  Layer,
  openPod,
  Placement,
  placementSpec,
  PodOptions,
  podSecurityOf,
} from '../kube';
import { Advice, advise, awaits, command, constructed, handedOver, namespaceOf } from '../support';
import { Buildkitd } from './buildkitd';
import { BuilderConnection } from './access/connection';

/** A set of options that configures the smoke test of a buildkitd. */
export interface BuildkitSmokeTestProps {
  /** The buildkitd to test. */
  readonly builder: Buildkitd;

  /**
   * Names and labels of the Job.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: JobIdentity;

  /**
   * The node placement of the pod.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Additions to the pods: image pull Secrets, a service account, environment, volumes, containers, DNS, security context.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}

/**
 * A Job that performs the first steps of every build. The Job connects to buildkitd with its own client identity, and
 * requests the list of workers.
 *
 * The Job fails if the name, network policy, certificates or buildkitd are wrong. The deployment layer that Flux waits
 * for then also fails. Add the Job to a chart in the namespace from which builds run.
 *
 * @example
 *
 * new BuildkitSmokeTest(chart, 'buildkit-smoke-test', { builder: buildkitd });
 */
export class BuildkitSmokeTest extends Construct {
  /** Name of the Job. */
  readonly name: string;

  /**
   * @throws FORGE-BK-008 if the daemon cannot have a client here, FORGE-KUBE-017 if Kubernetes rejects a name or label
   */
  constructor(scope: Construct, id: string, props: BuildkitSmokeTestProps) {
    const made = constructed(BuildkitSmokeTest, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const identity = identityOf(this, 'buildkit-smoke-test', props.workload);
    checkIdentity(this, identity, 'Job');
    this.name = identity.name;
    const { labels } = identity;
    const bare = podOf(props.builder.connectFrom(this, identity.podLabels), props.placement);
    const pod = openPod(this, bare, { options: props.pod, main: bare.containers.map(({ name }) => name) });
    podSecurityOf(pod).mark(this);
    Layer.PLATFORM.mark(this);
    const spec: JobSpec = {
      backoffLimit: 5,
      // A daemon may still have to be scheduled and to pull its image.
      activeDeadlineSeconds: 900,
      template: { metadata: identity.podMetadata, spec: pod },
    };
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      // A Job cannot be changed: Flux is told to make it anew when it differs.
      metadata: {
        name: this.name,
        labels,
        ...identity.annotations({ 'kustomize.toolkit.fluxcd.io/force': 'enabled' }),
      },
      spec,
    });
    advise(this, () => this.advice(props.builder));
  }

  private advice(builder: Buildkitd): Advice {
    const namespace = namespaceOf(this);
    return {
      checks: [
        {
          about: `Builder \`${builder.name}\``,
          title: `Pods of \`${namespace}\` reach it`,
          good: '`condition met`; otherwise the log says why not',
          commands: [
            command`kubectl --namespace ${namespace} wait --for condition=complete job/${this.name} --timeout 1m`,
            command`kubectl --namespace ${namespace} logs job/${this.name} --all-containers`,
          ],
          ...awaits(command`kubectl --namespace ${namespace}`, command`job/${this.name}`, 'complete'),
        },
      ],
    };
  }
}

function podOf(connection: BuilderConnection, placement?: Placement): PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...placementSpec(placement),
    containers: connection.addresses.map((address, i) => containerOf(connection, address, i)),
    volumes: connection._volumes(),
  };
}

function containerOf(connection: BuilderConnection, address: string, index: number): Container {
  return {
    name: `buildctl-${index}`,
    image: connection.clientImage,
    command: [connection.buildctlPath, '--addr', address, ...connection.globalFlags, 'debug', 'workers'],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    resources: {
      requests: { cpu: '10m', memory: '32Mi', 'ephemeral-storage': '1Mi' },
      limits: { memory: '128Mi', 'ephemeral-storage': '16Mi' },
    },
    volumeMounts: connection._volumeMounts(),
  };
}
