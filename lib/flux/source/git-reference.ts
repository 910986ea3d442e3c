import { ForgeError, quoted } from '../../support';
import { assertSemverRange } from '../semver/range';

/**
 * A Git reference that selects a commit of a repository.
 *
 * @example
 *
 * GitReference.branch('main');
 * GitReference.semver('>=1.0.0 <2.0.0');
 */
export class GitReference {
  /**
   * Returns a reference to the newest commit of a branch.
   *
   * @throws FORGE-FLUX-018 for what cannot name a branch
   */
  static branch(branch: string): GitReference {
    return new GitReference({ branch: checkedRef(branch, 'branch') }, branch);
  }

  /**
   * Returns a reference to a tag.
   *
   * @throws FORGE-FLUX-018 for what cannot name a tag
   */
  static tag(tag: string): GitReference {
    return new GitReference({ tag: checkedRef(tag, 'tag') });
  }

  /**
   * Returns a reference to the tag with the highest version in a range.
   *
   * @throws FORGE-FLUX-006 for what is no range
   */
  static semver(range: string): GitReference {
    assertSemverRange(range);
    return new GitReference({ semver: range });
  }

  /**
   * Returns a reference to a specific commit of a branch.
   *
   * @throws FORGE-FLUX-018 for what is no full commit id, or no branch
   */
  static commit(commit: string, branch: string): GitReference {
    if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
      throw refused(commit, 'commit', 'all 40 (or 64) hexadecimal digits of its id');
    }
    return new GitReference({ branch: checkedRef(branch, 'branch'), commit }, branch);
  }

  private constructor(
    private readonly ref: Record<string, string>,
    /** The branch that accepts pushed commits, or undefined if the reference has no branch. */
    readonly pushBranch?: string,
  ) {}

  /**
   * Returns the reference in the format of a spec.
   *
   * @internal
   */
  _render(): Record<string, string> {
    return { ...this.ref };
  }
}

/**
 * Checks the name of a branch or tag against Git's own rules.
 *
 * @throws FORGE-FLUX-018
 * @jsii ignore
 */
export function checkedRef(name: string, what: string): string {
  const parts = name.split('/');
  const bad =
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/.test(name) ||
    name === '@' ||
    name.startsWith('-') ||
    name.startsWith('refs/') ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock') || part.endsWith('.'));
  if (!bad) {
    return name;
  }
  throw refused(name, what, 'a name that `git check-ref-format --branch` takes, without refs/heads/ before it');
}

function refused(value: string, what: string, allowed: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-018',
    message: `${quoted(value)} is no ${what}`,
    allowed,
    fix: `give the ${what} as git prints it`,
    symptom: 'failed to checkout and determine revision',
  });
}
