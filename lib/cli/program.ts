import { Command, CommanderError } from 'commander';
import { ForgeError } from '../support';
import { addBootstrap } from './bootstrap/bootstrap-command';
import { addDeliver } from './deliver-command';
import { ForgeFailure } from './forge/forge-api';
import { KubectlFailure } from './run/kubectl';
import { addSecrets } from './secret/secrets-command';
import { addDiff } from './diff-command';
import { addDoctor } from './doctor-command';
import { addSynth } from './synth-command';
import { addVerify } from './verify-command';
import { addWebhooks } from './webhooks/webhooks-command';

/**
 * Runs a command with its arguments. The command sets the exit code of the process.
 *
 * @throws FORGE-CLI-003 for arguments that the command does not know
 * @jsii ignore
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = programOf();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (e) {
    if (e instanceof ForgeFailure || e instanceof KubectlFailure) {
      throw ForgeError.of({ code: 'FORGE-CLI-015', message: e.message, fix: 'correct what the message names' });
    }
    if (!(e instanceof CommanderError)) {
      throw e;
    }
    if (e.code === 'commander.help') {
      process.exitCode = 2; // no command at all
    } else if (e.exitCode !== 0) {
      throw usageError(e.message);
    }
  }
}

function usageError(message: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-CLI-003',
    message: message.replace(/^error: /, ''),
    allowed: 'the commands and options of npx cdk8s-forge --help',
    fix: 'run `npx cdk8s-forge --help`',
  });
}

/**
 * Returns the command with its verbs.
 *
 * @jsii ignore
 */
export function programOf(): Command {
  const program = new Command('cdk8s-forge')
    .description('Typed constructs for a GitOps repository: from the program to running repositories.')
    .addHelpText('after', '\nFORGE_REPORT=json prints problems as JSON.\n')
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  addSynth(program);
  addBootstrap(program);
  addDiff(program);
  addDeliver(program);
  addSecrets(program);
  addWebhooks(program);
  addVerify(program);
  addDoctor(program);
  program.commands.forEach((command) => command.copyInheritedSettings(program));
  return program;
}
