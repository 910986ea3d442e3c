import { isAtLeast, VersionNumbers, versionNumbers } from './product-version';

/** The software behind a forge. */
export enum ForgeProduct {
  /** Gitea. */
  GITEA = 'gitea',
  /** Forgejo. */
  FORGEJO = 'forgejo',
  /** GitHub, github.com or Enterprise Server. */
  GITHUB = 'github',
}

/**
 * How a Gitea server finds out under which address a client sees it: `[server] PUBLIC_URL_DETECTION`. The address that it sends
 * registry clients to for a token depends on it.
 *
 * @see https://docs.gitea.com/administration/config-cheat-sheet#server-server
 */
export enum PublicUrlDetection {
  /** The request's Host header and X-Forwarded-Proto. Default since 1.26; known since 1.24. */
  AUTO = 'auto',
  /** The Host header if X-Forwarded-Proto is there, else `ROOT_URL`. What older servers do; default up to 1.25. */
  LEGACY = 'legacy',
  /** `ROOT_URL`, always. Known since 1.26. */
  NEVER = 'never',
}

/**
 * What differs between the products, whatever their version.
 *
 * @jsii ignore
 */
export interface ProductFacts {
  /** What people call it. */
  readonly title: string;
  /** Folders with workflow files, in the order in which they are looked for; the first that exists is taken alone. */
  readonly workflowDirectories: readonly string[];
  /** Prefixes that the name of an Actions secret may not have. */
  readonly reservedSecretPrefixes: readonly string[];
  /** Names that an Actions secret may not have. */
  readonly reservedSecretNames: readonly string[];
  /** Whether the token that every job gets may push packages. */
  readonly jobTokenMayPush: boolean;
  /** What its settings' environment variables begin with. */
  readonly settingsPrefix?: string;
}

/**
 * Sources: Gitea 1.27.1 `services/secrets/validation.go` (names), `routers/api/packages/container/auth.go` and go-gitea#23642 (job
 * token), `[actions] WORKFLOW_DIRS`; forgejo.org/docs/latest/user/actions; docs.github.com "Using secrets in GitHub Actions".
 *
 * @jsii ignore
 */
export const PRODUCT_FACTS: Record<ForgeProduct, ProductFacts> = {
  [ForgeProduct.GITEA]: {
    title: 'Gitea',
    workflowDirectories: ['.gitea/workflows', '.github/workflows'],
    reservedSecretPrefixes: ['GITEA_', 'GITHUB_'],
    reservedSecretNames: ['CI'],
    jobTokenMayPush: false,
    settingsPrefix: 'GITEA',
  },
  [ForgeProduct.FORGEJO]: {
    title: 'Forgejo',
    workflowDirectories: ['.forgejo/workflows', '.github/workflows'],
    reservedSecretPrefixes: ['FORGEJO_', 'GITEA_', 'GITHUB_'],
    reservedSecretNames: ['CI'],
    jobTokenMayPush: false,
    settingsPrefix: 'FORGEJO',
  },
  [ForgeProduct.GITHUB]: {
    title: 'GitHub',
    workflowDirectories: ['.github/workflows'],
    reservedSecretPrefixes: ['GITHUB_'],
    reservedSecretNames: [],
    jobTokenMayPush: true,
  },
};

interface Since {
  readonly product: ForgeProduct;
  readonly since: VersionNumbers;
}

const since = (version: string): Since => ({ product: ForgeProduct.GITEA, since: versionNumbers(version, 'Gitea') });

/** When each detection mode came (Gitea `modules/setting/server.go`); Forgejo has no such setting and does as `LEGACY`. */
const DETECTION_SINCE: Record<PublicUrlDetection, Since> = {
  [PublicUrlDetection.AUTO]: since('1.24'),
  [PublicUrlDetection.LEGACY]: since('1.24'),
  [PublicUrlDetection.NEVER]: since('1.26'),
};

/**
 * Whether the server knows the setting at all, with this value.
 *
 * @jsii ignore
 */
export function knowsDetection(product: ForgeProduct, version: VersionNumbers, mode: PublicUrlDetection): boolean {
  const known = DETECTION_SINCE[mode];
  return product === known.product && isAtLeast(version, known.since);
}

/**
 * What the server does unless it is told.
 *
 * @jsii ignore
 */
export function defaultDetection(product: ForgeProduct, version: VersionNumbers): PublicUrlDetection {
  const isAuto = product === ForgeProduct.GITEA && isAtLeast(version, versionNumbers('1.26', 'Gitea'));
  return isAuto ? PublicUrlDetection.AUTO : PublicUrlDetection.LEGACY;
}

/** The Gitea runner's image was renamed at 1.0.0; tags of the old name went stale (gitea.com/gitea/runner#850). */
const RUNNER_RENAMED = versionNumbers('1.0.0', 'runner');

/**
 * Where the runner's image is, without a tag.
 *
 * @jsii ignore
 */
export function runnerImage(product: ForgeProduct, runner: VersionNumbers): string {
  if (product === ForgeProduct.FORGEJO) {
    return 'code.forgejo.org/forgejo/runner';
  }
  if (product === ForgeProduct.GITHUB) {
    return 'ghcr.io/actions/actions-runner';
  }
  return isAtLeast(runner, RUNNER_RENAMED) ? 'gitea/runner' : 'gitea/act_runner';
}
