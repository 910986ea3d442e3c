import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { NodeNeed } from '../../kube';
import { knowsHostsOf, Registry } from '../../registry';
import { scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from '../build/build-cache';
import { IBuilder } from '../build/builder';
import { Buildkitd } from '../buildkitd';
import { RemoteAddressOptions } from './driver-options';
import { KnownDriver } from './known-driver';

/** A BuildKit daemon as a node of the builder. */
interface RemoteNode {
  readonly platforms: string;
  readonly addresses: string[];
  readonly folder: string;
}

/** The facts about the daemons of a remote builder. */
interface RemoteFacts {
  readonly isForClientsOnly: boolean;
  readonly platforms?: string[];
  readonly stateSize?: Size;
  readonly nodeNeeds?: NodeNeed[] | undefined;
  readonly cacheKinds: CacheKind[];
  readonly nodes: () => RemoteNode[];
  readonly canUse: (registry: Registry) => boolean;
  readonly connect: (client: Construct, podLabels: Record<string, string>) => BuilderConnection;
  readonly env: Record<string, string>;
}

/**
 * The driver `remote`.
 *
 * @internal
 */
export class RemoteDriver implements KnownDriver {
  /** Creates the driver for BuildKit daemons of the program. */
  static ofDaemons(builder: IBuilder, daemons: Buildkitd[]): RemoteDriver {
    return new RemoteDriver({
      isForClientsOnly: true,
      platforms: builder.platforms,
      stateSize: builder.stateSize,
      nodeNeeds: builder.nodeNeeds,
      cacheKinds: builder.cacheKinds,
      nodes: () =>
        daemons.map(({ connection, platforms = [] }) => ({
          platforms: daemons.length > 1 ? platforms.join(',') : '',
          addresses: connection.addresses,
          folder: connection.tlsFolder ?? '',
        })),
      canUse: (registry) => builder.canUse(registry),
      connect: (client, podLabels) => builder.connectFrom(client, podLabels),
      env: {},
    });
  }

  /** Creates the driver for a daemon that the program does not describe. */
  static ofAddress(address: string, { tls, registries = [], platforms }: RemoteAddressOptions): RemoteDriver {
    const known = [...registries];
    const { addresses } = BuilderConnection.of({ addresses: [address], clientImage: '' });
    return new RemoteDriver({
      isForClientsOnly: false,
      platforms: platforms?.map(({ name }) => name),
      cacheKinds: Object.values(CacheKind),
      nodes: () => [{ platforms: '', addresses, folder: tls?._folder ?? '' }],
      canUse: (registry) => knowsHostsOf(registry, known),
      connect: () => BuilderConnection.none(),
      env: { ...tls?._environment },
    });
  }

  readonly name = 'remote';
  readonly isComplete = true;
  readonly tools = ['buildx'];
  readonly script = scriptText(__dirname, 'buildx-remote.sh');

  private constructor(private readonly facts: RemoteFacts) {}

  get isForClientsOnly(): boolean {
    return this.facts.isForClientsOnly;
  }

  get platforms(): string[] | undefined {
    return this.facts.platforms && [...this.facts.platforms];
  }

  get stateSize(): Size | undefined {
    return this.facts.stateSize;
  }

  get nodeNeeds(): NodeNeed[] | undefined {
    return this.facts.nodeNeeds && [...this.facts.nodeNeeds];
  }

  get cacheKinds(): CacheKind[] {
    return [...this.facts.cacheKinds];
  }

  canUse(registry: Registry): boolean {
    return this.facts.canUse(registry);
  }

  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection {
    return this.facts.connect(client, podLabels);
  }

  environment(_registries: readonly Registry[]): Record<string, string> {
    const lines = this.facts.nodes().map((node) => [node.platforms, node.folder, node.addresses.join(' ')].join('|'));
    return { BUILDER: 'forge', BUILDER_NODES: lines.join('\n'), ...this.facts.env };
  }
}
