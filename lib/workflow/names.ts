import { ForgeError, quoted } from '../support';

/**
 * Checks the names of jobs, steps and outputs.
 *
 * @jsii ignore
 */
export function checkId(id: string, what: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(id) && !id.startsWith('__')) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-021',
    message: `${quoted(id)} cannot be the id of a ${what}`,
    allowed: 'letters, digits, "_" and "-", first a letter or a single "_", at most 100',
    fix: `use an id such as build or build-image`,
    symptom: "IDs may only contain alphanumeric characters, '_', and '-'",
  });
}

/**
 * Checks the names of environment variables. Every shell must be able to read the name, and no runner may set the name
 * itself.
 *
 * @jsii ignore
 */
export function checkEnv(env: Record<string, string>, owner: string): void {
  const wrong = Object.keys(env).find(
    (name) =>
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ||
      /^(GITHUB|RUNNER|GITEA|FORGEJO)_(?!TOKEN$)/.test(name) ||
      /^ACTIONS_ALLOW_UNSECURE/.test(name) ||
      name === 'CI',
  );
  if (wrong === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-032',
    message: `${quoted(wrong)} of ${owner} cannot be an environment variable`,
    allowed:
      'letters, digits and "_", first no digit; not CI, and none that begins with GITHUB_, GITEA_, FORGEJO_ or RUNNER_, which the runner sets',
    fix: 'name it otherwise',
  });
}
