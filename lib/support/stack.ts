import * as path from 'node:path';

/** The directory of the library. */
const LIBRARY = path.join(__dirname, '..') + path.sep;

const isFrame = (line: string) => /^\s+at /.test(line);
const isLibrary = (line: string) => line.includes(LIBRARY);
const isPlatform = (line: string) => line.includes('node:') || line.includes(`${path.sep}node_modules${path.sep}`);

/**
 * Returns a stack trace without the lines of the library and of Node.js. The remaining lines show the line of the cdk8s
 * app that caused the problem.
 *
 * @jsii ignore
 */
export function withoutLibraryFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !isFrame(line) || !(isLibrary(line) || isPlatform(line)))
    .join('\n');
}

/**
 * Returns the file and line that a stack trace names first, for example `/home/me/main.ts:25`.
 *
 * @jsii ignore
 */
export function placeIn(stack: string | undefined): string | undefined {
  const frame = /^\s+at (?:.*\()?(?:file:\/\/)?(\/[^()]*|[A-Za-z]:[^()]*):(\d+):\d+\)?$/m.exec(stack ?? '');
  return frame ? `${frame[1]}:${frame[2]}` : undefined;
}

/**
 * Returns whether the library is called from the top level of a file of the program, and not from a function, whose
 * caller may wait for the error.
 *
 * @jsii ignore
 */
export function isTopLevel(): boolean {
  const outside = withoutWrappers(framesOutside());
  return outside.every((line, i) => isPlatform(line) || outside[i + 1] === undefined || isPlatform(outside[i + 1]));
}

/**
 * Returns the file and line of the program that calls the library now.
 *
 * @jsii ignore
 */
export function callerPlace(): string | undefined {
  return placeIn(framesOutside().find((line) => !isPlatform(line)));
}

/** Returns the frames of the stack from the one on that calls the library. */
function framesOutside(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const frames = (new Error().stack ?? '').split('\n').filter(isFrame);
  Error.stackTraceLimit = limit;
  return frames.slice(frames.findIndex((line) => !isLibrary(line)));
}

/** Returns frames without those of the function that `tsx` puts around a file. */
function withoutWrappers(frames: readonly string[]): string[] {
  const fileOf = (line: string | undefined) => placeIn(line)?.replace(/:\d+$/, '');
  return frames.filter(
    (line, i) =>
      !(
        line.includes('Object.<anonymous>') &&
        frames[i - 1]?.includes('at <anonymous>') &&
        fileOf(frames[i - 1]) === fileOf(line)
      ),
  );
}
