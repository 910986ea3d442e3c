import { ApiObject, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import {
  checkEgress,
  checkIdentity,
  Egress,
  Identity,
  identityOf,
  Layer,
  openPod,
  placementSpec,
  PodGroup,
  podSecurityOf,
  restrictEgress,
} from '../../kube';
import {
  Advice,
  advise,
  command,
  constructed,
  fingerprint,
  handedOver,
  namespaceOf,
  Problems,
  succeeds,
} from '../../support';
import { FILES_VOLUME, VolumeContent } from '../blueprint';
import { checkDaemon, DaemonFiles, daemonFiles, DaemonSettings } from '../executor/daemon-files';
import { DockerEndpoint } from '../executor/docker-endpoint';
import { checkedDaemonImage, DAEMON_IMAGE, daemonContainer } from '../executor/docker-sidecar';
import { podSpec } from '../pod/pod';
import { proxyEnv } from '../pod/proxy';
import { nodeDaemonProblems } from './node-daemon-check';
import { PrivilegedDockerDaemonProps } from './node-daemon-props';

const RESOURCES = { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1) };
const CONTAINER = 'docker';
const DEFAULT_GROUP = 2375;
/** The time that the daemon gets to stop its containers, in seconds. */
const GRACE_SECONDS = 60;

/**
 * A Docker daemon on each node, which the runners on that node share. Images and layers are in a directory of the node, so
 * every job on the node finds them, also jobs of pods that are deleted afterwards.
 *
 * The daemon is privileged. Whoever uses the socket is root on the node, and jobs of different runners can reach each
 * other's containers. If the specification changes, the pods are replaced one node after the other, and the jobs that run in
 * containers of the daemon end.
 *
 * @example
 *
 * const docker = new PrivilegedDockerDaemon(chart, 'docker', { placement: { nodeSelector: { pool: 'ci' } } });
 * Executor.externalDocker(docker.endpoint);
 */
export class PrivilegedDockerDaemon extends Construct {
  /** The name of the DaemonSet. */
  readonly name: string;

  /** The directory on each node that holds images, image layers and the jobs' volumes. */
  readonly dataDirectory: string;

  /** The endpoint, for `Executor.externalDocker` and for `docker` of `Executor.host`. */
  readonly endpoint: DockerEndpoint;

  private readonly identity: Identity;
  private readonly props: PrivilegedDockerDaemonProps;
  private readonly settings: DaemonSettings;

  /**
   * @throws FORGE-RUN-018, 019, 054 for settings with which no daemon would start, or which would harm the node
   */
  constructor(scope: Construct, id: string, props: PrivilegedDockerDaemonProps = {}) {
    const made = constructed(PrivilegedDockerDaemon, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props };
    this.identity = identityOf(this, 'docker', props.workload);
    this.name = this.identity.name;
    const own = `${namespaceOf(this)}-${this.name}`;
    const socketDirectory = props.socketDirectory ?? `/run/cdk8s-forge/${own}`;
    this.dataDirectory = props.dataDirectory ?? `/var/lib/cdk8s-forge/${own}`;
    this.settings = { props: props.daemon, image: props.image ?? DAEMON_IMAGE };
    const group = props.group ?? DEFAULT_GROUP;
    this.check(socketDirectory, group);
    const { nodeSelector = {} } = placementSpec(props.placement);
    this.endpoint = DockerEndpoint._onNode({
      construct: this,
      directory: socketDirectory,
      group,
      nodeSelector,
      pods: PodGroup.of(this.podLabels, namespaceOf(this)),
    });
    Layer.PLATFORM.mark(this);
    this.make(socketDirectory, group);
  }

  /** The labels that only the daemon's pods have. Connections of jobs come from these pods. */
  get podLabels(): Record<string, string> {
    return { ...this.identity.podLabels };
  }

