import { IConstruct } from 'constructs';
import { noteSecret, SecretHome } from '../secret';
import { ForgeError, quoted } from '../support';
import { ForgeProduct } from './product-facts';
import { Repository } from './repository';

/** Where an Actions secret is kept at the forge. */
export enum ActionsSecretScope {
  /** At the repository whose workflow uses it. */
  REPOSITORY = 'repository',
  /** At the user or organization that owns the repository: all its repositories share it. */
  OWNER = 'owner',
}

/**
 * What an Actions secret is for.
 */
export interface ActionsSecretProps {
  /** What it is for, in half a sentence: the runbook says it. */
  readonly purpose: string;

  /**
   * The token scope that the value needs, e.g. `write:package`.
   *
   * @default - none: it is not a token
   */
  readonly tokenScope?: string;

  /**
   * Where it is kept.
   *
   * @default ActionsSecretScope.REPOSITORY
   */
  readonly scope?: ActionsSecretScope;

  /**
   * Whether workflows do without it, such as a login that only raises a rate limit.
   *
   * @default false
   */
  readonly optional?: boolean;

  /**
   * How to replace the value without an outage.
   *
   * @default - the usual: make the new token, overwrite the secret, run a workflow, delete the old token
   */
  readonly rotation?: string;
}

/**
 * A secret that workflows read as `secrets.<NAME>`: its name and purpose, never its value. It stands in the same inventory as the
 * cluster's Secrets.
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
    /** Its name. */
    readonly name: string,
    private readonly props: ActionsSecretProps,
  ) {}

  /** Where it is kept. */
  get scope(): ActionsSecretScope {
    return this.props.scope ?? ActionsSecretScope.REPOSITORY;
  }

  /**
   * Notes that workflows of a repository need it, and returns its name.
   *
   * @param construct the construct whose workflow reads it
   * @param repository the repository that the workflow belongs to
   * @throws FORGE-FRG-008 if the repository's forge does not allow the name
   */
  provide(construct: IConstruct, repository: Repository): string {
    const { forge } = repository;
    const problem = forge.secretNameProblem(this.name);
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
      origin: `created by hand: ${settingsUrl(repository, this.scope)}`,
    });
    return this.name;
  }
}

function settingsUrl(repository: Repository, scope: ActionsSecretScope): string {
  const { forge, owner, fullName } = repository;
  const page = forge.product === ForgeProduct.GITHUB ? 'settings/secrets/actions' : 'settings/actions/secrets';
  if (scope === ActionsSecretScope.REPOSITORY) {
    return `${forge.url}/${fullName}/${page}`;
  }
  return forge.product === ForgeProduct.GITHUB
    ? `${forge.url}/organizations/${owner}/${page}`
    : `${forge.url}/org/${owner}/${page}`;
}
