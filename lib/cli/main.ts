#!/usr/bin/env node
import { allowClosedPipe, ForgeError, printError, reportOf } from '../support';
import { runProgram } from './program';

allowClosedPipe(process.stdout);
allowClosedPipe(process.stderr);
runProgram(process.argv.slice(2)).catch((e: unknown) => {
  if (!(e instanceof ForgeError)) {
    throw e;
  }
  const json = process.env.FORGE_REPORT === 'json';
  printError(reportOf(e.problems, { json, width: process.stderr.columns || 80, directory: process.cwd() }));
  process.exitCode = e.code === 'FORGE-CLI-003' ? 2 : 1;
});
