import * as path from 'node:path';
import { ForgeError, quoted } from '../../support';

/** A command in a container after a change of files. */
export interface LiveUpdateCommand {
  /** The command, for `sh -c` in the container. */
  readonly run: string;

  /**
   * Files whose change runs the command, relative to the sources. They are files that are copied: Tilt builds the image after a
   * change of any other file.
   *
   * @default - every file that is copied
   */
  readonly triggers?: string[];
}

/** Settings of a live update. */
export interface LiveUpdateProps {
  /** Directories in containers by the path of their sources: `{ 'web/src': '/app/src' }`. */
  readonly sync: Record<string, string>;

  /**
   * Commands that run after the copies.
   *
   * @default - none
   */
  readonly commands?: LiveUpdateCommand[];
}

/**
 * A live update of an image: Tilt copies changed files into its running containers instead of building the image.
 *
 * @see https://docs.tilt.dev/live_update_reference
 *
 * @example
 *
 * LiveUpdate.of('web', { sync: { web: '/app' }, commands: [{ run: 'npm install', triggers: ['web/package.json'] }] });
 */
export class LiveUpdate {
  /**
   * Creates the live update of an image.
   *
   * @param image name of the image in the catalogue
   * @throws FORGE-HOST-015 for a path of sources that is not relative, a directory in a container that is not absolute, an
   * empty command, or a trigger that no path of `sync` has
   */
  static of(image: string, props: LiveUpdateProps): LiveUpdate {
    const { sync, commands = [] } = props;
    const problem = problemOf(sync, commands);
    if (problem === undefined) {
      return new LiveUpdate(image, sync, commands);
    }
    throw ForgeError.of({
      code: 'FORGE-HOST-015',
      message: `live update of ${quoted(image)}: ${problem}`,
      fix: "set sync such as { 'web/src': '/app/src' }, and commands such as [{ run: 'npm install' }]",
    });
  }

  private constructor(
    /** Name of the image in the catalogue. */
    readonly image: string,
    private readonly sync: Record<string, string>,
    private readonly commands: LiveUpdateCommand[],
  ) {}

  /**
   * Paths of the sources that are copied, or that run a command.
   *
   * @internal
   */
  get _sources(): string[] {
    return [...Object.keys(this.sync), ...this.commands.flatMap(({ triggers = [] }) => triggers)].map(plainPath);
  }

  /**
   * Returns the steps, as expressions of a Tiltfile. Tilt wants all copies before the commands.
   *
   * @internal
   */
  get _steps(): string[] {
    return [
      ...Object.entries(this.sync).map(([from, to]) => `sync(source(${word(plainPath(from))}), ${word(to)})`),
      ...this.commands.map(({ run, triggers = [] }) =>
        triggers.length === 0
          ? `run(${word(run)})`
          : `run(${word(run)}, trigger=[${triggers.map((path) => `source(${word(plainPath(path))})`).join(', ')}])`,
      ),
    ];
  }
}

/** Returns a path of the sources without `./` and without `/` at the end. The sources themselves are `.`. */
export function plainPath(text: string): string {
  return path.posix.normalize(text).replace(/(?<=[^/])\/$/, '');
}

/** Returns whether a path is that of the sources, or below them. */
function isSource(text: string): boolean {
  return text !== '' && !text.split('/').includes('..') && (plainPath(text) === '.' || isBelow(plainPath(text)));
}

function isBelow(text: string): boolean {
  return text.split('/').every((part) => /^[A-Za-z0-9._@+-]+$/.test(part) && !/^\.{1,2}$/.test(part));
}

function problemOf(sync: Record<string, string>, commands: readonly LiveUpdateCommand[]): string | undefined {
  const sources = [...Object.keys(sync), ...commands.flatMap(({ triggers = [] }) => triggers)];
  const source = sources.find((text) => !isSource(text));
  if (source !== undefined) {
    return `path ${quoted(source)} is not below the sources`;
  }
  const target = Object.values(sync).find((path) => !path.startsWith('/') || !isBelow(path.slice(1)));
  if (target !== undefined) {
    return `${quoted(target)} is not an absolute path in a container`;
  }
  if (Object.keys(sync).length === 0) {
    return 'sync is empty';
  }
  if (commands.some(({ run }) => run.trim() === '')) {
    return 'a command is empty';
  }
  const dead = commands
    .flatMap(({ triggers = [] }) => triggers)
    .find((trigger) => !Object.keys(sync).some((from) => isWithin(trigger, from) || isWithin(from, trigger)));
  return dead === undefined
    ? undefined
    : `trigger ${quoted(dead)} is not below a path of sync: Tilt builds the image after its change, and does not run the command`;
}

/** Returns whether a path of the sources is another one, or below it. */
export function isWithin(text: string, directory: string): boolean {
  const [inner, outer] = [plainPath(text), plainPath(directory)];
  return outer === '.' || inner === outer || inner.startsWith(`${outer}/`);
}

/** Returns a text as a string of Starlark. */
export function word(text: string): string {
  return JSON.stringify(text);
}
