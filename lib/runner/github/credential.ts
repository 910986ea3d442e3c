import { Construct } from 'constructs';
import type { EnvVar } from 'kubernetes-types/core/v1';
import { SecretSource } from '../../secret';
import { ForgeError, quoted } from '../../support';
import { RunnerScope } from '../runner-scope';

/**
 * A GitHub App, as it is installed for an organization or a user.
 */
export interface GitHubAppProps {
  /** The application's ID, a number on its settings page; not the client ID, which KEDA does not take. */
  readonly applicationId: number;

  /** The installation's ID, the number at the end of the address of its page. */
  readonly installationId: number;

  /** Its private key, the PEM file as GitHub made it, under the key `private-key`. */
  readonly privateKey: SecretSource;
}

/**
 * Who asks GitHub for runners, or counts waiting jobs.
 *
 * @see https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization
 *
 * @example
 *
 * GitHubCredential.app({ applicationId: 123456, installationId: 7654321, privateKey: SecretSource.existing('github-app') });
 */
export class GitHubCredential {
  /**
   * A token: a fine-grained personal access token, best of a machine account.
   *
   * To register, an organization's needs the organization permission "Self-hosted runners" (read and write), a repository's the
   * repository permission "Administration" (read and write). To count, the repository permission "Actions" (read-only).
   *
   * @param token the token, under the key `token`
   */
  static token(token: SecretSource): GitHubCredential {
    return new GitHubCredential('token', token);
  }

  /**
   * A GitHub App with the permissions that a token would need. It belongs to no person, and a runner's registration gets a token
   * from it that is good for an hour, and for registering only.
   *
   * @throws FORGE-RUN-035 for an ID that is not a number
   */
  static app(props: GitHubAppProps): GitHubCredential {
    for (const [name, value] of Object.entries({
      applicationId: props.applicationId,
      installationId: props.installationId,
    })) {
      if (Number.isSafeInteger(value) && value > 0) {
        continue;
      }
      throw ForgeError.of({
        code: 'FORGE-RUN-035',
        message: `${name} is ${quoted(value)}`,
        allowed: 'a whole number above 0',
        fix: "applicationId is the App ID on the App's settings page (not its client ID), installationId the number at the end of the installation's address",
      });
    }
    return new GitHubCredential('app', props.privateKey, { ...props });
  }

  private constructor(
    /** `token` or `app`. */
    readonly kind: string,
    private readonly source: SecretSource,
    private readonly app?: GitHubAppProps,
  ) {}

  /** @internal */
  get _key(): string {
    return this.app ? 'private-key' : 'token';
  }

  /** What KEDA calls the value. @internal */
  get _parameter(): string {
    return this.app ? 'appKey' : 'personalAccessToken';
  }

  /** What KEDA's trigger says about an App. @internal */
  get _metadata(): Record<string, string> {
    return this.app
      ? { applicationID: String(this.app.applicationId), installationID: String(this.app.installationId) }
      : {};
  }

  /** @internal */
  _provide(construct: Construct, need: { readonly purpose: string; readonly permission: string }): string {
    return this.source.provide(construct, {
      purpose: this.app ? `${need.purpose}, as GitHub App ${this.app.applicationId}` : need.purpose,
      type: 'Opaque',
      keys: [this._key],
      tokenScope: need.permission,
    });
  }

  /** What the script that registers is told. @internal */
  _env(file: string, scope: RunnerScope): EnvVar[] {
    if (!this.app) {
      return [
        { name: 'CREDENTIAL', value: 'token' },
        { name: 'TOKEN_FILE', value: file },
      ];
    }
    return [
      { name: 'CREDENTIAL', value: 'app' },
      { name: 'APP_KEY_FILE', value: file },
      { name: 'APP_ID', value: String(this.app.applicationId) },
      { name: 'INSTALLATION_ID', value: String(this.app.installationId) },
      { name: 'INSTALLATION_REQUEST', value: JSON.stringify(installationRequest(scope)) },
    ];
  }
}

/** The permission that registering needs. */
export function registerPermission({ kind }: RunnerScope): string {
  return kind === 'organization'
    ? 'organization permission "Self-hosted runners" (read and write)'
    : 'repository permission "Administration" (read and write)';
}

/** The permission that counting needs. */
export const COUNT_PERMISSION = 'repository permission "Actions" (read-only)';

/** What the installation's token is narrowed to. */
function installationRequest({ kind, target }: RunnerScope): object {
  if (kind === 'organization') {
    return { permissions: { organization_self_hosted_runners: 'write' } };
  }
  return { repositories: [target!.slice(target!.indexOf('/') + 1)], permissions: { administration: 'write' } };
}
