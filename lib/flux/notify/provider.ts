import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../../imports/notification.toolkit.fluxcd.io';
import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { notificationApi } from './api';
import { constructed, ForgeError, handedOver, hasControlCharacter, quoted } from '../../support';
import { assertFlux, fluxName, IFluxObject } from '../base/flux-object';
import { PROVIDER_TYPE_SINCE, ProviderType } from './provider-type';

/** A set of options that describes a target of any type. */
export interface ProviderTargetProps {
  /**
   * Address of the target: a URL, or what the type takes instead, for example a project ID. Without credentials: put an
   * address that is confidential into the key `address` of the Secret.
   *
   * @default - the key `address` of the Secret, or none for a type that needs none
   */
  readonly address?: string;

  /**
   * Secret with the credentials.
   *
   * @default - none
   */
  readonly secret?: SecretSource;

  /**
   * Keys of the Secret that the type reads, for example `token`, `address`, `username`, `password`.
   *
   * @default - `token`
   */
  readonly keys?: string[];
}

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
    return new ProviderTarget({ type: 'generic-hmac', address: checkedAddress(url) }, key, ['token']);
  }

  /**
   * Returns a target that sets the commit status of a repository. The Secret contains `token`.
   *
   * @throws FORGE-FLUX-035 for a forge at which Flux sets no commit status
   */
  static commitStatus(repository: Repository, token: SecretSource): ProviderTarget {
    return ProviderTarget.ofRepository(repository, token, {
      type: repository.forge.product.fluxProvider,
      act: 'sets no commit status',
    });
  }

  /**
   * Returns a target that comments in a pull request; Flux 2.8 and newer. The Secret contains `token`. The objects that the
   * Alert watches need the annotation `event.toolkit.fluxcd.io/change_request` with the number of the pull request.
   *
   * @throws FORGE-FLUX-035 for a forge at which Flux does not comment
   */
  static pullRequestComment(repository: Repository, token: SecretSource): ProviderTarget {
    return ProviderTarget.ofRepository(repository, token, {
      type: repository.forge.product.fluxCommentProvider,
      act: 'does not comment in pull requests',
    });
  }

  /**
   * Returns a target that starts workflows by the event `repository_dispatch`. The Secret contains `token`. GitHub only.
   *
   * @throws FORGE-FLUX-035 for another forge
   */
  static dispatch(repository: Repository, token: SecretSource): ProviderTarget {
    return ProviderTarget.ofRepository(repository, token, {
      type: repository.forge.product.fluxDispatchProvider,
      act: 'sends no repository dispatch',
    });
  }

  /**
   * Returns a target that sends traces to an OpenTelemetry collector over HTTP.
   *
   * @param url endpoint of the collector, for example `http://collector.monitoring:4318/v1/traces`
   * @param token a Secret with the key `token`, for a collector that asks for one
   * @throws FORGE-FLUX-035 for what is no http(s) URL
   */
  static otel(url: string, token?: SecretSource): ProviderTarget {
    return new ProviderTarget({ type: ProviderType.OTEL, address: checkedAddress(url) }, token, ['token']);
  }

  /**
   * Returns a target of any type. The page of the type says what address and which keys of the Secret it takes.
   *
   * @throws FORGE-FLUX-035 for an address with credentials or without a target
   */
  static of(type: ProviderType, props: ProviderTargetProps): ProviderTarget {
    const { address, secret, keys = ['token'] } = props;
    if ((address === undefined && secret === undefined) || keys.length === 0) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-035',
        message: `a target of type ${type} has ${keys.length === 0 ? 'a Secret without keys' : 'neither address nor Secret'}`,
        fix: keys.length === 0 ? 'set keys, or remove it' : 'set address or secret',
      });
    }
    return new ProviderTarget(
      { type, ...(address === undefined ? {} : { address: anyAddress(address) }) },
      secret,
      keys,
    );
  }

  private static ofRepository(
    { forge, fullName }: Repository,
    token: SecretSource,
    { type, act }: { readonly type: string | undefined; readonly act: string },
  ): ProviderTarget {
    if (type === undefined) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-035',
        message: `Flux ${act} at ${forge.product.title}`,
        fix: 'use ProviderTarget.webhook(…)',
      });
    }
    return new ProviderTarget({ type, address: `${forge.internalUrl}/${fullName}` }, token, ['token']);
  }

  /** Returns a target for Prometheus Alertmanager. */
  static alertmanager(url: string): ProviderTarget {
    return new ProviderTarget({ type: 'alertmanager', address: checkedAddress(url) });
  }

  /**
   * Returns a target for a chat service. The webhook URL is confidential, so the Secret contains `address`. For Matrix,
   * Telegram and Webex, the Secret contains `address` and `token`.
   */
  static chat(kind: ChatKind, address: SecretSource): ProviderTarget {
    return new ProviderTarget({ type: kind }, address, WITH_TOKEN.includes(kind) ? ['address', 'token'] : ['address']);
  }

  private constructor(
    private readonly spec: Record<string, string>,
    private readonly secret?: SecretSource,
    private readonly keys: readonly string[] = [],
  ) {}

  /**
   * Returns the target in the format of a Provider's spec.
   *
   * @internal
   */
  _render(construct: Construct): object {
    const since = PROVIDER_TYPE_SINCE[this.spec.type as ProviderType];
    if (since !== undefined) {
      assertFlux(construct, since, `the provider type ${this.spec.type}`);
    }
    const name = this.secret?.provide(construct, {
      purpose: `Flux notifies ${this.spec.address ?? this.spec.type}`,
      type: 'Opaque',
      keys: [...this.keys],
    });
    return { ...this.spec, ...(name ? { secretRef: { name } } : {}) };
  }
}

/** A chat service that Flux can send messages to. */
export enum ChatKind {
  /** Discord. */
  DISCORD = 'discord',
  /** Google Chat. */
  GOOGLE_CHAT = 'googlechat',
  /** Lark. */
  LARK = 'lark',
  /** Matrix. */
  MATRIX = 'matrix',
  /** Microsoft Teams. */
  MSTEAMS = 'msteams',
  /** Rocket.Chat. */
  ROCKET = 'rocket',
  /** Slack. */
  SLACK = 'slack',
  /** Telegram. */
  TELEGRAM = 'telegram',
  /** Webex. */
  WEBEX = 'webex',
}

/** The chat services whose address is no secret, but that need a token. */
const WITH_TOKEN = [ChatKind.MATRIX, ChatKind.TELEGRAM, ChatKind.WEBEX];

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

/** Returns an address that is not only a URL, without credentials. */
function anyAddress(address: string): string {
  if (address !== '' && address.length <= 2048 && !/[@\s]/.test(address) && !hasControlCharacter(address)) {
    return address;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-035',
    message: `${/@/.test(address) ? '(address with "@", not shown)' : quoted(address)} is no address for notifications`,
    allowed: 'at most 2048 characters, without blanks and credentials',
    fix: 'put an address that is confidential into the key address of the Secret',
  });
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
