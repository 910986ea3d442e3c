import { ApiObject, Duration } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import type * as l1 from '../../../imports/image.toolkit.fluxcd.io';
import { fluxRegistryAccess, isPlainHost, Registry } from '../../registry';
import {
  advise,
  constructed,
  ConstructKind,
  ForgeError,
  handedOver,
  namespaceOf,
  quoted,
  register,
} from '../../support';
import { scanAdvice } from './advice';
import { clusterAround, fluxName, fluxVersionOf, IFluxObject } from '../base/flux-object';
import { imageShard } from '../base/shard';
import { IMAGE_ANNOTATION, scanTimes } from './scans';
import { parseRe2 } from '../pattern/re2';

const IMAGE_REPOSITORY = Symbol.for('cdk8s-forge.ImageRepository');

/**
 * The kind under which the model finds every ImageRepository.
 *
 * @jsii ignore
 */
export const IMAGE_REPOSITORIES = new ConstructKind<ImageRepository>('ImageRepository');

/** The hosts for which go-containerregistry tried plain HTTP before 0.21.6, that is, before Flux 2.9. */
const LOCAL_BEFORE_2_9 = /\.local(:\d{1,5})?$/;

/** The maximum number of exclusions that the CRD accepts. */
const MOST_EXCLUSIONS = 25;

/**
 * An image that Flux scans for tags.
 */
export interface ImageRepositoryProps {
  /** The registry that contains the image. Flux scans the registry at its scan endpoint. */
  readonly registry: Registry;

  /** The name of the image in the registry, without host, owner, tag and digest. */
  readonly image: string;

  /**
   * The interval between scans for new tags.
   *
   * @default - 5 minutes; in a cluster that is to have more than 500 images, 5 minutes or one minute for each 500 images, with a
   * difference of up to a tenth that follows from the name
   */
  readonly interval?: Duration;

  /**
   * The maximum duration of a scan.
   *
   * @default - as long as the interval; 1 minute in a cluster that is to have more than 500 images
   */
  readonly timeout?: Duration;

  /**
   * Regular expressions (Go syntax, at most 25) that exclude tags. A tag that matches an expression is ignored.
   *
   * @default - Flux's own: ['^.*\\.sig$'], the signatures of cosign
   */
  readonly exclude?: string[];

  /**
   * The other namespaces whose policies may use this object.
   *
   * @default - none but its own
   */
  readonly sharedWith?: string[];

  /**
   * Whether to stop scanning the image.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux ImageRepository that scans the tags of one image at regular intervals.
 *
 * @see https://fluxcd.io/flux/components/image/imagerepositories/
 *
 * @example
 *
 * new ImageRepository(chart, 'hello-app', { registry, image: 'hello-app' });
 */
export class ImageRepository extends Construct implements IFluxObject {
  /** Returns whether `x` is an ImageRepository, including an instance from another copy of this library. */
  static isImageRepository(x: unknown): x is ImageRepository {
    return x !== null && typeof x === 'object' && IMAGE_REPOSITORY in x;
  }

  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /** The image name that nodes pull, in the format `host/owner/image`. */
  readonly imageName: string;

  /** The image name that Flux scans. Flux writes this name into manifests. */
  readonly scannedName: string;

  /**
   * Reports whether Flux cannot look up digests. Flux looks up digests without `insecure`, over HTTPS, unless Flux
   * treats the host as local.
   *
   * @internal
   */
  readonly _hidesDigests: boolean;

  /**
   * The registry that Flux scans.
   *
   * @internal
   */
  readonly _registry: Registry;

  /**
   * The web page that shows the image and its tags, if the page is known.
   *
   * @internal
   */
  readonly _page?: string;

  /**
   * The properties, for the repository of another cluster that uses the image.
   *
   * @internal
   */
  readonly _props: ImageRepositoryProps;

  /**
   * The interval between scans, or undefined if Flux does not scan the image.
   *
   * @internal
   */
  readonly _interval?: Duration;

  private readonly sharedWith: string[];

