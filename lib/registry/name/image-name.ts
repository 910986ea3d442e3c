import { ForgeError, quoted } from '../../support';
import { registryHost } from './registry-host';

/**
 * A path component: lowercase letters and digits, joined by one dot, one or two underscores, or dashes.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LONGEST_NAME = 255;
const GRAMMAR = 'a-z and 0-9, parts joined by ".", "_", "-" or "/"; no host, no tag, no upper case';

/**
 * A parsed and validated image name: `host/path`, with an optional tag and an optional digest.
 *
 * The host is always required, because the default host differs between clients.
 *
 * @example
 *
 * ImageName.parse('git.example.com/platform/hello-app:v1.2.3').tag;
 */
export class ImageName {
  /**
   * @param text the full name, e.g. `git.example.com/platform/hello-app:v1.2.3`
   * @throws FORGE-REG-001 if the host is not one, FORGE-REG-002 if the path is not one, FORGE-REG-004 if tag or digest is not one
   */
  static parse(text: string): ImageName {
    if (text.includes('://')) {
      throw badReference(
        text,
        'it has a scheme',
        `write ${quoted(text.replace(/^.*?:\/\//, ''))}: an image name never has one; how a registry is reached is said by its Endpoint`,
      );
    }
    const [beforeDigest, digest, ...rest] = text.split('@');
    const slash = beforeDigest.indexOf('/');
    if (slash <= 0) {
      throw badReference(
        text,
        'it has no host',
        "write host and path, e.g. 'git.example.com/platform/hello-app' or 'docker.io/library/nginx'",
      );
    }
    const colon = beforeDigest.indexOf(':', slash);
    const tag = colon === -1 ? undefined : beforeDigest.slice(colon + 1);
    const path = beforeDigest.slice(slash + 1, colon === -1 ? undefined : colon);
    if (tag !== undefined && !TAG.test(tag)) {
      throw badReference(
        text,
        `${quoted(tag)} is not a tag`,
        'a tag is up to 128 letters, digits, "_", "." and "-", and begins with none of the last two',
      );
    }
    if (rest.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
      throw badReference(text, 'what follows the "@" is not a digest', 'a digest is "sha256:" and 64 digits 0-9a-f');
    }
    return new ImageName(registryHost(beforeDigest.slice(0, slash)), imagePath(path, 'image path'), {
      tag,
      digest,
    })._checkedLength();
  }

  /**
   * Parses a name without tag and digest, for example the `image` of a Flux ImageRepository. See `parse` for names that
   * may have a tag or digest.
   *
   * @param text the name, e.g. `git.example.com/platform/hello-app`
   * @throws FORGE-REG-001, 002 or 004
   */
  static parseRepository(text: string): ImageName {
    const name = ImageName.parse(text);
    if (name.tag === undefined && name.digest === undefined) {
      return name;
    }
    throw badReference(
      text,
      `it has a ${name.tag === undefined ? 'digest' : 'tag'}, which has no place here`,
      `write ${quoted(name.repository)}`,
    );
  }

  /** The tag; undefined if there is none. */
  readonly tag?: string;

  /** The digest, `sha256:…`; undefined if there is none. */
  readonly digest?: string;

  private constructor(
    /** Address of the host: `host` or `host:port`. */
    readonly host: string,
    /** The path at the host, without tag and digest. */
    readonly path: string,
    version: { tag?: string; digest?: string },
  ) {
    this.tag = version.tag;
    this.digest = version.digest;
  }

  /** Name of the repository: `host/path`. */
  get repository(): string {
    return `${this.host}/${this.path}`;
  }

  /** The full image name. */
  get text(): string {
    return (
      this.repository +
      (this.tag === undefined ? '' : `:${this.tag}`) +
      (this.digest === undefined ? '' : `@${this.digest}`)
    );
  }

  /**
   * Returns the same name if its length does not exceed the limit of registries.
   *
   * @internal
   */
  _checkedLength(): ImageName {
    // The reference grammar's limit counts the path; the host is not part of it.
    if (this.path.length <= LONGEST_NAME) {
      return this;
    }
    throw badReference(
      this.path,
      `its path is ${this.path.length} characters long`,
      `at most ${LONGEST_NAME} are allowed`,
    );
  }
}

/**
 * Returns whether a text is a tag.
 *
 * @jsii ignore
 */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Checks a path, or a part of a path, and returns it.
 *
 * @throws FORGE-REG-002 if it is not one
 *
 * @jsii ignore
 */
export function imagePath(path: string, what: string): string {
  if (PATH.test(path) && path.length <= LONGEST_NAME) {
    return path;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-002',
    message: `${quoted(path)} is not an ${what} of a registry`,
    allowed: path.length > LONGEST_NAME ? `at most ${LONGEST_NAME} characters with the owner` : GRAMMAR,
    fix: fixOf(path),
    symptom: /[A-Z]/.test(path) ? 'invalid reference format: repository name must be lowercase' : undefined,
  });
}

function fixOf(path: string): string {
  const lower = path.toLowerCase();
  if (path.length > LONGEST_NAME) {
    return `shorten the name, which has ${path.length} characters with the owner`;
  }
  return PATH.test(lower)
    ? `write ${quoted(lower)}: registries know lower case only`
    : 'give the bare name; the registry adds host and owner';
}

function badReference(text: string, problem: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-REG-004',
    message: `${quoted(text)} is not the name of an image: ${problem}`,
    fix,
    symptom: 'invalid reference format',
  });
}
