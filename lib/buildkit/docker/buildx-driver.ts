/** The buildx drivers, which decide where BuildKit runs. */
export enum BuildxDriver {
  /**
   * BuildKit in a container of the Docker daemon. The container and its layers stay in the daemon, so that later jobs reuse
   * them. Builds for several platforms use the emulation of the BuildKit image.
   */
  DOCKER_CONTAINER = 'docker-container',
  /**
   * BuildKit in the Docker daemon itself. It builds for one platform, and exports no cache beside the layers of the daemon.
   * The daemon decides which registries it trusts.
   */
  DOCKER = 'docker',
}
