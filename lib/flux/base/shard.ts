import { createHash } from 'node:crypto';
import { IConstruct } from 'constructs';
import { ByHand, ForgeError, quoted } from '../../support';
import { clusterAround } from './flux-object';

/**
 * The label by which a shard of controllers finds its objects.
 *
 * @jsii ignore
 */
export const SHARD_LABEL = 'sharding.fluxcd.io/key';

/** A label value that is not empty. */
const SHARD = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** The properties of a cluster that name shards. */
interface Shards {
  readonly shard?: string;
  readonly imageShards?: readonly string[];
}

/**
 * Rejects names that no controller could select.
 *
 * @throws FORGE-FLUX-056
 * @jsii ignore
 */
export function assertShards(cluster: IConstruct, { shard, imageShards }: Shards): void {
  const names = [...(shard === undefined ? [] : [shard]), ...(imageShards ?? [])];
  const wrong = names.find((name) => !SHARD.test(name));
  const twice = imageShards?.find((name, i) => imageShards.indexOf(name) !== i);
  const refuse = (message: string, allowed: string, fix: string) => {
    throw ForgeError.at(cluster, { code: 'FORGE-FLUX-056', message, allowed, fix });
  };
  if (wrong !== undefined) {
    const allowed = 'the value of a label: 1 to 63 letters, digits, "-", "_" and ".", first and last a letter or digit';
    refuse(`${quoted(wrong)} cannot name a shard`, allowed, "use a name such as 'shard1'");
  }
  if (imageShards?.length === 0) {
    refuse('imageShards has no shard', 'at least one shard', 'remove imageShards, or name a shard');
  }
  if (twice !== undefined) {
    refuse(`imageShards has ${quoted(twice)} twice`, 'different names', 'remove one of them');
  }
}

/**
 * Returns the step that starts the controllers of the shards. The Flux Operator has no shards of this controller, and a
 * controller without a selector scans the images of all shards.
 *
 * @jsii ignore
 */
export function imageShardSteps(shards: readonly string[] = []): ByHand[] {
  const selectors = shards.map((shard) => `\`--watch-label-selector=${SHARD_LABEL}=${shard}\``);
  return shards.length === 0
    ? []
    : [
        {
          title: 'Start an image-reflector-controller for each shard',
          text: `Copy its Deployment once for each selector: ${selectors.join(', ')}. Set \`--watch-label-selector=!${SHARD_LABEL}\` at the Deployment that exists: without a selector it scans all images too.`,
        },
      ];
}

/**
 * Returns the label of the shard that scans an image. A policy has that of its repository: a controller that has only one
 * of them chooses no tag.
 *
 * @jsii ignore
 */
export function imageShard(repository: IConstruct, name: string): Record<string, string> {
  const shards = clusterAround(repository)?._imageFacts.shards;
  return shards === undefined ? {} : { [SHARD_LABEL]: shardOf(name, shards) };
}

/** Returns the shard with the highest hash, so that another shard gets its share of all others, and moves nothing else. */
function shardOf(name: string, shards: readonly string[]): string {
  const weighed = shards.map((shard) => ({
    shard,
    hash: createHash('sha256').update(`${shard} ${name}`).digest('hex'),
  }));
  return weighed.reduce((best, next) => (next.hash > best.hash ? next : best)).shard;
}
