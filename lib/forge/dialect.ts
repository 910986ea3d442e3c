import { IForge } from './i-forge';
import { ActionsFacts, KeySupport } from './product/actions-facts';
import { ForgeFeature } from './product/feature';

/**
 * A lookup that compares the product and version of a forge with tables of Actions facts.
 *
 * @jsii ignore
 */
export class Dialect {
  /** Returns the dialect of a forge. */
  static of(forge: IForge): Dialect {
    return new Dialect(forge);
  }

  private constructor(private readonly forge: IForge) {}

  /** Known facts about the product. */
  get facts(): ActionsFacts {
    return this.forge.product.actions;
  }

  /** Display name, for example `Gitea 1.26` or `GitHub`. */
  get name(): string {
    return this.forge.title;
  }

  /** Directories with workflows. The first directory that exists hides the others. */
  get workflowDirectories(): string[] {
    return this.forge.product.workflowDirectories;
  }

  /** Directories with workflows for other repositories; empty if the forge has none. */
  get scopedWorkflowDirectories(): string[] {
    const { scopedWorkflowDirectory: known } = this.facts;
    if (!this.forge.supports(ForgeFeature.SCOPED_WORKFLOWS)) {
      return [];
    }
    return [...(this.forge.scopedWorkflowDirectories ?? (known === undefined ? [] : [known]))];
  }

  /** Events that start no workflow in a directory for other repositories. */
  get unscopedEvents(): string[] {
    return this.facts.unscopedEvents ?? [];
  }

  /** URL prefix before `owner/name` of an action without a host. */
  get defaultActionsUrl(): string {
    return this.forge.actionsSource?._urlAt(this.forge.url) ?? this.facts.defaultActionsUrl;
  }

  /** Name of the forge, if its expressions do not know the function `case`; undefined otherwise. */
  get withoutCase(): string | undefined {
    return this.facts.caseFunction ? undefined : this.name;
  }

  /**
   * Returns whether the forge loses a run with two jobs in the same concurrency group; undefined if that is not known for
   * its version.
   */
  get losesSharedJobGroups(): boolean | undefined {
    const { sharedJobGroups: known } = this.facts;
    const { version } = this.forge;
    return known === undefined ? false : (version !== undefined && known.lostIn.includes(version)) || undefined;
  }

  /** Returns whether an event starts workflows. */
  startsOn(event: string): boolean {
    return this.facts.events?.includes(event) ?? true;
  }

  /** Returns whether a version of the runner program is at least the given version. */
  isRunnerAtLeast(minimum: string, runnerVersion: string): boolean {
    return this.forge.product.isAtLeast(minimum, runnerVersion);
  }

  /**
   * Returns whether a runner is known to run JavaScript actions on node24. Runners that github.com operates are up to date.
   *
   * @param runnerVersion version of the runner program, if known
   */
  runsNode24(runnerVersion?: string): boolean {
    const { node24SinceRunner: since } = this.facts;
    if (since === undefined) {
      return false;
    }
    return runnerVersion === undefined
      ? this.forge.version === undefined && this.forge.supports(ForgeFeature.HOSTED_RUNNERS)
      : this.isRunnerAtLeast(since, runnerVersion);
  }

  /**
   * Returns whether a runner is known not to run JavaScript actions on node24.
   *
   * @param runnerVersion version of the runner program, if known
   */
  lacksNode24(runnerVersion?: string): boolean {
    const { node24SinceRunner: since, withoutNode24Runner: last } = this.facts;
    if (runnerVersion === undefined || since === undefined) {
      return false;
    }
    return last === undefined ? !this.isRunnerAtLeast(since, runnerVersion) : this.isRunnerAtLeast(runnerVersion, last);
  }

  /** Day on which the runners of the forge lost node20; undefined if they have node20, or may have it. */
  get node20RemovedOn(): string | undefined {
    return this.forge.version === undefined ? this.facts.node20RemovedOn : undefined;
  }

  /**
   * Returns the oldest version of the runner program that the forge registers, if the given version is older.
   *
   * @param runnerVersion version of the runner program
   */
  refusesRunner(runnerVersion: string): string | undefined {
    const { oldestRunner } = this.facts;
    const isOwn = this.forge.version !== undefined || oldestRunner === undefined;
    return isOwn || this.isRunnerAtLeast(oldestRunner, runnerVersion) ? undefined : oldestRunner;
  }

  /** Returns the problem with the name of an Actions secret; undefined if the name is valid. */
  secretNameProblem(name: string): string | undefined {
    return /^(GITHUB|GITEA|FORGEJO)_TOKEN$/.test(name) ? undefined : this.forge.product.secretNameProblem(name);
  }

  /**
   * Returns the support record of a key that the forge ignores; undefined if the forge supports the key. The record
   * contains the first version that supports the key, and the source of the fact.
   *
   * @param key the key
   * @param runnerVersion version of the runner program, if known
   */
  ignores(key: string, runnerVersion?: string): KeySupport | undefined {
    const entry = this.facts.keys.find((support) => support.key === key);
    if (entry?.sinceRunner !== undefined && runnerVersion !== undefined) {
      return this.forge.product.isAtLeast(entry.sinceRunner, runnerVersion) ? undefined : entry;
    }
    return entry && (entry.since === undefined || !this.forge.product.isAtLeast(entry.since, this.forge.version))
      ? entry
      : undefined;
  }
}
