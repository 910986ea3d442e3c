import { IBuilder } from '../buildkit';
import { EVERY_CAPABILITY, ForgeFeature, Repository, RunnerCapabilities } from '../forge';
import { quoted } from '../support';
import { IRunner } from './runner-interface';
import { RunnerLabel } from './runner-label';

/**
 * A runner that GitHub hosts. You deploy nothing.
 *
 * @see https://docs.github.com/actions/reference/runners/github-hosted-runners
 *
 * @example
 *
 * HostedRunner.UBUNTU_LATEST.canRunJobsOf(Forge.github().repository('example/hello'), ['ubuntu-latest']);
 */
export class HostedRunner implements IRunner {
  /** The newest Ubuntu that GitHub considers stable, on 64-bit x86. */
  static readonly UBUNTU_LATEST = HostedRunner.of('ubuntu-latest');
  /** Ubuntu 24.04 on 64-bit x86. */
  static readonly UBUNTU_24_04 = HostedRunner.of('ubuntu-24.04');
  /** Ubuntu 24.04 on 64-bit ARM. */
  static readonly UBUNTU_24_04_ARM = HostedRunner.of('ubuntu-24.04-arm');

  /**
   * Creates a hosted runner with another label, such as a larger runner of your organization.
   *
   * @param label what jobs ask for in `runs-on`
   * @throws FORGE-RUN-001 if it cannot stand in a label
   */
  static of(label: string): HostedRunner {
    return new HostedRunner(RunnerLabel.host(label));
  }

  /** The BuildKit daemon that jobs build with; always undefined. Jobs build with Docker, which is installed. */
  readonly builder?: IBuilder | undefined;

  private readonly label: RunnerLabel;

  private constructor(label: RunnerLabel) {
    this.label = label;
  }

  /** The labels that jobs request in `runs-on`. */
  get labels(): RunnerLabel[] {
    return [this.label];
  }

  /** Labels in `runs-on`. */
  get jobLabels(): string[] {
    return [this.label.name];
  }

  /** Description of the target in words. */
  get description(): string {
    return `the runner ${quoted(this.label.name)} that GitHub runs`;
  }

  /** The capabilities of the runner's jobs: everything except builds with a BuildKit daemon of this cdk8s app. */
  get capabilities(): RunnerCapabilities {
    return { ...EVERY_CAPABILITY, builderInJobs: false };
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. Any repository at GitHub is
   * accepted.
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    return (
      repository.forge.supports(ForgeFeature.HOSTED_RUNNERS) && runsOn.every((wanted) => wanted === this.label.name)
    );
  }
}
