import { Problems } from '../../support';
import { ProgramRequest } from './program';

/** Reports a version that only the runner binary of another product has. */
export function checkMajor(
  { version }: ProgramRequest,
  { title, from, below }: { readonly title: string; readonly from: string; readonly below: string },
  problems: Problems,
): void {
  if (version.isAtLeast(from) && !version.isAtLeast(below)) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-015',
    message: `version ${version.version} is not a version of ${title}'s runner`,
    allowed: `${from} or newer, below ${below}`,
    fix: 'set version to one of this runner, or remove version',
    symptom: 'ErrImagePull: manifest unknown',
  });
}
