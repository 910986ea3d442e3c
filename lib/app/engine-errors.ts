import { IConstruct } from 'constructs';
import { placeIn, Problem, takenId, withoutLibraryFrames } from '../support';

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

/** The error about an id that exists in its scope: the id, the class of the scope, and the id of the scope. */
const TAKEN = /^There is already a Construct with name '(.*)' in (\S+?)(?: \[(.*)\])?$/s;

/**
 * Returns the problem of an error that cdk8s or constructs throws for a value of the program, so that it is reported as
 * errors of this library are. Returns undefined for other errors.
 *
 * @param app the app that the program describes, to find what has an id
 *
 * @jsii ignore
 */
export function engineProblems(error: unknown, app?: IConstruct): Problem[] | undefined {
  if (!(error instanceof Error) || error.constructor !== Error) {
    return undefined;
  }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (!ENGINE.test(frames[0] ?? '')) {
    return undefined;
  }
  const place = placeIn(withoutLibraryFrames(error.stack ?? ''));
  const taken = app && takenProblem(app, error.message, frames);
  if (taken) {
    return [{ ...taken, place }];
  }
  const message = error.message.trim().replace(/\s*\n\s*/g, '; ');
  return [
    {
      code: 'FORGE-APP-019',
      message: `cdk8s rejects a value: ${message}`,
      fix: FIXES.find(([pattern]) => pattern.test(message))?.[1] ?? 'correct the call at this line',
      place,
    },
  ];
}

/** Returns the problem of an id that exists in its scope, if the construct that has the id can be told. */
function takenProblem(app: IConstruct, message: string, frames: readonly string[]): Problem | undefined {
  const [, id, type, scopeId = ''] = TAKEN.exec(message) ?? [];
  if (id === undefined) {
    return undefined;
  }
  const scopes = app.node.findAll().filter((one) => one.node.id === scopeId && one.constructor.name === type);
  const children = scopes.flatMap((scope) => scope.node.tryFindChild(id) ?? []);
  return children.length === 1 ? takenId(id, calledBy(frames), children[0]) : undefined;
}

/** Returns the call of a constructor of cdk8s that the program makes. */
function calledBy(frames: readonly string[]): string {
  const outside = frames.findIndex((frame) => !ENGINE.test(frame));
  const [, type] = /^\s+at new (\w+)/.exec(frames[outside - 1] ?? '') ?? [];
  return type === undefined ? 'a construct' : `new ${type}()`;
}
