/**
 * Returns whether a host is Docker Hub, under any name that clients know.
 *
 * @jsii ignore
 */
export function isDockerHub(host: string): boolean {
  return /^(?:index\.|registry-1\.)?docker\.io(?::443)?$/.test(host);
}

/**
 * Returns the key of a host in the `auths` of a Docker configuration. Docker, containerd, BuildKit and Flux look up the
 * same key. Docker Hub has a key of its own, regardless of the host in image names.
 *
 * @jsii ignore
 */
export function dockerConfigKey(host: string): string {
  return isDockerHub(host) ? 'https://index.docker.io/v1/' : host;
}
