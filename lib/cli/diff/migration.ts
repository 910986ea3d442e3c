import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { KeptObject, MigrationFile } from '../../output';
import { command, ForgeError, quoted } from '../../support';
import { lockOf, readPlan } from '../plan';
import { baseOf } from './diff';
import { AppliedObject, GROUP, objectsIn } from './platform';
import { Difference } from './report';
import { isMarked } from './simulation';
import { CommittedTree, rootOf, WorkingTree } from './tree';

/** The annotation, as the emitter writes it. */
const LINE = `    ${GROUP}/prune: disabled\n`;

/** The objects of a migration: those that its file keeps, and those that a person annotates. */
export interface Keeping {
  readonly kept: KeptObject[];
  /** Commands that annotate objects to which Flux does not write. */
  readonly commands: string[];
}

/**
 * Returns the objects that Flux would delete although they move, or that lose data with their deletion.
 *
 * @jsii ignore
 */
export function keptBy({ clusters }: Difference): Keeping {
  const changes = clusters
    .flatMap((cluster) => cluster.changes)
    .filter(
      ({ action, deletes, harm }) =>
        deletes !== undefined && (action === 'move' || (action === 'delete' && harm?.losesData)),
    )
    .map(({ from, object }) => from ?? object)
    // A file that SOPS has encrypted is passed on as it is.
    .filter(({ manifest }) => manifest.sops === undefined);
  const isWritten = ({ manifest }: AppliedObject): boolean => !isMarked(manifest, 'ssa', 'IfNotPresent');
  return {
    kept: changes.filter(isWritten).map(keptObject),
    commands: changes.filter((object) => !isWritten(object)).map(annotateCommand),
  };
}

function keptObject({ id, file }: AppliedObject): KeptObject {
  return {
    directory: path.posix.dirname(file),
    ...(id.group === '' ? {} : { group: id.group }),
    kind: id.kind,
    ...(id.namespace === '' ? {} : { namespace: id.namespace }),
    name: id.name,
  };
}

function annotateCommand({ id }: AppliedObject): string {
  const kind = id.group === '' ? id.kind.toLowerCase() : `${id.kind.toLowerCase()}.${id.group}`;
  const place = id.namespace === '' ? [] : ['--namespace', id.namespace];
  return command`kubectl annotate ${[kind, id.name, ...place]} ${`${GROUP}/prune=disabled`}`.text;
}

/** The places of a migration. */
export interface MigrationRun {
  /** The output directory. */
  readonly outdir: string;
  /** The commit whose output gets the annotations. */
  readonly commit: string;
  readonly kept: readonly KeptObject[];
}

/**
 * Writes the first of the two commits: `migration.yaml`, and the committed output with the annotations that the file asks for.
 * The sources stay as they are.
 *
 * @throws FORGE-CLI-024 if the change of the program is committed already
 * @jsii ignore
 */
export function writeMigration({ outdir, commit, kept }: MigrationRun): void {
  const directory = path.dirname(path.resolve(outdir));
  const root = rootOf(directory);
  const [base, head] = [baseOf(root, commit), 'HEAD'].map((one) => hashOf(root, one));
  if (base !== head) {
    throw ForgeError.of({
      code: 'FORGE-CLI-024',
      message: `the change of the program is committed already, after ${quoted(commit)}`,
      allowed: '--migrate before the commit, since the annotations are a commit of their own, before the change',
      fix: `take the commits back and keep their changes with \`git reset --soft ${commit}\`, then run the command again`,
    });
  }
  const file = path.join(directory, MigrationFile.NAME);
  const present = MigrationFile.in(directory).kept;
  const all = new Map([...present, ...kept].map((one) => [JSON.stringify(one), one]));
  restore(root, path.resolve(outdir));
  annotate(root, kept);
  fs.writeFileSync(file, new MigrationFile([...all.values()]).render());
}

