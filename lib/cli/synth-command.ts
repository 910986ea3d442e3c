import { Command } from 'commander';
import { synth } from './synth';

const HELP = `
If the program fails, the output directory stays as it is. The types of the program are checked at
the same time, if the project has TypeScript.

Examples:
  cdk8s-forge synth
  cdk8s-forge synth --dry-run
  cdk8s-forge synth --app 'node --import tsx other.ts' --output /tmp/dist
`;

interface Options {
  readonly app?: string;
  readonly output?: string;
  readonly types: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the command `synth`, which ends with the exit code of the program. */
export function addSynth(program: Command): void {
  program
    .command('synth')
    .alias('synthesize')
    .description('run the program of cdk8s.yaml')
    .option('-a, --app <command>', 'program to run, instead of app in cdk8s.yaml')
    .option('-o, --output <directory>', 'directory to write, instead of output in cdk8s.yaml')
    .option('--no-types', 'do not check types')
    .option('--dry-run', 'show the files that would change, and write nothing')
    .option('--json', 'print problems, and the files of a dry run, as JSON')
    .addHelpText('after', HELP)
    .action(async ({ app, output, types, dryRun, json }: Options) => {
      if (json) {
        process.env.FORGE_REPORT = 'json';
      }
      const directory = process.cwd();
      process.exitCode = await synth({ directory, environment: process.env, app, output, types, dryRun });
    });
}
