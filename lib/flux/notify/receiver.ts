import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/notification.toolkit.fluxcd.io';
import { SecretSource } from '../../secret';
import { constructed, ForgeError, handedOver, lazily, oneLine } from '../../support';
import { fluxDuration } from '../base/duration';
import { fluxName, IFluxObject, referenceTo } from '../base/flux-object';

/** A type of Receiver caller, which determines the check of the call. */
export enum ReceiverType {
  /** Gitea, Forgejo and GitHub, which use the same signature format. Flux uses the type `github` for all three. */
  FORGE = 'github',
  /** Any client that knows the path. */
  GENERIC = 'generic',
  /** Any client that signs the body with the header `X-Signature: sha256=<HMAC>`, for example a workflow step. */
  GENERIC_HMAC = 'generic-hmac',
  /** Harbor. */
  HARBOR = 'harbor',
  /** Docker Hub. */
  DOCKER_HUB = 'dockerhub',
  /** Quay. */
  QUAY = 'quay',
}

/** A webhook that triggers an immediate Flux reconciliation. */
export interface ReceiverProps {
  /** The type of the caller. */
  readonly type: ReceiverType;

  /** A Secret with the key `token`. The caller signs with the token, and the token makes the path unguessable. */
  readonly token: SecretSource;

  /**
   * The objects to reconcile when the Receiver is called. Use `notifies` to add more objects.
   *
   * @default - nothing yet
   */
  readonly resources?: IFluxObject[];

  /**
   * The events to act on, with the names that the caller sends in its header.
   *
   * @default - `ping` and `push` for a forge; all for others
   */
  readonly events?: string[];

  /**
   * A CEL expression that decides about each resource: Flux reconciles the resource if the result is true. `req` is the body of
   * the call, and `res` has the metadata of the resource.
   *
   * @default - every resource is reconciled
   */
  readonly resourceFilter?: string;

  /**
   * The interval between Flux's checks of the Receiver itself.
   *
   * @default - Flux's own: 10 minutes
   */
  readonly interval?: Duration;

  /**
   * Whether to ignore calls.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/** The object kinds that a Receiver can notify, as listed in the enum of its CRD. */
const NOTIFIABLE: string[] = [
  'Bucket',
  'GitRepository',
  'Kustomization',
  'HelmRelease',
  'HelmChart',
  'HelmRepository',
  'ImageRepository',
  'ImagePolicy',
  'ImageUpdateAutomation',
  'OCIRepository',
  'ArtifactGenerator',
  'ExternalArtifact',
] satisfies `${l1.ReceiverSpecResourcesKind}`[];

/**
 * A Flux Receiver that provides a webhook path for a forge, a registry or a workflow. With a Receiver, Flux detects a
 * push within seconds instead of at the next scan.
 *
 * The path appears in the Receiver's status: `kubectl get receiver <name> -o jsonpath='{.status.webhookPath}'`.
 *
 * @see https://fluxcd.io/flux/components/notification/receivers/
 *
 * @example
 *
 * new Receiver(chart, 'gitea', { type: ReceiverType.FORGE, token: SecretSource.existing('webhook-token'), resources: [source] });
 */
export class Receiver extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  private readonly resources: Set<IFluxObject>;
  private labels?: Record<string, string>;

  constructor(scope: Construct, id: string, props: ReceiverProps) {
    const made = constructed(Receiver, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.resources = new Set(props.resources);
    const events = props.events ?? (props.type === ReceiverType.FORGE ? ['ping', 'push'] : []);
    const secret = props.token.provide(this, {
      purpose: `callers of the webhook ${id} prove themselves with it`,
      type: 'Opaque',
      keys: ['token'],
    });
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata: { name: fluxName(this) },
      spec: {
        type: props.type as string as l1.ReceiverSpecType,
        ...(events.length > 0 ? { events: [...events] } : {}),
        secretRef: { name: secret },
        resources: lazily(() => this.targets()),
        ...(props.resourceFilter === undefined ? {} : { resourceFilter: props.resourceFilter }),
        ...(props.interval ? { interval: fluxDuration(props.interval) } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } satisfies l1.ReceiverSpec,
    });
    this.node.addValidation({ validate: () => this.emptiness() });
  }

  /**
   * Adds an object to reconcile, for example an ImageRepository, a GitRepository, a HelmRepository or an OciRepository.
   */
  notifies(resource: IFluxObject): void {
    this.resources.add(resource);
  }

  /**
   * Lets the Receiver find its resources by labels that all of them have, instead of a list with their names.
   *
   * @internal
   */
  _find(labels: Record<string, string>): void {
    this.labels = { ...labels };
  }

  /** Returns the references to the resources: one for each, or one for each kind and namespace if labels find them. */
  private targets(): l1.ReceiverSpecResources[] {
    const all = [...this.resources].map((resource) => this.target(resource));
    const { labels } = this;
    if (labels === undefined) {
      return all;
    }
    const found = all.map((target) => ({ ...target, name: '*', matchLabels: { ...labels } }));
    return [...new Map(found.map((target) => [JSON.stringify(target), target])).values()];
  }

  private target(resource: IFluxObject): l1.ReceiverSpecResources {
    const { apiVersion, kind } = resource.apiObject;
    return { apiVersion, kind: kind as l1.ReceiverSpecResourcesKind, ...referenceTo(resource, this) };
  }

  private emptiness(): string[] {
    const wrong = [...this.resources].find((resource) => !NOTIFIABLE.includes(resource.apiObject.kind));
    if (this.resources.size > 0 && !wrong) {
      return [];
    }
    const problem = {
      code: 'FORGE-FLUX-034',
      message: wrong ? `a Receiver cannot notify a ${wrong.apiObject.kind}` : 'the Receiver notifies nothing',
      fix: wrong
        ? "give it a source, an ImageRepository or another of Flux's objects"
        : 'give it resources, or call notifies(…)',
    };
    return [oneLine(ForgeError.of(problem).problems[0])];
  }
}
