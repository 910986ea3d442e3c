import { ForgeError, quoted } from '../support';
import { Repository } from './repository';

/** The software behind a forge. */
export enum ForgeProduct {
  /** Gitea. */
  GITEA = 'gitea',
}

/**
 * How to reach a Gitea server, and which one it is.
 */
export interface GiteaForgeProps {
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
}

/**
 * Where repositories, Actions and packages live.
 *
 * @example
 *
 * Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000' });
 */
export class Forge {
  /**
   * A self-hosted Gitea.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one
   */
  static gitea(props: GiteaForgeProps): Forge {
    if (!/^\d+\.\d+(\.\d+)?$/.test(props.version)) {
      throw ForgeError.of({
        code: 'FORGE-FRG-001',
        message: `${quoted(props.version)} is not a Gitea version`,
        allowed: '`major.minor` or `major.minor.patch`, such as `1.26` or `1.26.2`',
        fix: 'give the version that `GET /api/v1/version` answers',
      });
    }
    return new Forge(ForgeProduct.GITEA, props);
  }

  /** The version of the software. */
  readonly version: string;

  /** Where people and nodes reach it, without a trailing slash. */
  readonly url: string;

  /** Where pods reach it, without a trailing slash. */
  readonly internalUrl: string;

  private constructor(
    /** The software. */
    readonly product: ForgeProduct,
    props: GiteaForgeProps,
  ) {
    this.version = props.version;
    this.url = checkedUrl(props.url);
    this.internalUrl = checkedUrl(props.internalUrl ?? props.url);
  }

  /**
   * A repository of this forge.
   *
   * @param fullName `owner/name`
   * @throws FORGE-FRG-003 if it is not of that form
   */
  repository(fullName: string): Repository {
    return Repository.of(this, fullName);
  }

  /** The folder in which this forge looks for workflow files. */
  get workflowDirectory(): string {
    return '.gitea/workflows';
  }
}

function checkedUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw badUrl(url, 'it cannot be parsed');
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') { throw badUrl(url, `its scheme is ${quoted(parsed.protocol)}`); }
  if (parsed.username || parsed.password) { throw badUrl('(not shown)', 'it holds credentials'); }
  if (parsed.search || parsed.hash) { throw badUrl(url, 'it has a query or a fragment'); }
  return (parsed.origin + parsed.pathname).replace(/\/+$/, '');
}

function badUrl(url: string, why: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FRG-002',
    message: `${quoted(url)} is not the URL of a forge: ${why}`,
    allowed: 'http:// or https://, a host, perhaps a port and a path',
    fix: 'give the address as a browser or a pod would use it, without credentials',
  });
}
