import * as fs from 'node:fs';
import * as path from 'node:path';
import { engineProblems } from './engine-errors';
import { command, currentFailures, ForgeError, printError, Problem, reportOf, takeUnreported } from '../support';

const INSTALLED = Symbol.for('cdk8s-forge:uncaught');

/**
 * Prints a ForgeError that the program does not catch as a report on stderr, and ends the program with exit code 1. Node.js
 * would print the same error between its own lines and a stack trace. Other errors, and programs that handle uncaught
 * exceptions themselves, are not affected.
 *
 * `FORGE_REPORT=json` selects JSON.
 *
 * @jsii ignore
 */
export function reportUncaught(): void {
  const marked = process as unknown as Record<symbol, boolean>;
  if (marked[INSTALLED]) {
    return;
  }
  marked[INSTALLED] = true;
  process.on('uncaughtExceptionMonitor', (error: Error) => {
    if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) {
      return;
    }
    const notes = emptiedNotes(process.env);
    const thrown =
      error?.name === 'ForgeError' ? (error as ForgeError).problems : engineProblems(error, currentFailures()?.app);
    const collected = takeUnreported();
    if (!Array.isArray(thrown) && collected.length === 0) {
      notes.forEach((note) => printError(`${note}\n`));
      return;
    }
    if (!Array.isArray(thrown)) {
      notes.unshift(`The program stopped before synth: ${String(error).split('\n')[0]}. Fix the problems first.`);
    }
    report([...collected, ...(thrown ?? [])], notes, error);
    process.exit(1);
  });
  process.on('exit', () => {
    const collected = takeUnreported();
    if (collected.length > 0) {
      report(collected, ['The program ended without synth().']);
      process.exitCode = 1;
    }
  });
}

function report(problems: readonly Problem[], notes: string[], error?: Error): void {
  const text = reportOf(problems, {
    json: process.env.FORGE_REPORT === 'json',
    width: process.stderr.columns || 80,
    directory: process.cwd(),
    stack: error?.stack,
    notes,
  });
  printError(text);
}

/** Returns how to get the output directory back that the cdk8s CLI deleted before it started the program. */
function emptiedNotes({ CDK8S_OUTDIR: outdir, CDK8S_RECORD_CONSTRUCT_METADATA: byCli }: NodeJS.ProcessEnv): string[] {
  if (!outdir || byCli === undefined || fs.existsSync(outdir)) {
    return [];
  }
  const relative = path.relative(process.cwd(), path.resolve(outdir)).split(path.sep).join('/');
  return [
    `cdk8s synth deleted ${relative} before it started the program. If it was committed, restore it: ${command`git checkout -- ${relative}`.text}`,
    'npx cdk8s-forge synth deletes nothing if the program fails.',
  ];
}
