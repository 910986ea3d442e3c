import * as path from 'node:path';

/**
 * Returns whether Node.js runs a program of its own, and not a test runner or another tool of `node_modules`. A test
 * expects an error of the call that it makes; a program is complete only at `synth()`.
 *
 * @jsii ignore
 */
export function isProgram(script: string | undefined = process.argv[1]): boolean {
  return script !== undefined && !script.split(path.sep).includes('node_modules');
}
