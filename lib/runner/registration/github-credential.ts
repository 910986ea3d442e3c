import { Construct } from 'constructs';
import { SecretSource } from '../../secret';
import { ForgeError, quoted } from '../../support';
import { RunnerScope } from '../runner-scope';
import { GitHubAppProps } from './github-app-props';

/**
 * A credential that registers runners with GitHub or counts waiting jobs.
 *
 * @see https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization
 *
 * @jsii ignore
 */
export class GitHubCredential {
  /**
   * Creates a credential from a fine-grained personal access token, preferably of a machine account.
   *
   * To register runners for an organization, the token needs the organization permission "Self-hosted runners" (read
   * and write). To register runners for a repository, the token needs the repository permission "Administration" (read
   * and write). To count jobs, the token needs the repository permission "Actions" (read-only).
   *
   * @param token the token, under the key `token`
   */
  static token(token: SecretSource): GitHubCredential {
    return new GitHubCredential('token', token);
  }

  /**
   * Creates a credential from a GitHub App with the permissions that a token would need. The App does not belong to a
   * person. For registration, the runner gets a token from the App that is valid for one hour and only for
   * registration.
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
    /** The kind of credential: `token` or `app`. */
    readonly kind: string,
    private readonly source: SecretSource,
    private readonly app?: GitHubAppProps,
  ) {}

  /** @internal */
  get _key(): string {
    return this.app ? 'private-key' : 'token';
  }

  /** The name of the value in KEDA. @internal */
  get _parameter(): string {
    return this.app ? 'appKey' : 'personalAccessToken';
  }

  /** The metadata of the App for KEDA's trigger. @internal */
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

  /** Returns the environment variables of the registration script. @internal */
  _env(file: string, scope: RunnerScope): { name: string; value: string }[] {
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

/** Returns the permission that registration needs. */
export function registerPermission({ kind }: RunnerScope): string {
  return kind === 'organization'
    ? 'organization permission "Self-hosted runners" (read and write)'
    : 'repository permission "Administration" (read and write)';
}

/** The permission that counting jobs needs. */
export const COUNT_PERMISSION = 'repository permission "Actions" (read-only)';

/** Returns the restrictions of the installation's token. */
function installationRequest({ kind, target }: RunnerScope): object {
  if (kind === 'organization') {
    return { permissions: { organization_self_hosted_runners: 'write' } };
  }
  return { repositories: [target!.slice(target!.indexOf('/') + 1)], permissions: { administration: 'write' } };
}
