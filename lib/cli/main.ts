#!/usr/bin/env node
import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { ForgeError, quoted, reportOf } from '../support';
import { synth } from './synth';

const USAGE = `Usage: cdk8s-forge synth [--app COMMAND] [--output DIRECTORY] [--no-types]

Runs the program of cdk8s.yaml. If the program fails, the output directory stays as it is.
Checks the types of the program at the same time, if the project has TypeScript.

  -a, --app COMMAND       program to run, instead of app in cdk8s.yaml
  -o, --output DIRECTORY  directory to write, instead of output in cdk8s.yaml
      --no-types          do not check types

FORGE_REPORT=json prints problems as JSON.
`;

/** Runs the command, and returns its exit code. */
async function run(args: string[]): Promise<number> {
  const { values, positionals } = parsed(args);
  if (values.help || positionals.length === 0) {
    fs.writeSync(values.help ? 1 : 2, USAGE);
    return values.help ? 0 : 2;
  }
  if (positionals.length > 1 || !['synth', 'synthesize'].includes(positionals[0])) {
    throw usageError(`${quoted(positionals.join(' '))} is not a command`);
  }
  return synth({
    directory: process.cwd(),
    environment: process.env,
    app: values.app,
    output: values.output,
    types: !values['no-types'],
  });
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        app: { type: 'string', short: 'a' },
        output: { type: 'string', short: 'o' },
        'no-types': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (e) {
    throw usageError(e instanceof Error ? e.message.split('. ')[0] : String(e));
  }
}

function usageError(message: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-CLI-003',
    message,
    allowed: 'cdk8s-forge synth [--app COMMAND] [--output DIRECTORY] [--no-types]',
    fix: 'run npx cdk8s-forge --help',
  });
}

run(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (e: unknown) => {
    if (!(e instanceof ForgeError)) {
      throw e;
    }
    const json = process.env.FORGE_REPORT === 'json';
    fs.writeSync(2, reportOf(e.problems, { json, width: process.stderr.columns || 80, directory: process.cwd() }));
    process.exitCode = e.code === 'FORGE-CLI-003' ? 2 : 1;
  },
);
