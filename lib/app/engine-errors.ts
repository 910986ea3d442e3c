import { placeIn, Problem, withoutLibraryFrames } from '../support';

/** Files of the packages that a cdk8s app calls beside this library. */
const ENGINE = /[\\/]node_modules[\\/](?:cdk8s|constructs|cdk8s-plus-\d+)[\\/]/;

/** Fixes for errors of these packages, by their text. */
const FIXES: readonly (readonly [RegExp, string])[] = [
  [/already a Construct with name/, 'set another id, or create the construct in another scope'],
  [/empty ID/, 'set an id'],
  [
    /amounts? cannot be negative|cannot be converted into a whole number/,
    'pass a finite number that is not negative; if the number is read from the environment, check that the variable is set',
  ],
];

/**
 * Returns the problem of an error that cdk8s or constructs throws for a value of the program, so that it is reported as
 * errors of this library are. Returns undefined for other errors.
 *
 * @jsii ignore
 */
export function engineProblems(error: unknown): Problem[] | undefined {
  if (!(error instanceof Error) || error.constructor !== Error) {
    return undefined;
  }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (!ENGINE.test(frames[0] ?? '')) {
    return undefined;
  }
  const message = error.message.trim().replace(/\s*\n\s*/g, '; ');
  return [
    {
      code: 'FORGE-APP-019',
      message: `cdk8s rejects a value: ${message}`,
      fix: FIXES.find(([pattern]) => pattern.test(message))?.[1] ?? 'correct the call at this line',
      place: placeIn(withoutLibraryFrames(error.stack ?? '')),
    },
  ];
}
