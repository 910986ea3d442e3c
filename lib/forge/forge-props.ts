import { Trust } from '../trust';
import { ActionsSource } from './actions-source';
import { PublicUrlDetection } from './product-facts';
import { SshEndpoint } from './ssh-endpoint';

/**
 * How to reach a forge of one's own.
 */
export interface SelfHostedForgeProps {
  /** Version of the server, `major.minor` or `major.minor.patch`, e.g. `1.26`. What a workflow may use depends on it. */
  readonly version: string;

  /** Where people and nodes reach it: `ROOT_URL` of the server, e.g. `https://git.example.com`. */
  readonly url: string;

  /**
   * Where pods reach it, e.g. `http://gitea-http.gitea.svc.cluster.local:3000`.
   *
   * @default - the same as `url`
   */
  readonly internalUrl?: string;

  /**
   * Where it takes Git over SSH.
   *
   * @default - nowhere
   */
  readonly ssh?: SshEndpoint;

  /**
   * Why clients trust the certificate of its `https` URLs.
   *
   * @default - `Trust.publicCa()` for `https`, `Trust.plainHttp()` for `http`
   */
  readonly trust?: Trust;

  /**
   * The port at which every node of the cluster answers for it: the NodePort of its Service. With `url: 'http://localhost:<nodePort>'`
   * images carry that name, on the machine and on the nodes. It needs kube-proxy's iptables mode, the usual one.
   *
   * @default - none
   */
  readonly nodePort?: number;

  /**
   * Where it fetches actions that workflows name without a host: the server's `[actions] DEFAULT_ACTIONS_URL`.
   *
   * @default - what a server does unless it is told: Gitea fetches from github.com, Forgejo from data.forgejo.org
   */
  readonly actionsSource?: ActionsSource;
}

/**
 * How to reach a Gitea server, and which one it is.
 */
export interface GiteaForgeProps extends SelfHostedForgeProps {
  /**
   * The server's `[server] PUBLIC_URL_DETECTION`: where it sends registry clients for a token.
   *
   * @default - what a server of the version does unless it is told: `AUTO` from 1.26 on, `LEGACY` below
   */
  readonly publicUrlDetection?: PublicUrlDetection;
}

/**
 * Which GitHub it is.
 */
export interface GitHubForgeProps {
  /**
   * Where it is.
   *
   * @default 'https://github.com'
   */
  readonly url?: string;

  /**
   * Version of an Enterprise Server, e.g. `3.14`.
   *
   * @default - github.com, which is always the newest
   */
  readonly version?: string;
}
