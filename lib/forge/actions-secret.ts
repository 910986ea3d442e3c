import { IConstruct } from 'constructs';
import { noteSecret, SecretHome } from '../secret';
import { ForgeError, quoted } from '../support';
import { ForgeScopeKind } from './product/scope-target';
import { Repository } from './repository';

/** The places at the forge where an Actions secret is stored. */
export enum ActionsSecretScope {
  /** The repository whose workflow uses the secret. */
  REPOSITORY = 'repository',
  /** The user or organization that owns the repository. All repositories of the owner share the secret. */
  OWNER = 'owner',
}

/** A set of options that describes an Actions secret. */
export interface ActionsSecretProps {
  /** Purpose of the secret, as a short phrase for the runbook. */
  readonly purpose: string;

  /**
   * Token scope that the value needs, for example `write:package`.
   *
   * @default - none: it is not a token
   */
  readonly tokenScope?: string;

  /**
   * Place at the forge where the secret is stored.
   *
   * @default ActionsSecretScope.REPOSITORY
   */
  readonly scope?: ActionsSecretScope;

  /**
   * Whether to treat the secret as optional for workflows, for example a login that only raises a rate limit.
   *
   * @default false
   */
  readonly optional?: boolean;

  /**
   * Instructions for replacing the value without an outage.
   *
   * @default - the usual: make the new token, overwrite the secret, run a workflow, delete the old token
   */
  readonly rotation?: string;
}

/**
 * A secret that workflows read as `secrets.<NAME>`. The object has the name and purpose of the secret, never the value.
 * The secret is listed in the same inventory as the cluster's Secrets.
 *
 * @see https://docs.gitea.com/usage/actions/secrets
 *
 * @example
 *
 * ActionsSecret.of('REGISTRY_TOKEN', { purpose: 'jobs push images', tokenScope: 'write:package' });
 */
export class ActionsSecret {
  /**
   * @param name its name, as workflows write it after `secrets.`
   */
  static of(name: string, props: ActionsSecretProps): ActionsSecret {
    return new ActionsSecret(name, { ...props });
  }

  private constructor(
    /** Name of the secret, as workflows read it after `secrets.`. */
    readonly name: string,
    private readonly props: ActionsSecretProps,
  ) {}

  /** Place at the forge where the secret is stored. */
  get scope(): ActionsSecretScope {
    return this.props.scope ?? ActionsSecretScope.REPOSITORY;
  }

  /**
   * Notes that workflows of a repository need the secret, and returns its name.
   *
   * @param construct the construct whose workflow reads it
   * @param repository the repository that the workflow belongs to
   * @throws FORGE-FRG-008 if the repository's forge does not allow the name
   */
  provide(construct: IConstruct, repository: Repository): string {
    const { forge } = repository;
    const problem = forge.product.secretNameProblem(this.name);
    if (problem) {
      throw ForgeError.at(construct, {
        code: 'FORGE-FRG-008',
        message: `${quoted(this.name)} cannot name an Actions secret: ${problem}`,
        fix: 'choose another name, such as REGISTRY_TOKEN',
        symptom: 'invalid secret name',
      });
    }
    const place = this.scope === ActionsSecretScope.OWNER ? repository.owner : repository.fullName;
    noteSecret(construct, {
      purpose: this.props.optional ? `optional: ${this.props.purpose}` : this.props.purpose,
      tokenScope: this.props.tokenScope,
      rotation: this.props.rotation,
      type: 'Actions secret',
      keys: [this.name],
      namespace: place,
      secretName: this.name,
      home: SecretHome.ACTIONS,
      forgeUrl: forge.url,
      origin: `created by hand: ${settingsUrl(repository, this.scope)}`,
    });
    return this.name;
  }
}

function settingsUrl({ forge, owner, fullName }: Repository, scope: ActionsSecretScope): string {
  return forge.product.secretsPage(
    forge.url,
    scope === ActionsSecretScope.REPOSITORY
      ? { kind: ForgeScopeKind.REPOSITORY, target: fullName }
      : { kind: ForgeScopeKind.ORGANIZATION, target: owner },
  );
}
