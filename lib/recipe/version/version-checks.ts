import { ForgeError, hasControlCharacter, quoted } from '../../support';
import { isCredential } from '../credential';

/**
 * Returns the error for a value that cannot be used to version a release.
 *
 * @jsii ignore
 */
export function refused(message: string, fix: string, allowed?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-010', message, allowed, fix });
}

/**
 * Checks the text before a version in a tag.
 *
 * @throws FORGE-RECIPE-010
 *
 * @jsii ignore
 */
export function assertPrefix(prefix: string): void {
  const isValid =
    prefix === '' || (/^[A-Za-z_][A-Za-z0-9_./-]*$/.test(prefix) && !/\.\.|\/\/|\/\.|\.lock\/|[.]$/.test(prefix));
  if (!isValid) {
    throw refused(
      `tagPrefix is ${quoted(prefix)}`,
      "set tagPrefix to a value such as 'v' or 'web/v'",
      'a beginning of a Git tag: letters, digits, "_", ".", "-" and "/", the first a letter or "_"',
    );
  }
}

/**
 * Checks the beginnings of commit subjects.
 *
 * @throws FORGE-RECIPE-010
 *
 * @jsii ignore
 */
export function assertSubjects(name: string, subjects: readonly string[]): void {
  const bad = subjects.find((subject) => subject.trim() === '' || hasControlCharacter(subject));
  if (bad !== undefined) {
    throw refused(`${name} has ${quoted(bad)}`, `set ${name} to beginnings of commit subjects, for example 'feat:'`);
  }
}

/**
 * Checks a version without prefix and prerelease.
 *
 * @throws FORGE-RECIPE-010
 *
 * @jsii ignore
 */
export function assertVersion(name: string, version: string): void {
  if (!/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.test(version)) {
    throw refused(`${name} ${quoted(version)} is not a version`, `set ${name} to a version such as '0.1.0'`);
  }
}

/**
 * Checks paths of a repository.
 *
 * @throws FORGE-RECIPE-010
 *
 * @jsii ignore
 */
export function assertPaths(paths: readonly string[]): void {
  const bad = paths.find(
    (path) => path === '' || path.startsWith('/') || path.split('/').includes('..') || hasControlCharacter(path),
  );
  if (bad !== undefined) {
    throw refused(`paths has ${quoted(bad)}`, "write paths relative to the root of the repository, for example 'web'");
  }
}

/**
 * Returns a token that is a secret of the forge.
 *
 * @throws FORGE-RECIPE-002
 *
 * @jsii ignore
 */
export function assertToken(token: string): string {
  if (!isCredential(token)) {
    throw ForgeError.of({
      code: 'FORGE-RECIPE-002',
      message: 'the token to push with is in the cdk8s app, in plain text',
      fix: "store it in a secret of the forge, and pass Expression.secret('…')",
    });
  }
  return token;
}
