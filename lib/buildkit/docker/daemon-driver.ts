import { Construct } from 'constructs';
import { knowsHostsOf, Registry } from '../../registry';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from '../build/build-cache';
import { DockerDriverOptions } from './driver-options';
import { KnownDriver } from './known-driver';

/**
 * The driver `docker`.
 *
 * @internal
 */
export class DaemonDriver implements KnownDriver {
  readonly name = 'docker';
  readonly isForClientsOnly = false;
  readonly isComplete = false;
  readonly cacheKinds = [CacheKind.INLINE, CacheKind.NONE];
  readonly tools = ['docker'];
  readonly script = 'export BUILDX_CONFIG=$DOCKER_CONFIG/buildx\n';

  private readonly registries: Registry[];

  constructor({ registries = [] }: DockerDriverOptions) {
    this.registries = [...registries];
  }

  canUse(registry: Registry): boolean {
    return knowsHostsOf(registry, this.registries);
  }

  connectFrom(_client: Construct, _podLabels: Record<string, string>): BuilderConnection {
    return BuilderConnection.none();
  }

  environment(_registries: readonly Registry[]): Record<string, string> {
    return { BUILDER: 'default' };
  }
}
