import * as fs from 'node:fs';
import * as path from 'node:path';
import { changeOf, FileChange, OutputDirectory, readIfPresent } from '../output';
import { allowClosedPipe } from '../support';
import { Plan } from './plan';

/** The places that an app writes to. */
export interface Places {
  readonly outdir: string;
  readonly lockFile: string;
  /** Other files that the app writes. */
  readonly others: readonly { readonly path: string; readonly text: string }[];
}

/** Returns whether `FORGE_DRY_RUN=1` is set, as by `cdk8s-forge synth --dry-run`: `synth()` then shows what it would write. */
export function isDryRun(): boolean {
  return process.env.FORGE_DRY_RUN === '1';
}

/**
 * Prints the files that a synth would create, update or remove. `FORGE_REPORT=json` selects JSON, and `FORGE_DRY_RUN_FILE` a
 * file instead of stdout, which the program writes to.
 */
export function printChanges(plan: Plan, places: Places): void {
  const changes = changesOf(plan, places);
  const lines = changes.map(({ file, change }) => `${change}: ${file}`);
  const files = changes.length === 1 ? '1 file' : `${changes.length || 'no'} files`;
  const text =
    process.env.FORGE_REPORT === 'json'
      ? JSON.stringify(changes)
      : [...lines, `dry run: ${files} would change`].join('\n');
  const file = process.env.FORGE_DRY_RUN_FILE;
  if (file) {
    fs.appendFileSync(file, `${text}\n`);
    return;
  }
  allowClosedPipe(process.stdout);
  process.stdout.write(`${text}\n`);
}

function changesOf({ files, sections, repositoryFiles, lock, managesImages }: Plan, places: Places): FileChange[] {
  const { outdir, lockFile } = places;
  const isLocked = managesImages || readIfPresent(lockFile) !== undefined;
  const others = [
    ...repositoryFiles.map((file) => ({ ...file, path: path.join(path.dirname(lockFile), file.path) })),
    ...(isLocked ? [{ path: lockFile, text: lock.render() }] : []),
    ...places.others,
  ];
  return [
    ...new OutputDirectory(path.resolve(outdir))
      .changesFor(files, sections)
      .map(({ file, change }) => ({ file: path.join(outdir, file), change })),
    ...others.flatMap(({ path: file, ...wanted }) => {
      const change = changeOf(file, wanted);
      return change === undefined ? [] : [{ file, change }];
    }),
  ]
    .map(({ file, change }) => ({ file: path.relative('', file).split(path.sep).join('/'), change }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}
