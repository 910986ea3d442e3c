import { Duration } from 'cdk8s';
import { fluxDuration } from '../base/duration';

/**
 * A digest reflection policy that decides whether Flux writes the digest of an image next to its tag.
 *
 * @see https://fluxcd.io/flux/components/image/imagepolicies/#digest-reflection-policy
 *
 * @example
 *
 * const repository = new ImageRepository(chart, 'api', { registry, image: 'api' });
 * new ImagePolicy(chart, 'api', { repository, tags: TagPolicy.semver('1.x'), digest: DigestReflection.IF_NOT_PRESENT });
 */
export class DigestReflection {
  /** Tags only, without digests. */
  static readonly NEVER = new DigestReflection('Never');

  /** The digest that a tag had when Flux selected the tag, for tags that do not move. */
  static readonly IF_NOT_PRESENT = new DigestReflection('IfNotPresent');

  /**
   * Returns a policy that repeatedly looks up the current digest of the tag, for tags that move.
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

  /** Reports whether Flux writes a digest. */
  get reflects(): boolean {
    return this.policy !== 'Never';
  }

  /** Reports whether Flux looks up the digest repeatedly. */
  get follows(): boolean {
    return this.policy === 'Always';
  }

  /**
   * Returns the corresponding part of an ImagePolicy's spec.
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
