import { ApiObject, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { IForge, TokenAccess } from '../../forge';
import type { CronJobSpec } from 'kubernetes-types/batch/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { checkIdentity, Identity, identityOf, JobIdentity, Layer } from '../../kube';
import { SecretSource } from '../../secret';
import { constructed, ForgeError, handedOver, pinnedImage, PINS, Problems, quoted, scriptText } from '../../support';
import { checkCapacity } from './capacity';
import { imagePath } from '../name/image-name';
import { Registry, RegistryKind } from '../registry';

/** An image with Node.js, the only requirement. The job needs no shell, no curl and no jq. */
const IMAGE = pinnedImage(PINS.images.node);
const FOLDER = '/etc/retention';

/** An image whose old tags are deleted. */
export interface RetentionImage {
  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /**
   * Deployed tags of the image. Set a pipeline's `image.tag`: it carries Flux's marker, so Flux keeps the list up to
   * date. If one of these tags is not in the registry, no tag of the image is deleted.
   */
  readonly deployedTags: string[];

  /**
   * Approximate size of one tag. If several tags share layers, count only the layers that are not shared.
   *
   * @default - not counted
   */
  readonly size?: Size;
}

/** A set of options that defines the tags that are deleted and the tags that are always kept. */
export interface RegistryRetentionProps {
  /** The registry of a Gitea or Forgejo server. */
  readonly registry: Registry;

  /** Images whose old tags are deleted. Images that are not listed are not changed. */
  readonly images: RetentionImage[];

  /** Number of the newest tags of each image that are always kept. */
  readonly keepLast: number;

  /**
   * Secret with an access token under the key `token`. The token needs the scope `write:package`, and its owner needs
   * write access to the packages.
   */
  readonly token: SecretSource;

  /**
   * Minimum age of a tag before it is deleted.
   *
   * @default Duration.days(30)
   */
  readonly olderThan?: Duration;

  /**
   * Additional tags to keep: JavaScript regular expressions that match the whole tag, for example `v\\d+\\.\\d+\\.0`.
   *
   * @default - none
   */
  readonly keepMatching?: string[];

  /**
   * Storage capacity of the registry for packages, excluding build caches. If the sum of the images' `size` times
   * `keepLast` exceeds this value, synth reports an error.
   *
   * @default - not checked
   */
  readonly capacity?: Size;

  /**
   * Whether to only print the tags that the job would delete.
   *
   * @default true
   */
  readonly dryRun?: boolean;

  /**
   * Schedule of the job: cron's five fields, in the time of the cluster's clock.
   *
   * @default '17 3 * * *'
   */
  readonly schedule?: string;

  /**
   * Names and labels of the CronJob.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: JobIdentity;
}

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
    this.check();
    Layer.PLATFORM.mark(this);
    this.tokenSecret = props.token.provide(this, {
      purpose: `${this.name} deletes old packages of ${props.registry.owner}`,
      type: 'Opaque',
      keys: ['token'],
      readsAnyKey: true,
      tokenScope: props.registry._tokenScope(TokenAccess.DELETE),
    });
    this.configMap('Config', `${this.name}-config`, { 'retention.mjs': script(), 'rules.json': this.rules() });
    this.configMap('Deployed', `${this.name}-deployed`, deployedFiles(this.props.images));
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: this.name, ...this.identity.givenMetadata.workload },
      spec: this.spec(),
    });
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
          olderThanSeconds: (olderThan ?? Duration.days(30)).toSeconds(),
          keepMatching,
          dryRun: dryRun ?? true,
        },
        null,
        2,
      ) + '\n'
    );
  }

  private spec(): CronJobSpec {
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
          template: { ...(Object.keys(metadata).length > 0 ? { metadata } : {}), spec: this.pod() },
        },
      },
    };
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
      name: 'retention',
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

  private check(): void {
    const { registry, keepLast, keepMatching, schedule, images } = this.props;
    if (registry.kind !== RegistryKind.GITEA) {
      throw ForgeError.at(this, {
        code: 'FORGE-REG-013',
        message: `registry ${quoted(registry.pull.host)} is not in a Gitea or Forgejo server`,
        fix: 'use the cleanup of that registry: Harbor, zot and GHCR have one each',
      });
    }
    const problems = new Problems(this.node.path);
    const bad = (message: string, fix: string) => problems.add({ code: 'FORGE-REG-014', message, fix });
    if (!(Number.isInteger(keepLast) && keepLast >= 1)) {
      bad(`keepLast is ${keepLast}`, 'keep at least one: give a whole number from 1 on');
    }
    (keepMatching ?? [])
      .filter((pattern) => !isPattern(pattern))
      .forEach((pattern) =>
        bad(
          `${quoted(pattern)} is not a regular expression`,
          "write one in JavaScript's way, e.g. 'v\\\\d+\\\\.\\\\d+\\\\.0'",
        ),
      );
    if (
      schedule !== undefined &&
      !/^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9*\/,-]+( [0-9A-Za-z*\/,?-]+){4})$/.test(schedule)
    ) {
      bad(`${quoted(schedule)} is not a schedule`, "write cron's five fields, e.g. '17 3 * * *'");
    }
    images
      .filter(({ deployedTags }) => deployedTags.length === 0)
      .forEach(({ image }) =>
        bad(
          `no tag of ${quoted(image)} is deployed`,
          'give the tags that are, or leave the image out: it is then left alone',
        ),
      );
    const names = images.map(({ image }) => image);
    names
      .filter((image, i) => names.indexOf(image) !== i)
      .forEach((image) => bad(`${quoted(image)} is listed twice`, 'list it once, with all the tags that are deployed'));
    images.forEach(({ image }) => problems.collect(() => imagePath(image, 'image name')));
    problems.collect(() => checkCapacity(this.props));
    problems.throwIfAny();
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

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`) instanceof RegExp;
  } catch {
    return false;
  }
}

function script(): string {
  return scriptText(__dirname, 'retention.mjs');
}

/** Returns the URL of the forge's API for pods, without a trailing slash. */
function apiUrl(forge: IForge | undefined): string {
  return forge === undefined ? '' : forge.product.apiUrl(forge.internalUrl, '').replace(/\/$/, '');
}
