import { IBuilder } from '../../buildkit';
import { Executor } from '../../runner';
import { ForgeError, frozen, ownOf, quoted } from '../../support';
import { BrokenWay, ProfileFacts, PROFILES } from './table';

/**
 * A kind of machine on which runners run and images are built. The profile rejects a combination that is known not to
 * work, with its symptom and with the choice that works there.
 *
 * | Profile | Docker daemon of the machine | `Executor.docker()`, `Executor.dockerRootless()` | `Executor.host()` |
 * |---|---|---|---|
 * | `linux` | yes | yes | systemd |
 * | `dockerDesktop` | yes | yes | launchd |
 * | `podmanMacos` | yes | no: virtiofs | launchd |
 * | `lxc` | yes | yes | systemd |
 * | `k3sPod` | no: nested overlay | no: nested overlay | no: use `Runner` |
 * | `devpod` | no: nested overlay | no: nested overlay | no: use `Runner` |
 *
 * @example
 *
 * HostProfile.linux().assertCanBuild(Builder.buildx());
 */
export class HostProfile {
  /** Creates the profile of a Linux machine with Docker. */
  static linux(): HostProfile {
    return new HostProfile(PROFILES.linux);
  }

  /** Creates the profile of macOS with Docker Desktop. */
  static dockerDesktop(): HostProfile {
    return new HostProfile(PROFILES.dockerDesktop);
  }

  /** Creates the profile of macOS with a Podman machine. */
  static podmanMacos(): HostProfile {
    return new HostProfile(PROFILES.podmanMacos);
  }

  /** Creates the profile of an LXC container with nesting (`features: nesting=1,keyctl=1` on Proxmox VE). */
  static lxc(): HostProfile {
    return new HostProfile(PROFILES.lxc);
  }

  /** Creates the profile of a pod on k3s, for example a shell in the cluster. */
  static k3sPod(): HostProfile {
    return new HostProfile(PROFILES.k3sPod);
  }

  /** Creates the profile of a development environment that is a pod, such as a devpod. */
  static devpod(): HostProfile {
    return new HostProfile(PROFILES.devpod);
  }

  /** All profiles. */
  static get all(): HostProfile[] {
    return Object.values(PROFILES).map((facts) => new HostProfile(facts));
  }

  /** @internal */
  readonly _facts: ProfileFacts;

  private constructor(facts: ProfileFacts) {
    this._facts = frozen(facts);
  }

  /** Name of the profile, for example `podman-macos`. */
  get name(): string {
    return this._facts.name;
  }

  /**
   * Throws if a builder cannot build on the machine. A builder of a BuildKit daemon elsewhere can always build.
   *
   * @param builder the builder, for example `Builder.docker()`
   * @throws FORGE-HOST-001 with the symptom that follows, and the builder that works
   */
  assertCanBuild(builder: IBuilder): void {
    const broken = builder.tools.includes('docker') ? this._facts.daemon : undefined;
    if (broken) {
      throw this.refused(`builder ${quoted(builder.path)} needs a Docker daemon`, broken);
    }
  }

  /**
   * Throws if a runner with the executor cannot run on the machine.
   *
   * @param executor the executor, for example `Executor.docker()`
   * @throws FORGE-HOST-001 with the symptom that follows, and the executor that works
   */
  assertCanRun(executor: Executor): void {
    const broken = ownOf(this._facts.executors, executor.name);
    if (broken) {
      throw this.refused(`executor ${quoted(executor.name)}`, broken);
    }
  }

  private refused(what: string, { symptoms, reason, works }: BrokenWay): ForgeError {
    return ForgeError.of({
      code: 'FORGE-HOST-001',
      message: `${what}, which does not work on ${this._facts.machine} (profile ${this.name}): ${reason}`,
      fix: `use ${works}`,
      symptom: symptoms.join('; or: '),
    });
  }
}
