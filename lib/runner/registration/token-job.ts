import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { JobSpec } from 'kubernetes-types/batch/v1';
import type { Container, EnvVar, PodSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { Forge } from '../../forge';
import {
  checkIdentity,
  Identity,
  identityOf,
  JobIdentity,
  labelSelector,
  Layer,
  openPod,
  Placement,
  placementSpec,
  PodOptions,
  podSecurityOf,
} from '../../kube';
import { SecretSource } from '../../secret';
import {
  Advice,
  advise,
  codeSpan,
  command,
  fingerprint,
  awaits,
  constructed,
  handedOver,
  namespaceOf,
  scriptText,
} from '../../support';
import { CONFIG_FOLDER } from '../blueprint';
import { FETCHED } from './purpose';
import { RunnerScope } from '../runner-scope';
import { checkMint, scriptOf } from './token-job-check';
import { TokenMint } from './token-mint';

const WORK = '/work';
const CONTAINER = 'mint';
/** The ID of the unprivileged user of the Job. */
const USER = 1000;
const CREDENTIALS = '/var/run/secrets/forge';
const CA = '/etc/cdk8s-forge-ca';

/** Settings of a registration token that a Job fetches in the cluster. */
export interface RegistrationTokenJobProps {
  /** The forge that issues the token. Forgejo issues a UUID and a token for each runner: set `runner`. */
  readonly forge: Forge;

  /**
   * The name of the runner that the Job creates at Forgejo 15.0 or newer. The Secret then has the keys `uuid` and `token`, and
   * keeps its runner until you delete the Secret. `Registration.minted` of a `Runner` sets it.
   *
   * @default - Gitea: a registration token for any number of runners
   */
  readonly runner?: string;

  /** The scope of the runners that register with the token. */
  readonly scope: RunnerScope;

  /** The method that requests the token from the forge. */
  readonly mint: TokenMint;

  /**
   * Names and labels of the Job. The Job's name gets a suffix that changes with its specification, because a Job cannot be
   * changed.
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
 * A Job that fetches a registration token from Gitea, or creates a runner at Forgejo, and writes the result to a Secret. You
 * do not have to copy the token from a web page.
 *
 * The Job can run any number of times, because the forge returns the active token. The Job's service account can change
 * only that Secret. The Job runs once for each change of its own specification. To fetch the token again after a reset,
 * delete the Job.
 *
 * @example
 *
 * const scope = RunnerScope.instance();
 * const token = new RegistrationTokenJob(chart, 'token', { forge: gitea, scope, mint: TokenMint.api(SecretSource.existing('gitea-admin-token')) });
 * new Runner(chart, 'runner', { forge: gitea, scope, registration: Registration.token(token.secret), executor: Executor.host() });
 */
export class RegistrationTokenJob extends Construct {
  /** The Secret with the token, for `Registration.token` of a runner in the same namespace. */
  readonly secret: SecretSource;

  private readonly name: string;
  private readonly identity: Identity;
  private readonly verbs: string[];

  /**
   * @throws FORGE-RUN-016 if the forge has no registration tokens, or does not create runners
   */
  constructor(scope: Construct, id: string, props: RegistrationTokenJobProps) {
    const made = constructed(RegistrationTokenJob, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    checkMint(this, props);
    const identity = identityOf(this, 'registration-token', props.workload);
    checkIdentity(this, identity, 'Job');
    this.name = identity.name;
    this.identity = identity;
    // A Secret that has a runner keeps it.
    this.verbs = props.runner === undefined ? ['patch'] : ['get', 'patch'];
    this.secret = SecretSource._made(this.name, `${FETCHED} ${this.name}`);
    Layer.PLATFORM.mark(this);
    this.makeSecret();
    this.makeAccount();
    this.makeJob(props);
    advise(this, () => this.advice());
  }

  private advice(): Advice {
    const kubectl = command`kubectl --namespace ${namespaceOf(this)}`;
    const jobs = command`jobs --selector ${labelSelector(this.labels)}`;
    return {
      checks: [
        {
          about: `Registration token \`${this.name}\``,
          title: 'The Job has fetched the token',
          good: 'COMPLETIONS is `1/1`',
          commands: [command`${kubectl} get ${jobs}`],
          ...awaits(kubectl, jobs, 'complete'),
        },
      ],
      symptoms: [
        {
          seen: '`runner registration token not found`, or `… has been invalidated`, in the log of `register`',
          cause: `The token in Secret \`${this.name}\` was reset at the server, or belongs to another scope.`,
          fix: `Delete the Job that fetched the token: ${codeSpan(command`${kubectl} delete ${jobs}`)}. Flux creates the Job again, and the Job replaces the Secret.`,
          look: [command`${kubectl} logs --selector ${labelSelector(this.labels)}`],
        },
      ],
    };
  }

  /**
   * Creates an empty Secret, so that the Job needs no permission to create Secrets. Flux does not overwrite the values
   * that other clients write to the Secret.
   */
  private makeSecret(): void {
    new ApiObject(this, 'Secret', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: this.name, annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } },
      type: 'Opaque',
    });
  }

  private makeAccount(): void {
    const namespace = namespaceOf(this);
    new ApiObject(this, 'ServiceAccount', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: this.name },
      automountServiceAccountToken: false,
    });
    new ApiObject(this, 'Role', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: this.name },
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [this.name], verbs: this.verbs }],
    });
    new ApiObject(this, 'RoleBinding', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: this.name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: this.name },
      subjects: [{ kind: 'ServiceAccount', name: this.name, namespace }],
    });
  }

  private makeJob(props: RegistrationTokenJobProps): void {
    const file = scriptOf(props);
    const script = scriptText(__dirname, file);
    new ApiObject(this, 'Script', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.name}-script` },
      data: { [file]: script },
    });
    const spec = this.spec(props);
    podSecurityOf(spec.template.spec!).mark(this);
    // A Job cannot be changed, so another one takes its place. No TTL: Flux would find the Job missing, and run it at every interval.
    const name = `${this.name}-${fingerprint(script, JSON.stringify(spec)).slice(0, 8)}`;
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, labels: this.identity.labels, ...this.identity.annotations() },
      spec,
    });
  }

  private get labels(): Record<string, string> {
    return this.identity.podLabels;
  }

  private spec(props: RegistrationTokenJobProps): JobSpec {
    const { mint } = props;
    const secretName = mint._provide(this, props.scope, props.forge);
    const authority = props.forge.internalTrust.caBundle;
    const ca = authority?._volume(this).volume;
    const volumes: Volume[] = [
      { name: 'script', configMap: { name: `${this.name}-script` } },
      { name: 'work', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'credentials', secret: { secretName, items: [{ key: mint._key, path: mint._key }], defaultMode: 0o440 } },
      ...(ca ? [ca] : []),
    ];
    return {
      backoffLimit: 6,
      activeDeadlineSeconds: 900,
      template: {
        metadata: this.identity.podMetadata,
        spec: this.opened(props, {
          restartPolicy: 'OnFailure',
          serviceAccountName: this.name,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER,
            runAsGroup: USER,
            fsGroup: USER,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...placementSpec(props.placement),
          containers: [this.container(props)],
          volumes,
        }),
      },
    };
  }

  private opened({ pod }: RegistrationTokenJobProps, spec: PodSpec): PodSpec {
    const closed = { serviceAccount: 'the Job has its own, which may change only the Secret with the token' };
    return openPod(this, spec, { options: pod, main: [CONTAINER], closed });
  }

  private container(props: RegistrationTokenJobProps): Container {
    const { mint } = props;
    const authority = props.forge.internalTrust.caBundle;
    const volumeMounts: VolumeMount[] = [
      { name: 'script', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'work', mountPath: WORK },
      { name: 'credentials', mountPath: CREDENTIALS, readOnly: true },
      ...(authority
        ? [{ name: authority._volumeName, mountPath: `${CA}/${authority._volumeName}`, readOnly: true }]
        : []),
    ];
    return {
      name: CONTAINER,
      image: mint.image,
      command: ['sh', `${CONFIG_FOLDER}/${scriptOf(props)}`],
      env: [
        ...this.env(props),
        ...mint._env(`${CREDENTIALS}/${mint._key}`, props.scope),
        ...(props.runner === undefined ? [] : [{ name: 'RUNNER_NAME', value: props.runner }]),
        ...(authority ? [{ name: 'FORGE_CA_FILE', value: authority._path(CA) }] : []),
      ],
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      },
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
      volumeMounts,
    };
  }

  private env({ forge, scope }: RegistrationTokenJobProps): EnvVar[] {
    return [
      { name: 'FORGE_URL', value: forge.internalUrl },
      { name: 'FORGE_API_PATH', value: scope._apiPath },
      { name: 'TARGET_NAMESPACE', value: namespaceOf(this) },
      { name: 'TARGET_SECRET', value: this.name },
      { name: 'WORK_DIR', value: WORK },
      { name: 'HOME', value: WORK },
    ];
  }
}
