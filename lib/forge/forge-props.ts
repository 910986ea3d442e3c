import { Trust } from '../trust';
import { ActionsSource } from './actions-source';
import { PublicUrlDetection } from './product/public-url-detection';
import { SshEndpoint } from './ssh-endpoint';

/** A set of options that describes how to reach a self-hosted forge. */
export interface SelfHostedForgeProps {
  /**
   * Version of the server, `major.minor` or `major.minor.patch`, for example `1.26`. The supported workflow features
   * depend on the version.
   */
  readonly version: string;

  /** URL for people and nodes: `ROOT_URL` of the server, for example `https://git.example.com`. */
  readonly url: string;

  /**
   * URL for pods, for example `http://gitea-http.gitea.svc.cluster.local:3000`.
   *
   * @default - the same as `url`
   */
  readonly internalUrl?: string;

  /**
   * Endpoint for Git over SSH.
   *
   * @default - nowhere
   */
  readonly ssh?: SshEndpoint;

  /**
   * Trust settings for the certificate of the `https` URLs.
   *
   * @default - `Trust.publicCa()` for `https`, `Trust.plainHttp()` for `http`
   */
  readonly trust?: Trust;

  /**
   * Port on which every node of the cluster serves the forge: the NodePort of its Service. With `url:
   * 'http://localhost:<nodePort>'`, image names contain this address on the machine and on the nodes. The port needs
   * kube-proxy's iptables mode, which is the usual mode.
   *
   * @default - none
   */
  readonly nodePort?: number;

  /**
   * Source of actions that workflows name without a host: the server's `[actions] DEFAULT_ACTIONS_URL`.
   *
   * @default - what a server does unless it is told: Gitea fetches from github.com, Forgejo from data.forgejo.org
   */
  readonly actionsSource?: ActionsSource;
}

/** A set of options that describes a Gitea server and how to reach it. */
export interface GiteaForgeProps extends SelfHostedForgeProps {
  /**
   * Value of the server's `[server] PUBLIC_URL_DETECTION`. The setting determines the address that the server sends to
   * registry clients for a token.
   *
   * @default - what a server of the version does unless it is told: `AUTO` from 1.26 on, `LEGACY` below
   */
  readonly publicUrlDetection?: PublicUrlDetection;

  /**
   * Value of the server's `[actions] SCOPED_WORKFLOW_DIRS`: directories with workflows that run for the repositories of an
   * owner or of the server; Gitea 1.27 and newer. An empty list disables scoped workflows.
   *
   * @default - what a server does unless it is told: `.gitea/scoped_workflows`
   * @see https://docs.gitea.com/usage/actions/scoped-workflows
   */
  readonly scopedWorkflowDirectories?: string[];
}

/** A set of options that selects github.com or a GitHub Enterprise Server. */
export interface GitHubForgeProps {
  /**
   * URL of the GitHub server.
   *
   * @default 'https://github.com'
   */
  readonly url?: string;

  /**
   * Version of an Enterprise Server, for example `3.14`.
   *
   * @default - github.com, which is always the newest
   */
  readonly version?: string;
}
