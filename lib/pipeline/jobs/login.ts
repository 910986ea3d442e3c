import { ActionsSecret, ActionsSecretScope, ForgeFeature, Repository, TokenAccess } from '../../forge';
import { Registry, RegistryKind } from '../../registry';
import { Access, Expression, Permissions } from '../../workflow';

/**
 * The login of jobs that push.
 *
 * @jsii ignore
 */
export interface PushLogin {
  readonly username: string;
  readonly token: string;
  /** Permissions of the job's token, if they differ from those of the workflow. */
  readonly permissions?: Permissions;
  /** Secrets that must be created for the login. */
  readonly secrets: ActionsSecret[];
}

/**
 * Returns the login that a repository pushes to a registry with. The token of a job can push if the forge allows it and the
 * registry belongs to the owner of the repository; other tokens are secrets that you create manually.
 *
 * @jsii ignore
 */
export function pushLogin(repository: Repository, registry: Registry): PushLogin {
  const isOwn = registry.kind === RegistryKind.GHCR && registry.owner?.toLowerCase() === repository.owner.toLowerCase();
  if (isOwn && repository.forge.supports(ForgeFeature.JOB_TOKEN_PUSHES)) {
    return {
      username: Expression.ACTOR,
      token: Expression.JOB_TOKEN,
      permissions: { contents: Access.READ, packages: Access.WRITE },
      secrets: [],
    };
  }
  return {
    username: Expression.secret('REGISTRY_USER'),
    token: Expression.secret('REGISTRY_TOKEN'),
    secrets: [
      ActionsSecret.of('REGISTRY_USER', { purpose: 'user that jobs push images as', scope: ActionsSecretScope.OWNER }),
      ActionsSecret.of('REGISTRY_TOKEN', {
        purpose: 'token that jobs push images with',
        tokenScope: registry._tokenScope(TokenAccess.WRITE),
        scope: ActionsSecretScope.OWNER,
      }),
    ],
  };
}