/** Brings the output and the image lock back to the last commit. Files of others stay. */
function restore(root: string, outdir: string): void {
  const inRoot = (file: string): string => path.relative(root, file).split(path.sep).join('/');
  const planned = ownFiles(outdir);
  const lock = lockIn(outdir);
  const isCommitted = (file: string): boolean => git(root, ['cat-file', '-e', `HEAD:${inRoot(file)}`]).status === 0;
  const files = [outdir, lock].filter(isCommitted).map((file) => `:(literal)${inRoot(file)}`);
  git(root, ['restore', '--source=HEAD', '--worktree', '--', ...files]);
  const left = new Set(ownFiles(outdir));
  planned
    .filter((file) => !left.has(file) && !isCommitted(path.join(outdir, file)))
    .forEach((file) => fs.rmSync(path.join(outdir, file), { force: true }));
}

/** Returns the image lock; under its usual name if there is no plan. */
function lockIn(outdir: string): string {
  try {
    return lockOf(readPlan(outdir), outdir);
  } catch {
    return path.join(path.dirname(outdir), 'images.yaml');
  }
}

/** Returns the files that the plan of an output directory lists, apart from paths that lead out of it. */
function ownFiles(outdir: string): string[] {
  try {
    const { files } = JSON.parse(fs.readFileSync(path.join(outdir, '.cdk8s-forge.json'), 'utf8')) as {
      files?: unknown;
    };
    const isInside = (file: string): boolean => !path.relative(outdir, path.join(outdir, file)).startsWith('..');
    return Array.isArray(files) ? files.map(String).filter(isInside) : [];
  } catch {
    return [];
  }
}

function annotate(root: string, kept: readonly KeptObject[]): void {
  for (const directory of new Set(kept.map((one) => one.directory))) {
    const names = new Set(kept.filter((one) => one.directory === directory).map(nameOf));
    const files = new CommittedTree(root, 'HEAD').filesBelow(directory) ?? new Map<string, string>();
    for (const [name, text] of files) {
      const [objects, documents] = [objectsIn(new OneFile(name, text), directory) ?? [], text.split(/^---\n/m)];
      const changed = documents.map((document, i) => {
        const object = objects[i];
        const isListed =
          object !== undefined &&
          path.posix.dirname(name) === directory &&
          names.has(nameOf({ ...object.id, directory }));
        return isListed ? annotated(document) : document;
      });
      fs.writeFileSync(path.join(root, name), changed.join('---\n'));
    }
  }
}

function nameOf({ directory, group = '', kind, namespace = '', name }: KeptObject): string {
  return [directory, group, kind, namespace, name].join('|');
}

/** Returns a document of the emitter with the annotation, at the place where the emitter writes it. */
function annotated(document: string): string {
  const lines = document.split(/(?<=\n)/);
  const metadata = lines.indexOf('metadata:\n');
  if (lines[metadata + 1] !== '  annotations:\n') {
    // No key of metadata comes before annotations.
    lines.splice(metadata + 1, 0, '  annotations:\n', LINE);
    return lines.join('');
  }
  const next = lines.findIndex(
    (line, i) =>
      i > metadata + 1 && (!line.startsWith('    ') || (/^ {4}\S/.test(line) && keyIn(line) >= `${GROUP}/prune`)),
  );
  if (keyIn(lines[next]) !== `${GROUP}/prune`) {
    lines.splice(next, 0, LINE);
  }
  return lines.join('');
}

function keyIn(line: string): string {
  return line.trim().replace(/^"|"?:( .*)?$/g, '');
}

/** A tree of one file. */
class OneFile extends WorkingTree {
  constructor(
    private readonly name: string,
    private readonly text: string,
  ) {
    super('');
  }

  override filesBelow(): ReadonlyMap<string, string> {
    return new Map([[this.name, this.text]]);
  }
}

function hashOf(root: string, commit: string): string {
  return git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`]).stdout.trim();
}

function git(root: string, args: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' });
}
