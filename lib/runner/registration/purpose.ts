import { Forge } from '../../forge';
import { RunnerScope } from '../runner-scope';

/** The start of the origin of a Secret that a Job of this cdk8s app fills. */
export const FETCHED = 'fetched from the forge by Job';

/** The runner that a registration token is for. */
export interface RegisteredRunner {
  readonly name: string;
  readonly scope: RunnerScope;
  readonly forge: Forge;
}

/** Returns the purpose of a registration token in the inventory. The runbook identifies the token by this purpose. */
export function registrationPurpose({ name, scope, forge }: RegisteredRunner): string {
  return `runner ${name} registers with the forge (scope: ${scope.description}; ${forge.url}/${scope._settingsPath})`;
}
