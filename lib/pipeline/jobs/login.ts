import { ActionsSecret, ActionsSecretScope, ForgeFeature, Repository, TokenAccess } from '../../forge';
import { Registry, RegistryKind } from '../../registry';
import { hostSuffix } from '../../support';
import { Access, Expression, Permissions } from '../../workflow';

/**
 * The login of jobs that push to a host.
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
 * The logins of jobs that push to several registries. A host has one login, because clients keep credentials by host.
 *
 * @jsii ignore
 */
export class PushLogins {
  private readonly logins = new Map<string, PushLogin>();

  /** @param registries all registries that the jobs push to, the registry of the pipeline first */
  constructor(repository: Repository, registries: readonly Registry[]) {
    const [{ push }] = registries;
    const hosts = new Set(registries.map((registry) => registry.push.host));
    hosts.forEach((host) => {
      const atHost = registries.filter((registry) => registry.push.host === host);
      this.logins.set(host, loginOf(repository, atHost, host === push.host ? '' : hostSuffix(host)));
    });
  }

  /** Returns the login of a registry. */
  of(registry: Registry): PushLogin {
    return this.logins.get(registry.push.host)!;
  }

  /** Returns the permissions of a job that pushes to the registries. */
  permissionsFor(registries: readonly Registry[]): Permissions | undefined {
    return registries.map((registry) => this.of(registry).permissions).find((one) => one !== undefined);
  }

  /** Secrets of all logins. */
  get secrets(): ActionsSecret[] {
    return [...this.logins.values()].flatMap(({ secrets }) => secrets);
  }
}

/**
 * Returns the login that a repository pushes to a host with. The token of a job can push if the forge allows it and all
 * registries of the host belong to the owner of the repository; other tokens are secrets that you create manually.
 */
function loginOf(repository: Repository, registries: readonly Registry[], suffix: string): PushLogin {
  const isOwn = registries.every(
    ({ kind, owner }) => kind === RegistryKind.GHCR && owner?.toLowerCase() === repository.owner.toLowerCase(),
  );
  if (isOwn && repository.forge.supports(ForgeFeature.JOB_TOKEN_PUSHES)) {
    return {
      username: Expression.ACTOR,
      token: Expression.JOB_TOKEN,
      permissions: { contents: Access.READ, packages: Access.WRITE },
      secrets: [],
    };
  }
  const [user, token] = [`REGISTRY_USER${suffix}`, `REGISTRY_TOKEN${suffix}`];
  const at = suffix === '' ? '' : ` to ${registries[0].push.host}`;
  return {
    username: Expression.secret(user),
    token: Expression.secret(token),
    secrets: [
      ActionsSecret.of(user, { purpose: `user that jobs push images as${at}`, scope: ActionsSecretScope.OWNER }),
      ActionsSecret.of(token, {
        purpose: `token that jobs push images with${at}`,
        tokenScope: registries[0]._tokenScope(TokenAccess.WRITE),
        scope: ActionsSecretScope.OWNER,
      }),
    ],
  };
}