  /**
   * @throws FORGE-REG-002 for an image name with a host, tag or digest; FORGE-FLUX-007 for an exclusion that Flux would refuse,
   * FORGE-FLUX-042 for a name that begins with the host,
   * FORGE-REG-006, 008 or 011 if Flux cannot reach the registry as it is declared
   */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    const made = constructed(ImageRepository, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const { registry } = props;
    this._props = { ...props };
    this._registry = registry;
    this.assertBareName(registry, props.image);
    this.imageName = registry.pullName(props.image);
    this._page = registry.packageUrl(props.image);
    this.scannedName = registry.scanName(props.image);
    this.sharedWith = [...(props.sharedWith ?? [])];
    this._hidesDigests = registry.scan.isPlainHttp && !this.isLocal(registry.scan.host);
    const name = fluxName(this);
    const { interval, fields } = scanTimes(this, name, props);
    this._interval = props.suspend ? undefined : interval;
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImageRepository',
      metadata: { name, ...this.marks(name) },
      spec: {
        image: this.scannedName,
        ...fields,
        ...(props.exclude ? { exclusionList: checkedExclusions(this, props.exclude) } : {}),
        ...fluxRegistryAccess(this, registry),
        ...(this.sharedWith.length > 0
          ? {
              accessFrom: {
                namespaceSelectors: this.sharedWith.map((name) => ({
                  matchLabels: { 'kubernetes.io/metadata.name': name },
                })),
              },
            }
          : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.ImageRepositorySpec,
    });
    advise(this, () => scanAdvice(registry));
    Object.defineProperty(this, IMAGE_REPOSITORY, { value: true });
    register(this, IMAGE_REPOSITORIES);
  }

  /** Returns the metadata by which a shard finds the image and, in a cluster with many images, the webhook for a push. */
  private marks(name: string) {
    const label = clusterAround(this)?._imageFacts.label;
    const labels = { ...(label && { [label.key]: label.value }), ...imageShard(this, name) };
    return {
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(label && { annotations: { [IMAGE_ANNOTATION]: this._props.image } }),
    };
  }

  private assertBareName(registry: Registry, image: string): void {
    const host = registry.endpoints.map((endpoint) => endpoint.host).find((name) => image.startsWith(`${name}/`));
    const prefix = [host, registry.owner].filter((part) => part !== undefined && part !== '').join('/');
    if (host !== undefined) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-042',
        message: `image ${quoted(image)} begins with the host of its registry`,
        allowed: 'the name in the registry, without host and owner',
        fix: `set image to ${quoted(image.startsWith(`${prefix}/`) ? image.slice(prefix.length + 1) : image.slice(host.length + 1))}`,
        symptom: 'ImageRepository: NAME_UNKNOWN: repository name not known to registry',
      });
    }
    if (registry.owner && image.startsWith(`${registry.owner}/`)) {
      advise(this, () => ({
        warnings: [
          `Image \`${image}\` begins with the owner of its registry: Flux scans \`${this.scannedName}\`. If the owner is not meant twice, remove it from \`image\`.`,
        ],
      }));
    }
  }

  /** Returns whether Flux looks up digests at a host over plain HTTP. */
  private isLocal(host: string): boolean {
    const version = fluxVersionOf(this);
    return isPlainHost(host) || (!version.isAtLeast('2.9') && LOCAL_BEFORE_2_9.test(host));
  }

  /**
   * Rejects a policy in a namespace that may not use this object.
   *
   * @internal
   */
  _assertUsableFrom(construct: IConstruct): void {
    const [own, namespace] = [namespaceOf(this), namespaceOf(construct)];
    if (namespace === own || this.sharedWith.includes(namespace)) {
      return;
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-012',
      message: `ImageRepository ${quoted(this.node.id)} lies in namespace ${quoted(own)} and is not shared with ${quoted(namespace)}`,
      fix: `put the policy into ${quoted(own)}, or share the repository: sharedWith: [${quoted(namespace)}]`,
      symptom: "access denied: can't be accessed due to missing ACL labels",
    });
  }
}

function checkedExclusions(construct: IConstruct, patterns: string[]): string[] {
  patterns.forEach((pattern) => parseRe2(pattern));
  if (patterns.length <= MOST_EXCLUSIONS) {
    return [...patterns];
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-007',
    message: `${patterns.length} exclusions are more than Flux takes`,
    allowed: `at most ${MOST_EXCLUSIONS}`,
    fix: "join some of them with '|'",
  });
}
