import { ForgeError, quoted } from '../support';

/**
 * How many daemons there are, and which of them a build is sent to.
 *
 * A cache is always one daemon's own: what several daemons share goes through a registry (`BuildCache.registry`).
 *
 * @example
 *
 * BuildkitTopology.stablePool(3);
 */
export class BuildkitTopology {
  /** One daemon, as a StatefulSet: the best local cache, and builds wait while it restarts. */
  static single(): BuildkitTopology {
    return new BuildkitTopology('single', 1);
  }

  /**
   * One daemon, as a Deployment that stops the old pod before it starts the new one (`Recreate`): for clusters whose tools handle
   * Deployments only. A root directory has one writer; a rolling update would leave the new pod waiting for a lock.
   */
  static singleDeployment(): BuildkitTopology {
    return new BuildkitTopology('singleDeployment', 1);
  }

  /**
   * Several daemons behind one Service: a build lands on any of them. Use it with a cache in a registry.
   *
   * The Service balances connections, not requests: a build is one session, and all of its requests must reach one daemon.
   *
   * @param replicas two or more
   * @throws FORGE-BK-006 if it is less, or not a whole number
   */
  static pool(replicas: number): BuildkitTopology {
    return new BuildkitTopology('pool', checkedReplicas(replicas));
  }

  /**
   * Several daemons with names of their own: the client picks one by a consistent hash of what it builds, so that each image finds its
   * cache again, and most of them still do when the number of daemons changes.
   *
   * @param replicas two or more
   * @throws FORGE-BK-006 if it is less, or not a whole number
   */
  static stablePool(replicas: number): BuildkitTopology {
    return new BuildkitTopology('stablePool', checkedReplicas(replicas));
  }

  private constructor(
    /** `single`, `singleDeployment`, `pool` or `stablePool`. */
    readonly name: string,
    /** How many daemons there are. */
    readonly replicas: number,
  ) {}

  /** Whether clients address each daemon by its own name. */
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
