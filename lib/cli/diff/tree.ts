import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ForgeError, quoted } from '../../support';

/**
 * The files of a repository at one point in time. Paths are relative to the root of the repository, with `/` as separator.
 *
 * @jsii ignore
 */
export interface Tree {
  /** Returns the texts of the files below a directory, or undefined if there is no such directory. */
  filesBelow(directory: string): ReadonlyMap<string, string> | undefined;
  /** Returns the text of a file, or undefined if there is no such file. */
  file(name: string): string | undefined;
}

/** The largest output of git that is read, in bytes. */
const MAX_OUTPUT = 2 ** 30;

/**
 * Returns the root of the repository that contains a directory.
 *
 * @throws FORGE-CLI-020 if the directory is in no git repository
 * @jsii ignore
 */
export function rootOf(directory: string): string {
  return git(directory, ['rev-parse', '--show-toplevel'])
    .toString()
    .replace(/\r?\n$/, '');
}

/**
 * The files of a commit.
 *
 * @jsii ignore
 */
export class CommittedTree implements Tree {
  /** The blobs of the commit, by name. */
  private readonly blobs: ReadonlyMap<string, string>;

  /**
   * @param root the root of the repository
   * @param commit the commit, or a name of it such as `HEAD`
   * @throws FORGE-CLI-020 for a name that is no commit
   */
  constructor(
    private readonly root: string,
    commit: string,
  ) {
    const hash = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`], { commit });
    const listed = git(root, ['ls-tree', '-r', '-z', hash.toString().trim()], { commit }).toString();
    this.blobs = new Map(
      listed.split('\0').flatMap((line): [string, string][] => {
        const [, mode, object, name] = /^(\d+) blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
        return mode !== undefined && /^100/.test(mode) && isRead(name) ? [[name, object]] : [];
      }),
    );
  }

  filesBelow(directory: string): ReadonlyMap<string, string> | undefined {
    const prefix = directory === '' ? '' : `${directory}/`;
    const names = [...this.blobs.keys()].filter((name) => name.startsWith(prefix));
    return names.length === 0 ? undefined : this.contentsOf(names);
  }

  file(name: string): string | undefined {
    return this.blobs.has(name) ? this.contentsOf([name]).get(name) : undefined;
  }

  /** Reads files with one process. */
  private contentsOf(names: readonly string[]): Map<string, string> {
    const input = names.map((name) => `${this.blobs.get(name)}\n`).join('');
    const output = git(this.root, ['cat-file', '--batch'], { input });
    const texts = new Map<string, string>();
    let at = 0;
    for (const name of names) {
      const end = output.indexOf('\n', at);
      const size = Number(output.toString('latin1', at, end).split(' ')[2]);
      texts.set(name, output.toString('utf8', end + 1, end + 1 + size));
      at = end + 1 + size + 1;
    }
    return texts;
  }
}

/**
 * The files on the disk.
 *
 * @jsii ignore
 */
export class WorkingTree implements Tree {
  constructor(private readonly root: string) {}

  filesBelow(directory: string): ReadonlyMap<string, string> | undefined {
    const start = path.join(this.root, directory);
    if (!fs.existsSync(start) || !fs.statSync(start).isDirectory()) {
      return undefined;
    }
    const names = fs.readdirSync(start, { recursive: true }).map(String).filter(isRead).sort();
    const files = names.map((name) => path.join(start, name)).filter((file) => fs.statSync(file).isFile());
    return new Map(
      files.map((file) => [path.relative(this.root, file).split(path.sep).join('/'), fs.readFileSync(file, 'utf8')]),
    );
  }

  file(name: string): string | undefined {
    const file = path.join(this.root, name);
    return fs.existsSync(file) && fs.statSync(file).isFile() ? fs.readFileSync(file, 'utf8') : undefined;
  }
}

/** Returns whether the file can have an object that Flux applies, or is the plan. */
function isRead(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name);
}

interface GitInput {
  readonly commit?: string;
  readonly input?: string;
}

function git(directory: string, args: readonly string[], { commit, input }: GitInput = {}): Buffer {
  const result = spawnSync('git', args, { cwd: directory, input, maxBuffer: MAX_OUTPUT });
  if (result.status === 0) {
    return result.stdout;
  }
  const reason = result.error?.message ?? result.stderr.toString().trim().split('\n')[0];
  throw ForgeError.of({
    code: 'FORGE-CLI-020',
    message:
      commit === undefined
        ? `the output cannot be compared: ${reason || 'git failed'}`
        : `${quoted(commit)} is not a commit of this repository${reason ? `: ${reason}` : ''}`,
    allowed: 'a commit, branch or tag that git rev-parse knows',
    fix: 'run the command in a clone of the GitOps repository; in CI, fetch the branch first (`git fetch origin main`)',
  });
}
