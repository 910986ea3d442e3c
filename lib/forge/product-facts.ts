import { isAtLeast, VersionNumbers, versionNumbers } from './product-version';

/** The software of a forge. */
export enum ForgeProduct {
  /** Gitea. */
  GITEA = 'gitea',
  /** Forgejo. */
  FORGEJO = 'forgejo',
  /** GitHub: github.com or Enterprise Server. */
  GITHUB = 'github',
}

/**
 * The methods by which a Gitea server determines its public address for a client: `[server] PUBLIC_URL_DETECTION`. The
 * address that the server sends to registry clients for a token depends on this setting.
 *
 * @see https://docs.gitea.com/administration/config-cheat-sheet#server-server
 */
export enum PublicUrlDetection {
  /** The request's Host header and X-Forwarded-Proto. Default since 1.26; available since 1.24. */
  AUTO = 'auto',
  /**
   * The Host header if X-Forwarded-Proto is present, otherwise `ROOT_URL`. Older servers behave this way; default up to
   * 1.25.
   */
  LEGACY = 'legacy',
  /** `ROOT_URL` in all cases. Available since 1.26. */
  NEVER = 'never',
}

/**
 * A set of facts that differ between products but not between versions.
 *
 * @jsii ignore
 */
export interface ProductFacts {
  /** Display name of the product. */
  readonly title: string;
  /** Directories with workflow files, in search order. The product uses only the first directory that exists. */
  readonly workflowDirectories: readonly string[];
  /** Reserved prefixes, which the name of an Actions secret must not have. */
  readonly reservedSecretPrefixes: readonly string[];
  /** Reserved names, which an Actions secret must not have. */
  readonly reservedSecretNames: readonly string[];
  /** Permission of the job token, which every job gets, to push packages. */
  readonly jobTokenMayPush: boolean;
  /** Prefix of the environment variables for the product's settings. */
  readonly settingsPrefix?: string;
}

/**
 * Facts by product, from the sources below. Gitea 1.27.1: `services/secrets/validation.go` (names),
 * `routers/api/packages/container/auth.go` and go-gitea#23642 (job token), `[actions] WORKFLOW_DIRS`. Forgejo:
 * forgejo.org/docs/latest/user/actions. GitHub: docs.github.com "Using secrets in GitHub Actions".
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

/**
 * First Gitea version of each detection mode, from Gitea `modules/setting/server.go`. Forgejo does not have the setting
 * and behaves like `LEGACY`.
 */
const DETECTION_SINCE: Record<PublicUrlDetection, Since> = {
  [PublicUrlDetection.AUTO]: since('1.24'),
  [PublicUrlDetection.LEGACY]: since('1.24'),
  [PublicUrlDetection.NEVER]: since('1.26'),
};

/**
 * Returns whether the server supports the setting with the given value.
 *
 * @jsii ignore
 */
export function knowsDetection(product: ForgeProduct, version: VersionNumbers, mode: PublicUrlDetection): boolean {
  const known = DETECTION_SINCE[mode];
  return product === known.product && isAtLeast(version, known.since);
}

/**
 * Returns the server's default detection mode.
 *
 * @jsii ignore
 */
export function defaultDetection(product: ForgeProduct, version: VersionNumbers): PublicUrlDetection {
  const isAuto = product === ForgeProduct.GITEA && isAtLeast(version, versionNumbers('1.26', 'Gitea'));
  return isAuto ? PublicUrlDetection.AUTO : PublicUrlDetection.LEGACY;
}

/**
 * Version 1.0.0, at which the Gitea runner's image was renamed. Tags of the old name are no longer updated
 * (gitea.com/gitea/runner#850).
 */
const RUNNER_RENAMED = versionNumbers('1.0.0', 'runner');

/**
 * Returns the name of the runner's image, without a tag.
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
