import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { StatefulSetSpec } from 'kubernetes-types/apps/v1';
import type { Container, EnvVar, PodSpec } from 'kubernetes-types/core/v1';
import { stringify } from 'yaml';
import { BuilderConnection } from '../buildkit';
import { Forge } from '../forge';
import { Layer } from '../kube';
import { SecretSource } from '../secret';
import { fingerprint, objectName } from '../support';
import { Executor } from './executor';
import { RunnerScope } from './runner-scope';

const IMAGE = 'gitea/runner:3.3.0';
const TOOLS = '/opt/cdk8s-forge/bin';
const CONFIG = '/etc/gitea-runner';
const SHUTDOWN_SECONDS = 3600;

/**
 * A runner for Gitea Actions.
 */
export interface RunnerProps {
  /** The forge whose jobs it runs. */
  readonly forge: Forge;

  /** Whose jobs it takes; the registration token must be of the same scope. */
  readonly scope: RunnerScope;

  /** How it runs them. */
  readonly executor: Executor;

  /** The registration token, under the key `token`. */
  readonly registrationToken: SecretSource;
}

/**
 * A runner: takes jobs from the forge and runs them.
 *
 * Each replica registers once and keeps its identity on a claim of its own.
 *
 * @see https://docs.gitea.com/usage/actions/act-runner
 *
 * @example
 *
 * new Runner(chart, 'runner', {
 *   forge: gitea,
 *   scope: RunnerScope.instance(),
 *   registrationToken: SecretSource.existing('runner-token'),
 *   executor: Executor.host({ builder: buildkitd }),
 * });
 */
export class Runner extends Construct {
  /** Name of the StatefulSet. */
  readonly name: string;

  /** Labels that jobs ask for in `runs-on`. */
  readonly labels: string[];

  /** Whose jobs it takes. */
  readonly scope: RunnerScope;

  /** How it runs them. */
  readonly executor: Executor;

  /** The forge whose jobs it runs. */
  readonly forge: Forge;

  private readonly tokenSecret: string;
  private readonly connection?: BuilderConnection;

  constructor(scope: Construct, id: string, props: RunnerProps) {
    super(scope, id);
    this.name = objectName(this);
    this.labels = [this.name];
    this.scope = props.scope;
    this.executor = props.executor;
    this.forge = props.forge;
    this.connection = props.executor.builder?.connectFrom(this, this.selector);
    this.tokenSecret = props.registrationToken.provide(this, {
      purpose: `runner ${this.name} registers with the forge (scope: ${[props.scope.kind, props.scope.target].filter(Boolean).join(' ')})`,
      type: 'Opaque',
      keys: ['token'],
    });
    Layer.PLATFORM.mark(this);
    const config = this.config();
    new ApiObject(this, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${this.name}-config` }, data: { 'config.yaml': config } });
    new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: this.name, labels: this.selector },
      spec: this.spec(fingerprint(config)),
    });
  }

  private get selector(): Record<string, string> {
    return { 'app.kubernetes.io/name': 'gitea-runner', 'app.kubernetes.io/instance': this.name };
  }

  private config(): string {
    return stringify({
      runner: {
        file: '/data/.runner',
        shutdown_timeout: `${SHUTDOWN_SECONDS}s`,
        labels: this.labels.map((label) => `${label}:host`),
      },
      cache: { enabled: false },
    });
  }

  private spec(configHash: string): StatefulSetSpec {
    return {
      replicas: 1,
      serviceName: this.name,
      selector: { matchLabels: this.selector },
      template: {
        metadata: { labels: this.selector, annotations: { 'cdk8s-forge/config-hash': configHash } },
        spec: this.pod(),
      },
      volumeClaimTemplates: [{
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }],
    };
  }

  private pod(): PodSpec {
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: SHUTDOWN_SECONDS + 60,
      initContainers: this.connection ? [toolsContainer(this.connection)] : [],
      containers: [this.container()],
      volumes: [
        { name: 'config', configMap: { name: `${this.name}-config` } },
        { name: 'tools', emptyDir: {} },
        { name: 'token', secret: { secretName: this.tokenSecret, items: [{ key: 'token', path: 'token' }], defaultMode: 0o440 } },
        ...(this.connection?._volumes() ?? []),
      ],
    };
  }

  private container(): Container {
    const env: EnvVar[] = [
      { name: 'CONFIG_FILE', value: `${CONFIG}/config.yaml` },
      { name: 'GITEA_INSTANCE_URL', value: this.forge.internalUrl },
      { name: 'GITEA_RUNNER_REGISTRATION_TOKEN_FILE', value: '/var/run/secrets/runner-token/token' },
      { name: 'RUNNER_STATE_FILE', value: '/data/.runner' },
      { name: 'PATH', value: `${TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
    ];
    env.push(...this.connection?._env() ?? []);
    return {
      name: 'runner',
      image: IMAGE,
      env,
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '2Gi' } },
      volumeMounts: [
        { name: 'config', mountPath: CONFIG, readOnly: true },
        { name: 'tools', mountPath: TOOLS, readOnly: true },
        { name: 'data', mountPath: '/data' },
        { name: 'token', mountPath: '/var/run/secrets/runner-token', readOnly: true },
        ...(this.connection?._volumeMounts() ?? []),
      ],
    };
  }
}

/** Copies `buildctl` out of the daemon's own image, so that client and daemon are of one version. */
function toolsContainer({ clientImage, buildctlPath }: BuilderConnection): Container {
  return {
    name: 'tools',
    image: clientImage,
    command: ['cp', buildctlPath, `${TOOLS}/buildctl`],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    volumeMounts: [{ name: 'tools', mountPath: TOOLS }],
  };
}
