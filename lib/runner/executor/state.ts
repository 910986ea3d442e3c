import { Storage } from '../../kube';
import { Problem } from '../../support';
import { ProgramFacts } from '../program/program';

/** Returns the problem of a state that the runner binary does not keep. */
export function stateProblems(state: Storage | undefined, program: ProgramFacts): Problem[] {
  if (state === undefined || program.keepsState) {
    return [];
  }
  return [
    {
      code: 'FORGE-RUN-036',
      message: `the executor has a state, but ${program.binary} takes one job and keeps nothing`,
      fix: 'remove state from the executor',
    },
  ];
}
