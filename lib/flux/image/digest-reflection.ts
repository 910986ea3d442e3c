import { Duration } from 'cdk8s';
import { fluxDuration } from '../duration';

/**
 * Whether Flux writes the digest of an image beside its tag.
 *
 * @see https://fluxcd.io/flux/components/image/imagepolicies/#digest-reflection-policy
 *
 * @example
 *
 * const repository = new ImageRepository(chart, 'api', { registry, image: 'api' });
 * new ImagePolicy(chart, 'api', { repository, tags: TagPolicy.semver('1.x'), digest: DigestReflection.IF_NOT_PRESENT });
 */
export class DigestReflection {
  /** Tags alone. */
  static readonly NEVER = new DigestReflection('Never');

  /** The digest that a tag had when it was chosen: for tags that do not move. */
  static readonly IF_NOT_PRESENT = new DigestReflection('IfNotPresent');

  /**
   * The digest that the tag has now, looked up again and again: for tags that move.
   *
   * @param interval how often to look
   * @throws FORGE-FLUX-005 for an interval that Flux would refuse
   */
  static always(interval: Duration = Duration.minutes(5)): DigestReflection {
    return new DigestReflection('Always', fluxDuration(interval));
  }

  private constructor(
    private readonly policy: string,
    private readonly interval?: string,
  ) {}

  /** Whether there is a digest at all. */
  get reflects(): boolean {
    return this.policy !== 'Never';
  }

  /** Whether the digest is looked up again. */
  get follows(): boolean {
    return this.policy === 'Always';
  }

  /**
   * The part of an ImagePolicy's spec that this stands for.
   *
   * @internal
   */
  _render(): object {
    if (!this.reflects) {
      return {};
    }
    return { digestReflectionPolicy: this.policy, ...(this.interval ? { interval: this.interval } : {}) };
  }
}
