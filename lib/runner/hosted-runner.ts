import { Buildkitd } from '../buildkit';
import { EVERY_CAPABILITY, ForgeProduct, Repository, RunnerCapabilities } from '../forge';
import { quoted } from '../support';
import { IRunner } from './runner-interface';
import { RunnerLabel } from './runner-label';

/**
 * A runner that GitHub runs: there is nothing to deploy.
 *
 * @see https://docs.github.com/actions/reference/runners/github-hosted-runners
 *
 * @example
 *
 * HostedRunner.UBUNTU_LATEST.accepts(Forge.github().repository('example/hello'), ['ubuntu-latest']);
 */
export class HostedRunner implements IRunner {
  /** The newest Ubuntu that GitHub takes for stable, on 64-bit x86. */
  static readonly UBUNTU_LATEST = HostedRunner.labelled('ubuntu-latest');
  /** Ubuntu 24.04 on 64-bit x86. */
  static readonly UBUNTU_24_04 = HostedRunner.labelled('ubuntu-24.04');
  /** Ubuntu 24.04 on 64-bit ARM. */
  static readonly UBUNTU_24_04_ARM = HostedRunner.labelled('ubuntu-24.04-arm');

  /**
   * Another one, such as a larger runner of your organization.
   *
   * @param label what jobs ask for in `runs-on`
   * @throws FORGE-RUN-001 if it cannot stand in a label
   */
  static labelled(label: string): HostedRunner {
    return new HostedRunner(RunnerLabel.host(label));
  }

  /** Jobs build with Docker, which is there. */
  readonly builder?: Buildkitd;

  private readonly label: RunnerLabel;

  private constructor(label: RunnerLabel) {
    this.label = label;
  }

  /** What jobs ask for in `runs-on`. */
  get labels(): RunnerLabel[] {
    return [this.label];
  }

  /** What stands in `runs-on`. */
  get jobLabels(): string[] {
    return [this.label.name];
  }

  /** Who it is, in words. */
  get description(): string {
    return `the runner ${quoted(this.label.name)} that GitHub runs`;
  }

  /** What its jobs can do: everything but build with a daemon of this program. */
  get capabilities(): RunnerCapabilities {
    return { ...EVERY_CAPABILITY, buildctl: false };
  }

  /** Whether a job of this repository that asks for these labels may land here: any repository at GitHub. */
  accepts(repository: Repository, runsOn: string[]): boolean {
    return repository.forge.product === ForgeProduct.GITHUB && runsOn.every((wanted) => wanted === this.label.name);
  }
}
