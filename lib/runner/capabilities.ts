import { RunnerCapabilities } from '../forge';

/** Returns the capabilities of jobs in an image of the user, which may contain any program. */
export function withoutTools({ tools: _tools, ...others }: RunnerCapabilities): RunnerCapabilities {
  return others;
}
