/**
 * Returns the key of a host in the `auths` of a Docker configuration. Docker, containerd, BuildKit and Flux look up the
 * same key. Docker Hub has a key of its own, regardless of the host in image names.
 *
 * @jsii ignore
 */
export function dockerConfigKey(host: string): string {
  return /^(?:index\.)?docker\.io$/.test(host) ? 'https://index.docker.io/v1/' : host;
}
