import { Forge } from '../../forge';
import { ForgejoProgram } from './forgejo';
import { GitHubProgram } from './github';
import { GiteaProgram } from './gitea';
import { IRunnerProgram } from './program';

/** The runner binaries that the library knows, one for each forge product. */
const PROGRAMS: readonly IRunnerProgram[] = [new GiteaProgram(), new ForgejoProgram(), new GitHubProgram()];

/** Returns the runner binary of a forge; undefined if the library does not know one. */
export function programOf({ product: { runnerProgram } }: Forge): IRunnerProgram | undefined {
  return PROGRAMS.find((program) => program.product === runnerProgram);
}
