import { ForgeError, quoted } from '../../support';

/**
 * A topology that defines the number of BuildKit daemons, and the selection of the BuildKit daemon for a build.
 *
 * A cache always belongs to one buildkitd. Several BuildKit daemons share a cache through a registry
 * (`BuildCache.registry`).
 *
 * @example
 *
 * BuildkitTopology.stablePool(3);
 */
export class BuildkitTopology {
  /**
   * Creates one buildkitd as a StatefulSet. This topology has the best local cache, but builds wait while buildkitd
   * restarts.
   */
  static single(): BuildkitTopology {
    return new BuildkitTopology('single', 1);
  }

  /**
   * Creates one buildkitd as a Deployment that stops the old pod before it starts the new pod (`Recreate`). Use this
   * topology for clusters whose tools support Deployments only. A root directory has one writer: a rolling update would
   * leave the new pod waiting for a lock.
   */
  static singleDeployment(): BuildkitTopology {
    return new BuildkitTopology('singleDeployment', 1);
  }

  /**
   * Creates several BuildKit daemons behind one Service. A build runs on any of the BuildKit daemons. Use this topology
   * with a cache in a registry.
   *
   * The Service balances connections, not requests. A build is one session, and all of its requests must reach the same
   * buildkitd.
   *
   * @param replicas two or more
   * @throws FORGE-BK-006 if it is less, or not a whole number
   */
  static pool(replicas: number): BuildkitTopology {
    return new BuildkitTopology('pool', checkedReplicas(replicas));
  }

  /**
   * Creates several BuildKit daemons with their own names. The client selects a buildkitd by a consistent hash of the
   * build, so each image finds its cache again. If the number of BuildKit daemons changes, most images still find their
   * cache.
   *
   * @param replicas two or more
   * @throws FORGE-BK-006 if it is less, or not a whole number
   */
  static stablePool(replicas: number): BuildkitTopology {
    return new BuildkitTopology('stablePool', checkedReplicas(replicas));
  }

  private constructor(
    /** Name of the topology: `single`, `singleDeployment`, `pool` or `stablePool`. */
    readonly name: string,
    /** Number of BuildKit daemons. */
    readonly replicas: number,
  ) {}

  /** Reports whether clients address each buildkitd by its own name. */
  get hasStablePods(): boolean {
    return this.name === 'stablePool';
  }
}

function checkedReplicas(replicas: number): number {
  if (Number.isInteger(replicas) && replicas >= 2 && replicas <= 100) {
    return replicas;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-006',
    message: `a pool of ${quoted(replicas)} daemons`,
    allowed: 'a whole number from 2 to 100',
    fix: replicas === 1 ? 'use BuildkitTopology.single()' : 'say how many daemons there should be',
  });
}
