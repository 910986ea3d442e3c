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
