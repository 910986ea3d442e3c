import { isDockerHub } from '../../secret';

/**
 * Returns the host in the form that every client uses. Clients read `index.docker.io` in an image name as `docker.io`, and
 * connect to `registry-1.docker.io`, for which some of them look up the login of Docker Hub and some do not.
 *
 * @jsii ignore
 */
export function canonicalHost(host: string): string {
  return isDockerHub(host) ? 'docker.io' : host;
}

/**
 * Returns the host that serves the images of a host. `docker.io` itself is a web site.
 *
 * @jsii ignore
 */
export function servingHost(host: string): string {
  return canonicalHost(host) === 'docker.io' ? 'registry-1.docker.io' : host;
}

/**
 * Returns the path of an image at a host. Docker Hub has images of one word in `library/`, and its clients add it.
 *
 * @jsii ignore
 */
export function servingPath(host: string, path: string): string {
  return canonicalHost(host) === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
}

/**
 * Returns all names under which clients find the image of a name. Clients add the host of Docker Hub, and `library/`, to a
 * name without them.
 *
 * @jsii ignore
 */
export function hubNames(name: string): string[] {
  const path = /^docker\.io\/(.+)$/.exec(name)?.[1];
  if (path === undefined) {
    return [name];
  }
  const short = /^library\/([^/]+)$/.exec(path)?.[1];
  return ['docker.io', 'index.docker.io'].map((host) => `${host}/${path}`).concat(path, short ?? []);
}

/**
 * Returns a name in the form of go-containerregistry, which many verifiers compare.
 *
 * @jsii ignore
 */
export function fullHubName(name: string): string {
  return name.replace(/^docker\.io\//, 'index.docker.io/');
}
