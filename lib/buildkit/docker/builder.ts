import { Registry } from '../../registry';
import { BuildxDriver } from './buildx-driver';
import { DockerBuilder } from './docker-builder';

/** A set of options that configures a builder of `docker buildx`. */
export interface BuildxProps {
  /**
   * The driver, which decides where BuildKit runs.
   *
   * @default BuildxDriver.dockerContainer()
   */
  readonly driver?: BuildxDriver;
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
 * A collection of builders that jobs run with `docker buildx`: in the Docker daemon of a runner, on a runner that GitHub hosts,
 * or in a BuildKit daemon elsewhere.
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
   * Creates a builder that runs `docker buildx`. With the default driver, the builder trusts registries as they are declared,
   * and keeps its layers in the Docker daemon.
   */
  static buildx(props: BuildxProps = {}): DockerBuilder {
    return DockerBuilder._of((props.driver ?? BuildxDriver.dockerContainer())._driver);
  }

  /** Creates a builder that builds in the Docker daemon of the runner, for one platform and without a separate cache. */
  static docker(props: DockerBuilderProps = {}): DockerBuilder {
    return DockerBuilder._of(BuildxDriver.docker(props)._driver);
  }

  private constructor() {}
}
