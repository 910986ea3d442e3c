import { ForgeError, quoted } from '../../support';
import { ActionsFacts } from './actions-facts';
import { advisoriesFor, ForgeAdvisory } from './advisories';
import { FeatureFact, ForgeFeature } from './feature';
import { ScopeTarget } from './scope-target';
import { TokenAccess, TokenResource } from './token-scope';
import { isAtLeast, versionNumbers } from './version';

/** A part of a forge that a user creates on a page. */
export enum ForgeCreation {
  /** An organization. */
  ORGANIZATION = 'organization',
  /** A repository. */
  REPOSITORY = 'repository',
  /** A team of an organization. */
  TEAM = 'team',
}

/**
 * A forge software with all facts about the software that the library needs: names, features by version, URLs, token
 * scopes.
 *
 * To support another forge software, extend this class, or extend `GiteaProduct` for a fork of Gitea. Then create the
 * forge with `Forge.of(product, props)`.
 *
 * @example
 *
 * class TeaProduct extends GiteaProduct {
 *   readonly name: string = 'tea';
 *   readonly title: string = 'Tea';
 * }
 * Forge.of(new TeaProduct(), { version: '1.26', url: 'https://git.example.com' });
 */
export abstract class ForgeProduct {
  /** Short name in lower case, for example `gitea`. */
  abstract readonly name: string;

  /** Display name, for example `Gitea`. */
  abstract readonly title: string;

  /** Facts about workflow files. */
  abstract get actions(): ActionsFacts;

  /** Features of the server. A feature that is not listed is not available. */
  abstract get features(): FeatureFact[];

  /** Directories with workflow files, in search order. The server uses only the first directory that exists. */
  abstract get workflowDirectories(): string[];

  /**
   * Name of the runner binary that runs the jobs of the forge: `gitea`, `forgejo`, `github`, or a name of your own.
   */
  abstract get runnerProgram(): string;

  /** Prefixes that the name of an Actions secret must not have. */
  get reservedSecretPrefixes(): string[] {
    return [];
  }

  /** Names that an Actions secret must not have. */
  get reservedSecretNames(): string[] {
    return [];
  }

  /** Prefix of the environment variables for the server's settings; undefined if the settings are not yours to set. */
  get settingsPrefix(): string | undefined {
    return undefined;
  }

  /** Type of Flux's notification provider that sets commit statuses; undefined if there is none. */
  get fluxProvider(): string | undefined {
    return undefined;
  }

  /** Type of Flux's notification provider that comments in pull requests; undefined if Flux has none. */
  get fluxCommentProvider(): string | undefined {
    return undefined;
  }

  /** Type of Flux's notification provider that starts workflows by `repository_dispatch`; undefined if Flux has none. */
  get fluxDispatchProvider(): string | undefined {
    return undefined;
  }

  /**
   * Returns the OIDC issuer of the identities of workflow runs that the public Sigstore trusts; undefined if there is none.
   *
   * @param url URL of the forge, without a trailing slash
   */
  oidcIssuer(url: string): string | undefined {
    void url;
    return undefined;
  }

  /**
   * Returns the scope that an API token needs.
   *
   * @param resource resource that the token gives access to
   * @param access kind of access
   */
  abstract tokenScope(resource: TokenResource, access: TokenAccess): string;

  /**
   * Returns the page on which a user creates API tokens.
   *
   * @param url URL of the forge, without a trailing slash
   */
  abstract tokenPage(url: string): string;

  /**
   * Returns the page on which a user creates an organization, a repository or a team; undefined if the page is unknown.
   *
   * @param url URL of the forge, without a trailing slash
   * @param what what to create
   * @param owner organization of the team
   */
  abstract creationPage(url: string, what: ForgeCreation, owner?: string): string | undefined;

  /**
   * Returns the page that lists the Actions secrets of a repository, user or organization.
   *
   * @param url URL of the forge, without a trailing slash
   * @param scope part of the forge that the secrets belong to
   */
  abstract secretsPage(url: string, scope: ScopeTarget): string;

  /**
   * Returns the page that lists the runners of a part of the forge.
   *
   * @param url URL of the forge, without a trailing slash
   * @param scope part of the forge that the runners belong to
   */
  abstract runnersPage(url: string, scope: ScopeTarget): string;

