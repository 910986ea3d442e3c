import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { apiGroupOf, isClusterScoped, withoutVariable } from '../../kube';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../../support';
import { IFluxObject } from '../base/flux-object';
import { GitRepository } from '../source/git-repository';
import { isCheckedOut } from '../source/sparse-checkout';

/** The properties of a Kustomization that are checked here. */
interface Applied {
  readonly source: IFluxObject;
  readonly path: string;
  readonly wait?: boolean;
  readonly healthChecks?: ApiObject[];
}

/**
 * Rejects a directory that the source does not check out.
 *
 * @throws FORGE-FLUX-048
 */
export function assertCheckedOut(construct: IConstruct, { source, path }: Pick<Applied, 'source' | 'path'>): void {
  if (source instanceof GitRepository && !isCheckedOut(source.sparseCheckout, path)) {
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-048',
      message: `${quoted(path)} is outside of the directories that GitRepository ${quoted(source.node.id)} checks out`,
      allowed: source.sparseCheckout.join(', '),
      fix: 'add the directory to sparseCheckout of the GitRepository',
      symptom: 'kustomization path not found',
    });
  }
}

/**
 * Returns what Flux waits for.
 *
 * @throws FORGE-FLUX-022
 */
export function readiness(
  construct: IConstruct,
  { wait, healthChecks }: Pick<Applied, 'wait' | 'healthChecks'>,
): Partial<l1.KustomizationSpec> {
  if (!healthChecks || healthChecks.length === 0) {
    return { wait: wait ?? true };
  }
  if (wait) {
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-022',
      message: 'both `wait: true` and health checks are given, and Flux then ignores the health checks',
      fix: 'leave `wait` out to wait for the named objects only, or leave healthChecks out to wait for all',
    });
  }
  return {
    wait: false,
    healthChecks: healthChecks.map(identityOf),
  };
}

/**
 * Returns the identity of an object, as far as it is known before the object is rendered. Synthesis sets the final
 * identity.
 */
export function identityOf({ apiVersion, kind, name, metadata }: ApiObject): l1.KustomizationSpecHealthChecks {
  const { namespace } = metadata;
  const isPlaced = namespace !== undefined && !isClusterScoped(apiGroupOf(apiVersion), kind);
  return { apiVersion, kind, name, ...(isPlaced ? { namespace } : {}) };
}

/**
 * Returns the account with whose rights Flux applies. Flux reads no name as its own account, which may do everything.
 *
 * @throws FORGE-FLUX-057 for a name that no ServiceAccount has
 */
export function applyingAccount(construct: IConstruct, name: string | undefined): Partial<l1.KustomizationSpec> {
  if (name === undefined) {
    return {};
  }
  if (DNS_SUBDOMAIN.test(withoutVariable(name))) {
    return { serviceAccountName: name };
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-057',
    message: `serviceAccountName ${quoted(name)} is not the name of a ServiceAccount`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
    fix: 'set serviceAccountName to the account, or remove it to apply with the rights of the controller',
    ...(name === '' ? { symptom: 'no error: Flux applies with the rights of the controller' } : {}),
  });
}
