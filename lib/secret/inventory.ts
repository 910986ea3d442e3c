import { IConstruct } from 'constructs';
import { SecretHome, SecretNeed, SecretRequirement } from './secret-need';

/** Construct metadata key for noted secret requirements. The runbook reads this metadata. */
const REQUIREMENT = 'cdk8s-forge:secret';

const REPLACE_AND_RESTART = 'replace the Secret, restart the pods that read it, then revoke the old value';

/**
 * Notes at a construct that it needs a secret. Kubernetes Secrets, Actions secrets and environment variables share one
 * inventory.
 *
 * @jsii ignore
 */
export function noteSecret(construct: IConstruct, requirement: SecretRequirement): void {
  const known = secretsNotedAt(construct);
  const entry: SecretRequirement = {
    ...requirement,
    keys: [...requirement.keys],
    rotation: requirement.rotation ?? rotationOf(requirement),
  };
  if (!known.some((other) => JSON.stringify(other) === JSON.stringify(entry))) {
    construct.node.addMetadata(REQUIREMENT, entry);
  }
}

/**
 * Returns the secret requirements noted at a construct, in the order in which they were noted.
 *
 * @jsii ignore
 */
export function secretsNotedAt(construct: IConstruct): SecretRequirement[] {
  return construct.node.metadata
    .filter((entry) => entry.type === REQUIREMENT)
    .map((entry) => entry.data as SecretRequirement);
}

/**
 * Returns whether a pod must start again to use a new value, also if the pod reads the value from a file.
 *
 * @jsii ignore
 */
export function needsRestart(need: SecretRequirement): boolean {
  return need.rotation === REPLACE_AND_RESTART;
}

function rotationOf(need: SecretNeed & { home?: SecretHome }): string {
  if (need.home === SecretHome.ACTIONS) {
    return 'create the new token, overwrite the Actions secret, run a workflow, then delete the old token';
  }
  if (need.home === SecretHome.ENVIRONMENT) {
    return 'create the new token, export it, then delete the old token';
  }
  if (need.tokenScope || need.registryHosts) {
    return 'create the new token, replace the Secret, wait until every client has used the new token (a file in a pod changes within minutes), then delete the old token';
  }
  return REPLACE_AND_RESTART;
}
