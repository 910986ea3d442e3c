import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/notification.toolkit.fluxcd.io';
import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { notificationApi } from './api';
import { constructed, ForgeError, handedOver, quoted } from '../../support';
import { fluxName, IFluxObject } from '../base/flux-object';

/**
 * A destination that Flux sends notifications to.
 *
 * @example
 *
 * ProviderTarget.webhook('http://ntfy.observability.svc.cluster.local/flux');
 */
export class ProviderTarget {
  /**
   * Returns a target for any server that accepts Flux's events as JSON.
   *
   * @throws FORGE-FLUX-035 for what is no http(s) URL
   */
  static webhook(url: string): ProviderTarget {
    return new ProviderTarget({ type: 'generic', address: checkedAddress(url) });
  }

  /**
   * Returns a target for a server that accepts signed JSON events. The header is `X-Signature: sha256=<HMAC>` over the
   * body.
   *
   * @param key a Secret with the key `token`
   * @throws FORGE-FLUX-035 for what is no http(s) URL
   */
  static signedWebhook(url: string, key: SecretSource): ProviderTarget {
    return new ProviderTarget({ type: 'generic-hmac', address: checkedAddress(url) }, key, 'token');
  }

  /** Returns a target that sets the commit status of a repository. The Secret contains `token`. */
  static commitStatus(repository: Repository, token: SecretSource): ProviderTarget {
    const { product, internalUrl } = repository.forge;
    if (product.fluxProvider === undefined) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-035',
        message: `Flux sets no commit status at ${product.title}`,
        fix: 'use ProviderTarget.webhook(…)',
      });
    }
    return new ProviderTarget(
      { type: product.fluxProvider, address: `${internalUrl}/${repository.fullName}` },
      token,
      'token',
    );
  }

  /** Returns a target for Prometheus Alertmanager. */
  static alertmanager(url: string): ProviderTarget {
    return new ProviderTarget({ type: 'alertmanager', address: checkedAddress(url) });
  }

  /** Returns a target for a chat service. The webhook URL is confidential, so the Secret contains `address`. */
  static chat(kind: ChatKind, address: SecretSource): ProviderTarget {
    return new ProviderTarget({ type: kind }, address, 'address');
  }

  private constructor(
    private readonly spec: Record<string, string>,
    private readonly secret?: SecretSource,
    private readonly key: string = '',
  ) {}

  /**
   * Returns the target in the format of a Provider's spec.
   *
   * @internal
   */
  _render(construct: Construct): object {
    const name = this.secret?.provide(construct, {
      purpose: `Flux notifies ${this.spec.address ?? this.spec.type}`,
      type: 'Opaque',
      keys: [this.key],
    });
    return { ...this.spec, ...(name ? { secretRef: { name } } : {}) };
  }
}

/** A chat service that Flux can send messages to. */
export enum ChatKind {
  /** Discord. */
  DISCORD = 'discord',
  /** Matrix. */
  MATRIX = 'matrix',
  /** Microsoft Teams. */
  MSTEAMS = 'msteams',
  /** Rocket.Chat. */
  ROCKET = 'rocket',
  /** Slack. */
  SLACK = 'slack',
}

/** A destination that Flux sends notifications to. */
export interface ProviderProps {
  /** The destination of the notifications. */
  readonly target: ProviderTarget;

  /**
   * The channel, for a chat service with several channels.
   *
   * @default - the one that the address leads to
   */
  readonly channel?: string;

  /**
   * Whether to suspend notifications.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A Flux Provider that Alerts are sent to.
 *
 * @see https://fluxcd.io/flux/components/notification/providers/
 *
 * @example
 *
 * new Provider(chart, 'ntfy', { target: ProviderTarget.webhook('http://ntfy.observability.svc.cluster.local/flux') });
 */
export class Provider extends Construct implements IFluxObject {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: ProviderProps) {
    const made = constructed(Provider, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: notificationApi(this),
      kind: 'Provider',
      metadata: { name: fluxName(this) },
      spec: {
        ...props.target._render(this),
        ...(props.channel ? { channel: props.channel } : {}),
        ...(props.suspend ? { suspend: true } : {}),
      } as l1.ProviderSpec,
    });
  }
}

function checkedAddress(url: string): string {
  if (/^https?:\/\/[^/\s@]+(\/\S*)?$/.test(url) && url.length <= 2048) {
    return url;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-035',
    message: `${/@/.test(url) ? '(URL with "@", not shown)' : quoted(url)} is no address for notifications`,
    allowed: 'http:// or https://, at most 2048 characters, without credentials',
    fix: 'if the address itself is the secret, use ProviderTarget.chat(kind, secret)',
  });
}
