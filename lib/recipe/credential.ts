import { ForgeError, quoted } from '../support';

/**
 * Returns whether a value is a secret of the forge, as `Expression.secret('…')` writes it, and not the secret itself.
 *
 * @jsii ignore
 */
export function isSecret(value: string): boolean {
  return /^\$\{\{ secrets\.\w+ \}\}$/.test(value);
}

/**
 * Returns whether a value is a secret of the forge, or the token of the job.
 *
 * @jsii ignore
 */
export function isCredential(value: string): boolean {
  return isSecret(value) || value === '${{ github.token }}';
}

/**
 * Returns the name of an author of commits. Git removes blanks and punctuation around it, and commits for no empty name.
 *
 * @throws FORGE-RECIPE-002
 * @jsii ignore
 */
export function assertAuthor(name: string): string {
  if (!/^[\u0000- .,:;<>"\\']*$/.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-RECIPE-002',
    message: `authorName ${quoted(name)} is no name`,
    fix: 'set authorName to a name with letters or digits, or remove it',
    symptom: 'fatal: empty ident name not allowed',
  });
}
