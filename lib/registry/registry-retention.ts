import { ApiObject, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { CronJobSpec } from 'kubernetes-types/batch/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { Layer } from '../kube';
import { SecretSource } from '../secret';
import { ForgeError, objectName, Problems, quoted, scriptText } from '../support';
import { imagePath } from './image-name';
import { Registry, RegistryKind } from './registry';

/** Has node, and nothing else is needed: no shell, no curl, no jq. */
const IMAGE = 'docker.io/library/node:22.21.1-alpine';
const FOLDER = '/etc/retention';

/**
 * One image whose old tags are deleted.
 */
export interface RetentionImage {
  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /**
   * The tags that are deployed. Give a pipeline's `image.tag`: it carries Flux's marker, so Flux itself keeps the list up to date.
   * An image of which one of these is not in the registry loses nothing.
   */
  readonly deployedTags: string[];

  /**
   * How large one tag is, about. Of several tags that share layers, count what is not shared.
   *
   * @default - not counted
   */
  readonly size?: Size;
}

/**
 * What is deleted, and what never is.
 */
export interface RegistryRetentionProps {
  /** The registry: Gitea's or Forgejo's. */
  readonly registry: Registry;

  /** The images whose old tags are deleted. What is not listed is left alone. */
  readonly images: RetentionImage[];

  /** How many of the newest tags of each image are kept, whatever they are. */
  readonly keepLast: number;

  /** A Secret with an access token under the key `token`, of scope `write:package`, whose owner may write the packages. */
  readonly token: SecretSource;

  /**
   * Only tags that are older than this are deleted.
   *
   * @default Duration.days(30)
   */
  readonly olderThan?: Duration;

  /**
   * Tags to keep besides: JavaScript regular expressions that match the whole tag, e.g. `v\\d+\\.\\d+\\.0`.
   *
   * @default - none
   */
  readonly keepMatching?: string[];

  /**
   * How much room the registry has for packages, build caches left out. If the images' `size`, `keepLast` times, is more, that is an error.
   *
   * @default - not checked
   */
  readonly capacity?: Size;

  /**
   * Whether the job only says what it would delete.
   *
   * @default true
   */
  readonly dryRun?: boolean;

  /**
   * When it runs, in cron's five fields, by the cluster's clock.
   *
   * @default '17 3 * * *'
   */
  readonly schedule?: string;
}

/**
 * A CronJob that deletes old tags of container images, which Gitea's own cleanup rules can do only when they are clicked together.
 *
 * It never deletes a tag that is deployed, one that is newer than a deployed one (Flux may choose it next), `latest`, a build cache
 * (`cache…`, `buildcache…`), or what has no name of its own (digests, signatures). The space comes back when Gitea's cron task
 * `cleanup_packages` has run.
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

  private readonly props: RegistryRetentionProps;
  private readonly tokenSecret: string;

  /**
   * @throws FORGE-REG-013 for a registry that is not a forge's, FORGE-REG-014 for rules that mean nothing, FORGE-REG-016 for
   * more than there is room for
   */
  constructor(scope: Construct, id: string, props: RegistryRetentionProps) {
    super(scope, id);
    this.props = { ...props, images: [...props.images], keepMatching: [...(props.keepMatching ?? [])] };
    this.name = objectName(this);
    this.check();
    Layer.PLATFORM.mark(this);
    this.tokenSecret = props.token.provide(this, {
      purpose: `${this.name} deletes old packages of ${props.registry.owner}`,
      type: 'Opaque',
      keys: ['token'],
      tokenScope: 'write:package',
    });
    this.configMap('Config', `${this.name}-config`, { 'retention.mjs': script(), 'rules.json': this.rules() });
    this.configMap('Deployed', `${this.name}-deployed`, deployedFiles(this.props.images));
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: this.name },
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
          template: { spec: this.pod() },
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
          secret: { secretName: this.tokenSecret, items: [{ key: 'token', path: 'token' }], defaultMode: 0o440 },
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
        { name: 'API_URL', value: `${this.props.registry.forge?.internalUrl}/api/v1` },
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

/** One key an image, because Flux sets one scalar a marker. Keys hold no "/": it becomes "..", which no image name holds. */
function deployedFiles(images: readonly RetentionImage[]): Record<string, string> {
  return Object.fromEntries(
    images.flatMap(({ image, deployedTags }) =>
      deployedTags.map((tag, i) => [image.replace(/\//g, '..') + (i === 0 ? '' : `...${i + 1}`), tag]),
    ),
  );
}

function checkCapacity({ images, keepLast, capacity }: RegistryRetentionProps): void {
  if (capacity === undefined) {
    return;
  }
  const mebibytes = (size: Size) => size.toKibibytes() / 1024;
  const needed = images.reduce((sum, { size }) => sum + (size ? mebibytes(size) * keepLast : 0), 0);
  if (needed <= mebibytes(capacity)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-016',
    message: `${keepLast} tags of each image take about ${Math.ceil(needed / 1024)} GiB, and there is room for ${Math.floor(mebibytes(capacity) / 1024)} GiB`,
    fix: 'keep fewer, or give the registry more storage',
    symptom: 'no space left on device',
  });
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
