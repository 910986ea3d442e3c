import { ForgeError, quoted } from '../support';

/**
 * A commit, branch or tag to check out.
 *
 * A repository can have a branch and a tag of one name. Git then takes the tag silently, so the kind is always stated.
 *
 * @example
 *
 * Checkout.git({ ref: Ref.tag('v1.2.3') });
 */
export class Ref {
  /**
   * Returns the full name of a branch.
   *
   * @throws FORGE-RECIPE-004 for a name that is invalid
   */
  static branch(name: string): string {
    return `refs/heads/${checked(name)}`;
  }

  /**
   * Returns the full name of a tag.
   *
   * @throws FORGE-RECIPE-004 for a name that is invalid
   */
  static tag(name: string): string {
    return `refs/tags/${checked(name)}`;
  }

  /**
   * Returns the ref, if it says which commit, branch or tag is meant: an expression, a commit, or a full name.
   *
   * @internal
   */
  static _unambiguous(ref: string): string {
    if (/^\$\{\{ .* \}\}$/.test(ref) || /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref)) {
      return ref;
    }
    const full = /^refs\/(?:heads|tags|pull)\/(.+)$/.exec(ref);
    if (full) {
      checked(full[1]);
      return ref;
    }
    throw ForgeError.of({
      code: 'FORGE-RECIPE-004',
      message: `ref ${quoted(ref)} does not say whether it is a branch or a tag`,
      allowed: 'Ref.branch(…), Ref.tag(…), a commit of 40 digits, or an expression',
      fix: `use Ref.branch(${quoted(ref)}) or Ref.tag(${quoted(ref)})`,
      symptom: 'no error: if a branch and a tag have one name, Git takes the tag',
    });
  }

  private constructor() {}
}

/** The characters that Git does not allow in a ref, and those with which a shell or a workflow begins an expression. */
const FORBIDDEN = /[\p{Cc}\p{Cs} ~^:?*[\\$`]/u;

/** The rules of `git check-ref-format --branch` for the parts of a ref. */
const MALFORMED = /^[-/.]|\.\.|\/\/|\/\.|@\{|[./]$|\.lock(?:\/|$)/;

function checked(name: string): string {
  if (name !== '' && !FORBIDDEN.test(name) && !MALFORMED.test(name) && !name.startsWith('refs/')) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-RECIPE-004',
    message: `${quoted(name)} cannot name a branch or tag to check out`,
    allowed:
      'a name that Git allows: no blank, no "~^:?*[\\", no "..", no "//", no "@{", no "-" or "." in front, no ".lock" at the end; and no "$" or "`"',
    fix: "use the short name as the forge shows it, for example Ref.branch('main')",
    symptom: 'fatal: invalid refspec',
  });
}
