import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileChange, OutputDirectory, readIfPresent } from '../output';
import { Plan } from './plan';

/** The places that an app writes to. */
export interface Places {
  readonly outdir: string;
  readonly lockFile: string;
}

/** Returns whether `FORGE_DRY_RUN=1` is set, as by `cdk8s-forge synth --dry-run`: `synth()` then shows what it would write. */
export function isDryRun(): boolean {
  return process.env.FORGE_DRY_RUN === '1';
}

/** Prints the files that a synth would create, update or remove. `FORGE_REPORT=json` selects JSON. */
export function printChanges(plan: Plan, places: Places): void {
  const changes = changesOf(plan, places);
  const lines = changes.map(({ file, change }) => `${change}: ${file}`);
  const end = `dry run: ${changes.length === 0 ? 'nothing would change' : `${changes.length} files would change`}`;
  const text = process.env.FORGE_REPORT === 'json' ? JSON.stringify(changes) : [...lines, end].join('\n');
  process.stdout.write(`${text}\n`);
}

function changesOf({ files, repositoryFiles, lock, managesImages }: Plan, { outdir, lockFile }: Places): FileChange[] {
  const root = path.dirname(lockFile);
  const lockText = readIfPresent(lockFile);
  const others = [
    ...repositoryFiles.map(({ path: file, text, executable }) => changeOf(path.join(root, file), text, executable)),
    ...(lockText === undefined && !managesImages ? [] : [changeOf(lockFile, lock.render())]),
  ];
  return [
    ...new OutputDirectory(path.resolve(outdir))
      .changesFor(files)
      .map(({ file, change }) => ({ file: path.join(outdir, file), change })),
    ...others.filter((change) => change !== undefined),
  ]
    .map(({ file, change }) => ({ file: path.relative('', file).split(path.sep).join('/'), change }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function changeOf(file: string, text: string, executable?: boolean): FileChange | undefined {
  const present = readIfPresent(file);
  const isExecutable = present !== undefined && (fs.statSync(file).mode & 0o100) !== 0;
  const isSame = present === text && (executable ?? isExecutable) === isExecutable;
  return isSame ? undefined : { file, change: present === undefined ? 'created' : 'updated' };
}