  private check(socketDirectory: string, group: number): void {
    const problems = new Problems(this.node.path);
    checkIdentity(this, this.identity, 'DaemonSet');
    problems.collect(() => checkedDaemonImage(this.settings.image!));
    checkDaemon(this.settings, problems);
    checkEgress(this.egress, { urls: [] }, problems);
    const directories = { dataDirectory: this.dataDirectory, socketDirectory };
    nodeDaemonProblems(directories, group).forEach((problem) => problems.add(problem));
    problems.throwIfAny();
  }

  private get egress(): Egress {
    return this.props.egress ?? Egress.open();
  }

  private make(socketDirectory: string, group: number): void {
    const { identity, egress } = this;
    const files = daemonFiles(this, this.settings, '/etc/docker');
    restrictEgress(this, {
      name: this.name,
      labels: this.podLabels,
      egress,
      needs: () => ({ urls: [...files.endpoints, ...(this.props.proxy ? [this.props.proxy.url] : [])] }),
    });
    new ApiObject(this, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.name}-config` },
      data: { 'daemon.json': files.json },
    });
    const spec = this.pod(files, socketDirectory, group);
    podSecurityOf(spec).mark(this);
    new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: this.name, labels: identity.labels, ...identity.annotations() },
      spec: {
        selector: { matchLabels: identity.selector },
        // A daemon locks its directory: the old one has to be gone before the new one starts.
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          metadata: {
            labels: identity.labels,
            annotations: { 'cdk8s-forge/config-hash': fingerprint(files.json), ...identity.podAnnotations },
          },
          spec,
        },
      },
    });
    advise(this, () => this.advice());
  }

  private pod(files: DaemonFiles, socketDirectory: string, group: number): PodSpec {
    const socket = { volume: 'docker-socket', path: socketDirectory };
    const { props, settings } = this;
    const container = daemonContainer({
      image: settings.image!,
      resources: { ...RESOURCES, ...props.resources },
      mounts: files.mounts,
      group,
      socket,
    });
    const spec = podSpec(
      {
        name: this.name,
        labels: this.podLabels,
        setup: [],
        services: [],
        runner: { ...container, env: [...(container.env ?? []), ...proxyEnv(props.proxy, [])] },
        files: {},
        secrets: [{ name: FILES_VOLUME, content: VolumeContent.FILES }],
        volumes: [
          { name: socket.volume, content: VolumeContent.HOST_PATH, source: socketDirectory },
          { name: 'layers', content: VolumeContent.HOST_PATH, source: this.dataDirectory },
          ...files.volumes,
        ],
        stores: [],
        user: { id: 0 },
        life: { perJob: false, replicas: 1, graceSeconds: GRACE_SECONDS },
        placement: props.placement,
      },
      [],
    );
    const closed = { 'security.runAsUser': 'the Docker daemon must be root' };
    return openPod(this, { ...spec, initContainers: undefined }, { options: props.pod, main: [CONTAINER], closed });
  }

  private advice(): Advice {
    const kubectl = command`kubectl --namespace ${namespaceOf(this)}`;
    const { name } = this;
    return {
      warnings: [
        `${this.node.path}: the Docker daemon is privileged on every node that has it. Its jobs, and everyone who can mount ${this.endpoint.url.slice('unix://'.length)}, are root on these nodes.`,
      ],
      checks: [
        {
          about: `Docker daemon \`${name}\` of the nodes`,
          title: 'Each node has a daemon',
          good: 'READY is as large as DESIRED',
          commands: [command`${kubectl} get daemonset ${name}`],
          run: [command`${kubectl} rollout status daemonset ${name} --timeout 1m`],
          expect: succeeds(),
        },
      ],
      symptoms: [
        {
          seen: '`hostPath type check failed` in the events of a runner',
          cause: `The node has no Docker daemon \`${name}\`, or the daemon has not started.`,
          fix: 'Wait until the daemon is ready, or let the node have one: see `placement` of the daemon.',
          look: [command`${kubectl} get pods --selector ${`app.kubernetes.io/instance=${name}`} --output wide`],
        },
      ],
    };
  }
}
