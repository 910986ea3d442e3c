import { ForgeError, quoted } from '../support';
import { minutes } from './minutes';
import { checkEnv, checkId } from './names';
import { StepContent } from './step-props';

/** Keys of a step that the library writes itself. */
export const STEP_KEYS = [
  'name',
  'id',
  'if',
  'continue-on-error',
  'timeout-minutes',
  'uses',
  'with',
  'env',
  'working-directory',
  'shell',
  'run',
];

/**
 * Checks the names, the environment and the limit of a step.
 *
 * @throws FORGE-WF-021 and 032 for bad names, FORGE-WF-042 for a limit that is no whole number of minutes
 * @jsii ignore
 */
export function checkContent(content: StepContent): void {
  const { name, id, env = {}, outputs = [], timeout, workingDirectory } = content;
  if (name.trim() === '' || /[\r\n]/.test(name)) {
    throw bad(name, 'a name is one line that says what the step does');
  }
  if (id !== undefined) {
    checkId(id, 'step');
  }
  outputs.forEach((output) => checkId(output, 'output'));
  checkEnv(env, `step ${quoted(name)}`);
  if (timeout) {
    minutes(timeout, `step ${quoted(name)}`);
  }
  if (workingDirectory === '') {
    throw bad(workingDirectory, 'leave workingDirectory out for the folder of the job');
  }
}

function bad(value: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-021', message: `${quoted(value)} cannot name a step or its folder`, fix });
}