  /**
   * Returns the URL of an API call.
   *
   * @param url URL of the forge, without a trailing slash
   * @param path path of the call, for example `repos/platform/hello`
   */
  abstract apiUrl(url: string, path: string): string;

  /**
   * Returns the first part of the API path for a part of the forge, for example `orgs/homelab`.
   *
   * @param scope part of the forge
   */
  abstract apiPath(scope: ScopeTarget): string;

  /**
   * Returns the page that lists the runs of a repository's workflows.
   *
   * @param url URL of the forge, without a trailing slash
   * @param fullName `owner/name` of the repository
   */
  runsPage(url: string, fullName: string): string {
    return `${url}/${fullName}/actions`;
  }

  /** Published vulnerabilities of the software, newest fix first. */
  get advisories(): ForgeAdvisory[] {
    return [];
  }

  /**
   * Returns the published vulnerabilities of a version. A version without a patch number counts as its newest patch.
   *
   * @param version version of the server
   * @throws FORGE-FRG-001 for a version that is not a number
   */
  advisoriesFor(version: string): ForgeAdvisory[] {
    return advisoriesFor(this.advisories, version, this.title);
  }

  /**
   * Returns a warning about a version that is probably a mistake; undefined for other versions.
   *
   * @param version version of the server
   */
  versionWarning(version: string): string | undefined {
    void version;
    return undefined;
  }

  /** Text by which the API's answer shows a successful run; undefined if the API is not asked. */
  get successfulRun(): string | undefined {
    return undefined;
  }

  /** Texts by which the API's answer shows a runner that is online. */
  get onlineRunner(): string[] {
    return [];
  }

  /**
   * Returns a command that lists the newest runs of a repository's workflows; undefined if the API is asked with a token.
   *
   * @param url URL of the forge, without a trailing slash
   * @param fullName `owner/name` of the repository
   */
  runsCommand(url: string, fullName: string): string | undefined {
    void [url, fullName];
    return undefined;
  }

  /**
   * Returns the first version with a feature: `*` for all versions, undefined for no version.
   *
   * @param feature the feature
   */
  since(feature: ForgeFeature): string | undefined {
    return this.features.find((fact) => fact.feature === feature)?.since;
  }

  /**
   * Returns whether a version of the product has a feature.
   *
   * @param feature the feature
   * @param version version of the server; the newest version if left out
   * @throws FORGE-FRG-001 for a version that is not a number
   */
  supports(feature: ForgeFeature, version?: string): boolean {
    const since = this.since(feature);
    return since !== undefined && this.isAtLeast(since, version);
  }

  /**
   * Returns whether a version of the product is the given version or newer.
   *
   * @param minimum `major.minor` or `major.minor.patch`, or `*` for any version
   * @param version version of the server; the newest version if left out
   * @throws FORGE-FRG-001 for a version that is not a number
   */
  isAtLeast(minimum: string, version?: string): boolean {
    if (version === undefined || minimum === '*') {
      return true;
    }
    return isAtLeast(versionNumbers(version, this.title), versionNumbers(minimum, this.title));
  }

  /**
   * Returns the problem with the name of an Actions secret or variable; undefined if the name is valid.
   *
   * @param name the name
   */
  secretNameProblem(name: string): string | undefined {
    const upper = name.toUpperCase();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return 'it may hold letters, digits and "_" only, and not begin with a digit';
    }
    const prefix = this.reservedSecretPrefixes.find((reserved) => upper.startsWith(reserved));
    if (prefix) {
      return `names that begin with ${prefix} are ${this.title}'s own`;
    }
    return this.reservedSecretNames.includes(upper) ? `the name ${upper} is ${this.title}'s own` : undefined;
  }
}

/**
 * Throws the error for a part of the forge that has no page or API of the wanted kind.
 *
 * @jsii ignore
 */
export function noSuchScope(product: ForgeProduct, { kind, target }: ScopeTarget): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FRG-013',
    message: `${product.title} has no runners or secrets of ${kind}${target === undefined ? '' : ` ${quoted(target)}`}`,
    allowed: 'an organization or a repository',
    fix: 'use forge.organization(…) or forge.repository(…)',
  });
}
