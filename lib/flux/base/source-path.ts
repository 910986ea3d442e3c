import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../../support';

/**
 * Returns a directory of the source.
 *
 * @param symptom what Flux says of a directory that is not there
 * @throws FORGE-FLUX-021
 */
export function checkedPath(construct: IConstruct, path: string, symptom?: string): string {
  const parts = path.replace(/^\.\//, '').split('/');
  if (!path.startsWith('/') && !/[\\\s]/.test(path) && !parts.includes('..')) {
    return path;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-021',
    message: `${quoted(path)} is no directory of the source`,
    allowed: 'a path from its root, with "/", without ".."',
    fix: "set path to a directory, for example './dist/clusters/home/apps'",
    ...(symptom === undefined ? {} : { symptom }),
  });
}
