/**
 * Returns the host in the form that every client uses. Clients read `index.docker.io` in an image name as `docker.io`.
 *
 * @jsii ignore
 */
export function canonicalHost(host: string): string {
  return host === 'index.docker.io' ? 'docker.io' : host;
}

/**
 * Returns the host that serves the images of a host. `docker.io` itself is a web site.
 *
 * @jsii ignore
 */
export function servingHost(host: string): string {
  return canonicalHost(host) === 'docker.io' ? 'registry-1.docker.io' : host;
}
