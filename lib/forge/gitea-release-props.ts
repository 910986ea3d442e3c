import { Storage } from '../kube';
import { SecretSource } from '../secret';
import { Forge } from './forge';
import { GiteaIngress } from './gitea-ingress';
import { ServerSettingsProps } from './server-settings';
import { SshEndpoint } from './ssh-endpoint';

/** A set of options that configures a self-hosted Gitea server. */
export interface GiteaReleaseProps {
  /** Version of the server and tag of its image, for example `1.26.2`. */
  readonly version: string;

  /**
   * The server as a `Forge` that the cdk8s app has already, for example for the `source` of the cluster in which the server
   * runs. Its `internalUrl` and `nodePort` are those of this release.
   *
   * @default - made from the other properties
   */
  readonly forge?: Forge;

  /** Storage for repositories, packages and the database. A claim is kept when the release is removed. */
  readonly storage: Storage;

  /** Secret with `username` and `password` of the administrator. The administrator is created at the first start. */
  readonly admin: SecretSource;

  /**
   * Ingress for external access.
   *
   * @default - not from outside; then `nodePort` or a port-forward
   */
  readonly ingress?: GiteaIngress;

  /**
   * Port from 30000 to 32767 that is open on every node: `http://localhost:<nodePort>` on a machine that is a node.
   *
   * @default - none
   */
  readonly nodePort?: number;

  /**
   * Endpoint for Git over SSH.
   *
   * @default - nowhere
   */
  readonly ssh?: SshEndpoint;

  /**
   * Size limits of the package registry.
   *
   * @default - none
   */
  readonly settings?: ServerSettingsProps;

  /**
   * Whether to let anyone who reaches the server create an account.
   *
   * @default false: the administrator creates accounts
   */
  readonly openRegistration?: boolean;

  /**
   * Whether to show repositories and packages only to users who are signed in. Without it, public repositories and
   * packages are visible to anyone who reaches the server.
   *
   * @default false: pods and nodes pull public images without credentials
   */
  readonly requireSignIn?: boolean;

  /**
   * Whether to create a ServiceMonitor, so that the Prometheus Operator scrapes the server.
   *
   * @default false
   */
  readonly serviceMonitor?: boolean;

  /**
   * Secret with the `token` that a client must send to read `/metrics`. The token has no comma. Flux passes the token to
   * the chart, and the ServiceMonitor uses it.
   *
   * @default - none: anyone who reaches the server reads `/metrics`; with an ingress and a ServiceMonitor, this is an error
   */
  readonly metricsToken?: SecretSource;

  /**
   * Labels of the claim, for example labels that a backup tool selects.
   *
   * @default - none
   */
  readonly claimLabels?: Record<string, string>;

  /**
   * Version of the Helm chart.
   *
   * @default '12.5.3'
   */
  readonly chartVersion?: string;
}
