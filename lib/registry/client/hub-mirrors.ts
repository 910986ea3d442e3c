import { ForgeError, quoted } from '../../support';
import { Endpoint } from '../endpoint';

/**
 * Returns the URL of a mirror. dockerd accepts no path.
 *
 * @throws FORGE-REG-009 for a mirror with a path
 */
export function mirrorUrl({ url, path }: Endpoint): string {
  if (path === undefined) {
    return url;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-009',
    message: `mirror ${quoted(url)} has the path ${quoted(path)}`,
    allowed: 'mirrors of Docker Hub without a path',
    fix: 'use a mirror with a host of its own; containerd and BuildKit accept the path, dockerd does not',
    symptom: 'invalid mirror: path, query, or fragment at end of the URI',
  });
}
