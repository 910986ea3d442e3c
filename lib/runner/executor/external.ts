import { Size } from 'cdk8s';
import { EVERY_CAPABILITY } from '../../forge';
import { Storage } from '../../kube';
import { DockerEndpoint } from './docker-endpoint';
import { ExecutorKind, HOME, PlanContext, PodPlan, USER } from './pod-plan';

const CERTIFICATES = '/etc/docker-client';

/** Settings of the executor with an external Docker daemon. */
export interface ExternalDockerExecutorProps {
  /**
   * The storage for the runner's identity.
   *
   * @default - a claim of 1 GiB of the cluster's default class; an emptyDir if the runner keeps no identity
   */
  readonly state?: Storage;
}

/** Returns the executor with an external Docker daemon. */
export function externalDockerKind(endpoint: DockerEndpoint, props: ExternalDockerExecutorProps): ExecutorKind {
  return {
    name: 'external-docker',
    hasDocker: true,
    capabilities: { ...EVERY_CAPABILITY, dockerInJobs: false },
    state: props.state,
    memoryStores: [],
    defaultResources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
    check: () => undefined,
    plan: (context) => externalPlan(context, endpoint),
    gitHub: {
      refusal:
        "GitHub's runner mounts its own folders into job containers, so the Docker daemon must see the same files",
      fix: 'use Executor.docker(), whose daemon runs beside the runner, or Executor.host()',
    },
  };
}

function externalPlan({ construct, version }: PlanContext, endpoint: DockerEndpoint): PodPlan {
  const secretName = endpoint.credentials?.provide(construct, {
    purpose: `jobs run on the Docker daemon at ${endpoint.url}: the client's certificate`,
    type: 'Opaque',
    keys: ['ca.pem', 'cert.pem', 'key.pem'],
  });
  return {
    image: version.image,
    user: USER,
    privileged: false,
    env: [
      { name: 'HOME', value: HOME },
      ...(secretName
        ? [
            { name: 'DOCKER_TLS_VERIFY', value: '1' },
            { name: 'DOCKER_CERT_PATH', value: CERTIFICATES },
          ]
        : []),
    ],
    mounts: [
      { name: 'work', mountPath: HOME },
      ...(secretName ? [{ name: 'docker-client', mountPath: CERTIFICATES, readOnly: true }] : []),
    ],
    resources: {},
    tools: [],
    daemons: [],
    volumes: secretName ? [{ name: 'docker-client', secret: { secretName, defaultMode: 0o440 } }] : [],
    stores: [{ name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) }],
    owned: {
      'container.docker_host': endpoint.url,
      // A daemon that is down at the moment is waited for, not run into.
      'container.docker_timeout': version.product === 'gitea' && version.isAtLeast('0.2.13') ? '5m' : undefined,
    },
    files: {},
  };
}
