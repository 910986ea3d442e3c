import { Forge, ForgeFeature } from '../../forge';
import { RunnerScope } from '../runner-scope';
import { Registration, RegistrationKind } from './registration';

/** The start of the origin of a Secret that a Job of this cdk8s app fills. */
export const FETCHED = 'fetched from the forge by Job';

/**
 * Returns whether the runner keeps an identity of its own that a registration makes. Otherwise its identity is in a Secret.
 */
export function keepsIdentity({ kind }: Registration, forge: Forge): boolean {
  return (
    kind !== RegistrationKind.CONNECTION &&
    (kind !== RegistrationKind.MINTED || forge.supports(ForgeFeature.SHARED_REGISTRATION_TOKENS))
  );
}

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
