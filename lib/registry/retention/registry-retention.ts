import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IForge, TokenAccess } from '../../forge';
import type { CronJobSpec } from 'kubernetes-types/batch/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { checkIdentity, Identity, identityOf, Layer, openPod, placementSpec, podSecurityOf } from '../../kube';
import { advise, constructed, handedOver, pinnedImage, PINS, scriptText } from '../../support';
import { retentionAdvice } from './advice';
import { checkRetention } from './check';
import { RegistryRetentionProps, RetentionImage } from './props';

/** An image with Node.js, the only requirement. The job needs no shell, no curl and no jq. */
const IMAGE = pinnedImage(PINS.images.node);
const FOLDER = '/etc/retention';
const CONTAINER = 'retention';

/**
 * A CronJob that deletes old tags of container images. Gitea's own cleanup rules can only be configured in the web
 * interface.
 *
 * The job never deletes these tags: a deployed tag, a tag newer than a deployed tag (Flux may select it next),
 * `latest`, and a build cache (`cache…`, `buildcache…`). The job also keeps versions without their own name (digests,
 * signatures). Gitea frees the space when its cron task `cleanup_packages` runs.
 *
 * @see https://docs.gitea.com/api/ (package)
 *
 * @example
 *
 * new RegistryRetention(chart, 'retention', {
 *   registry,
 *   images: [{ image: 'hello-app', deployedTags: ['main-0123abc-1700000000'] }],
 *   keepLast: 10,
 *   token: SecretSource.existing('package-token'),
 * });
 */
export class RegistryRetention extends Construct {
  /** Name of the CronJob. */
  readonly name: string;

  private readonly identity: Identity;
  private readonly props: RegistryRetentionProps;
  private readonly tokenSecret: string;

  /**
   * @throws FORGE-REG-013 for a registry that is not a forge's, FORGE-REG-014 for rules that mean nothing, FORGE-REG-016 for
   * more than there is room for
   */
  constructor(scope: Construct, id: string, props: RegistryRetentionProps) {
    const made = constructed(RegistryRetention, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props, images: [...props.images], keepMatching: [...(props.keepMatching ?? [])] };
    this.identity = identityOf(this, 'registry-retention', props.workload);
    checkIdentity(this, this.identity, 'CronJob');
    this.name = this.identity.name;
    checkRetention(this, this.props);
    Layer.PLATFORM.mark(this);
    this.tokenSecret = props.token.provide(this, {
      purpose: `${this.name} deletes old packages of ${props.registry.owner}`,
      type: 'Opaque',
      keys: ['token'],
      readsAnyKey: true,
      tokenScope: props.registry._tokenScope(TokenAccess.DELETE),
      ...(props.registry.forge ? { forgeUrl: props.registry.forge.url } : {}),
    });
    this.configMap('Config', `${this.name}-config`, { 'retention.mjs': script(), 'rules.json': this.rules() });
    this.configMap('Deployed', `${this.name}-deployed`, deployedFiles(this.props.images));
    const pod = this.openedPod();
    podSecurityOf(pod).mark(this);
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: this.name, ...this.identity.givenMetadata.workload },
      spec: this.spec(pod),
    });
    advise(this, () => retentionAdvice(this, this.props));
  }

  private configMap(id: string, name: string, data: Record<string, string>): void {
    new ApiObject(this, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }

  private rules(): string {
    const { registry, keepLast, olderThan, keepMatching, dryRun } = this.props;
    return (
      JSON.stringify(
        {
          owner: registry.owner,
          keepLast,
          olderThanSeconds: (olderThan ?? Duration.days(30)).toSeconds({ integral: false }),
          keepMatching,
          dryRun: dryRun ?? true,
        },
        null,
        2,
      ) + '\n'
    );
  }

  private spec(pod: PodSpec): CronJobSpec {
    const { pod: metadata } = this.identity.givenMetadata;
    return {
      schedule: this.props.schedule ?? '17 3 * * *',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: 3600,
          ttlSecondsAfterFinished: 7 * 86400,
          template: { ...(Object.keys(metadata).length > 0 ? { metadata } : {}), spec: pod },
        },
      },
    };
  }

  private openedPod(): PodSpec {
    return openPod(this, this.pod(), { options: this.props.pod, main: [CONTAINER] });
  }

  private pod(): PodSpec {
    const authority = this.props.registry.forge?.internalTrust.caBundle?._volume(this);
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...placementSpec(this.props.placement),
      containers: [this.container(authority && `${FOLDER}/ca/${authority.file}`, authority?.volume.name)],
      volumes: [
        { name: 'config', configMap: { name: `${this.name}-config` } },
        { name: 'deployed', configMap: { name: `${this.name}-deployed` } },
        {
          name: 'token',
          secret: {
            secretName: this.tokenSecret,
            items: [{ key: this.props.token.keyOf('token'), path: 'token' }],
            defaultMode: 0o440,
          },
        },
        ...(authority ? [authority.volume] : []),
      ],
    };
  }

  private container(caFile?: string, caVolume?: string): Container {
    return {
      name: CONTAINER,
      image: IMAGE,
      command: ['node', `${FOLDER}/config/retention.mjs`],
      env: [
        { name: 'API_URL', value: apiUrl(this.props.registry.forge) },
        { name: 'TOKEN_FILE', value: `${FOLDER}/token/token` },
        { name: 'RULES_FILE', value: `${FOLDER}/config/rules.json` },
        { name: 'DEPLOYED_FOLDER', value: `${FOLDER}/deployed` },
        ...(caFile ? [{ name: 'NODE_EXTRA_CA_CERTS', value: caFile }] : []),
      ],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      volumeMounts: [
        ...['config', 'deployed', 'token'].map((name) => ({ name, mountPath: `${FOLDER}/${name}`, readOnly: true })),
        ...(caVolume ? [{ name: caVolume, mountPath: `${FOLDER}/ca`, readOnly: true }] : []),
      ],
    };
  }
}

/**
 * Returns one key per image, because Flux sets one scalar per marker. Keys cannot contain "/", which is replaced by
 * "..". No image name contains "..".
 */
function deployedFiles(images: readonly RetentionImage[]): Record<string, string> {
  return Object.fromEntries(
    images.flatMap(({ image, deployedTags }) =>
      deployedTags.map((tag, i) => [image.replace(/\//g, '..') + (i === 0 ? '' : `...${i + 1}`), tag]),
    ),
  );
}

function script(): string {
  return scriptText(__dirname, 'retention.mjs');
}

/** Returns the URL of the forge's API for pods, without a trailing slash. */
function apiUrl(forge: IForge | undefined): string {
  return forge === undefined ? '' : forge.product.apiUrl(forge.internalUrl, '').replace(/\/$/, '');
}
