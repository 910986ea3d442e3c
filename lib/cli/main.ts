#!/usr/bin/env node
import * as fs from 'node:fs';
import { ForgeError, reportOf } from '../support';
import { runProgram } from './program';

runProgram(process.argv.slice(2)).catch((e: unknown) => {
  if (!(e instanceof ForgeError)) {
    throw e;
  }
  const json = process.env.FORGE_REPORT === 'json';
  fs.writeSync(2, reportOf(e.problems, { json, width: process.stderr.columns || 80, directory: process.cwd() }));
  process.exitCode = e.code === 'FORGE-CLI-003' ? 2 : 1;
});
