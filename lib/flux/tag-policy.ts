import { ForgeError, quoted } from '../support';

/**
 * Which tag of an image is the newest: the order that Flux sorts by, and the form that a build must give its tags.
 *
 * One object for both sides, so that a build cannot push what the policy cannot sort.
 *
 * @example
 *
 * TagPolicy.timestamped();
 */
export class TagPolicy {
  /**
   * Tags of the form `<branch>-<commit>-<unix time>`; the latest build of the branch wins.
   *
   * @param branch the branch whose builds are deployed
   * @throws FORGE-FLUX-001 if a tag cannot begin with the branch's name
   */
  static timestamped(branch: string = 'main'): TagPolicy {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(branch)) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-001',
        message: `a tag cannot begin with the branch name ${quoted(branch)}`,
        allowed: 'letters, digits, "_", "." and "-", at most 100 characters, the first a letter, a digit or "_"',
        fix: 'deploy from a branch with such a name',
      });
    }
    return new TagPolicy({
      policy: { numerical: { order: 'asc' } },
      filterTags: { pattern: `^${branch.replace(/\./g, '\\.')}-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$`, extract: '$ts' },
    }, `${branch}-0000000-0`);
  }

  private constructor(
    private readonly spec: object,
    /** The tag that an image enters the lock with, before its first build. */
    readonly initialTag: string,
  ) {}

  /**
   * The part of an ImagePolicy's spec that this stands for.
   *
   * @internal
   */
  _render(): object {
    return structuredClone(this.spec);
  }
}
