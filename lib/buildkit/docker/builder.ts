import { Registry } from '../../registry';
import { BuildxDriver } from './buildx-driver';
import { DockerBuilder } from './docker-builder';
import { BuildkitVersion } from '../version';

/** A set of options that configures a builder of `docker buildx`. */
export interface BuildxProps {
  /**
   * The driver, which decides where BuildKit runs.
   *
   * @default BuildxDriver.DOCKER_CONTAINER
   */
  readonly driver?: BuildxDriver;

  /**
   * Registries that the Docker daemon of the runner trusts, for the driver `docker`. Registries with public TLS can be
   * omitted.
   *
   * @default - registries with public TLS
   */
  readonly registries?: Registry[];

  /**
   * The release of BuildKit, for the driver `docker-container`.
   *
   * @default BuildkitVersion.LATEST_KNOWN
   */
  readonly version?: BuildkitVersion;
}

/** A set of options that configures a builder in the Docker daemon of the runner. */
export interface DockerBuilderProps {
  /**
   * Registries that the Docker daemon of the runner trusts: the registries of `Executor.docker({ daemon: { registries } })`.
   * Registries with public TLS can be omitted.
   *
   * @default - registries with public TLS
   */
  readonly registries?: Registry[];
}

/**
 * A collection of builders that jobs bring themselves: the Docker daemon of a runner, or a runner that GitHub hosts.
 *
 * @see https://docs.docker.com/build/builders/drivers/
 *
 * @example
 *
 * const hosted = new ImagePipeline(home, 'hello', {
 *   repository: Forge.github().repository('example/hello'),
 *   registry: Registry.ghcr({ owner: 'example' }),
 *   runner: HostedRunner.UBUNTU_LATEST,
 *   builder: Builder.buildx(),
 * });
 */
export class Builder {
  /**
   * Creates a builder that runs `docker buildx`. With the default driver, the builder trusts registries with plain HTTP as
   * they are declared, and keeps its layers in the Docker daemon.
   */
  static buildx(props: BuildxProps = {}): DockerBuilder {
    return DockerBuilder._of(props);
  }

  /** Creates a builder that builds in the Docker daemon of the runner, for one platform and without a separate cache. */
  static docker(props: DockerBuilderProps = {}): DockerBuilder {
    return DockerBuilder._of({ ...props, driver: BuildxDriver.DOCKER });
  }

  private constructor() {}
}
