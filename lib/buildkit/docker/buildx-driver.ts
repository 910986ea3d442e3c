import { Buildkitd } from '../buildkitd';
import { BuildkitPlatforms } from '../platforms';
import { ContainerDriver } from './container-driver';
import { DaemonDriver } from './daemon-driver';
import {
  DockerContainerOptions,
  DockerDriverOptions,
  KubernetesDriverOptions,
  RemoteAddressOptions,
} from './driver-options';
import { KnownDriver } from './known-driver';
import { KubernetesDriver } from './kubernetes-driver';
import { RemoteDriver } from './remote-driver';

/**
 * A buildx driver, which decides where BuildKit runs.
 *
 * @see https://docs.docker.com/build/builders/drivers/
 *
 * @example
 *
 * const builder = Builder.buildx({ driver: BuildxDriver.remote(buildkitd) });
 */
export class BuildxDriver {
  /**
   * Runs BuildKit in a container of the Docker daemon. The container and its layers stay in the daemon, so that later jobs
   * reuse them. Builds for several platforms use the emulation of the BuildKit image.
   *
   * @throws FORGE-BK-024 for an image that is not a name
   */
  static dockerContainer(options: DockerContainerOptions = {}): BuildxDriver {
    return new BuildxDriver(new ContainerDriver(options));
  }

  /**
   * Uses the BuildKit in the Docker daemon itself. It builds for one platform, and exports no cache beside the layers of the
   * daemon. The daemon decides which registries it trusts.
   */
  static docker(options: DockerDriverOptions = {}): BuildxDriver {
    return new BuildxDriver(new DaemonDriver(options));
  }

  /**
   * Uses a buildkitd of this cdk8s app. The runner must be its client: `Executor.docker({ builder })` for jobs in containers,
   * which need a buildkitd without TLS, or `Executor.host({ builder })`.
   *
   * @param buildkitd the BuildKit daemon
   */
  static remote(buildkitd: Buildkitd): BuildxDriver {
    return new BuildxDriver(RemoteDriver.ofDaemons(buildkitd, [buildkitd]));
  }

  /**
   * Uses the BuildKit daemons of each architecture of this cdk8s app, each for its own platform. buildx joins the platforms
   * into one index. The runner must be their client, as for `remote`.
   *
   * @param platforms the BuildKit daemons
   */
  static remotePlatforms(platforms: BuildkitPlatforms): BuildxDriver {
    return new BuildxDriver(RemoteDriver.ofDaemons(platforms, platforms.builders));
  }

  /**
   * Uses a buildkitd that this cdk8s app does not describe.
   *
   * @param address its address, for example `tcp://buildkit.example.com:1234`
   * @throws FORGE-BK-020 for text that is no address
   */
  static remoteAt(address: string, options: RemoteAddressOptions = {}): BuildxDriver {
    return new BuildxDriver(RemoteDriver.ofAddress(address, options));
  }

  /**
   * Runs BuildKit in pods of a Kubernetes cluster. Jobs create the workload, which no Git repository contains. A `Buildkitd` is
   * the better choice in a cluster of this cdk8s app.
   *
   * @throws FORGE-BK-024 for an option that buildx cannot read
   */
  static kubernetes(options: KubernetesDriverOptions): BuildxDriver {
    return new BuildxDriver(new KubernetesDriver(options));
  }

  private constructor(
    /**
     * The answers of the driver.
     *
     * @internal
     */
    readonly _driver: KnownDriver,
  ) {}

  /** Name of the driver for buildx, for example `docker-container`. */
  get name(): string {
    return this._driver.name;
  }
}
