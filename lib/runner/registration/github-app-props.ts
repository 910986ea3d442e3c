import { SecretSource } from '../../secret';

/** A GitHub App that is installed for an organization or a user. */
export interface GitHubAppProps {
  /** The App ID, a number on the App's settings page. KEDA does not accept the client ID. */
  readonly applicationId: number;

  /** The installation ID, the number at the end of the URL of the installation's page. */
  readonly installationId: number;

  /** The App's private key, the unchanged PEM file from GitHub, under the key `private-key`. */
  readonly privateKey: SecretSource;
}
