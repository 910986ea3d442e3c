import * as path from 'node:path';
import { ForgeError, quoted } from '../support';
import { readIfPresent, writeIfDifferent } from './write-file';

/**
 * The sections of the plan file, apart from the list of files. Each section is a list, and each entry is one line.
 *
 * @jsii ignore
 */
export type PlanSections = Record<string, readonly object[]>;

/**
 * The plan file of an output directory, which lists this library's own files. The next run uses the list to remove obsolete files
 * and to recognize files of other owners.
 */
export class OutputPlan {
  /** The name of the file. */
  static readonly NAME = '.cdk8s-forge.json';

  constructor(private readonly root: string) {}

  /** Returns the names of the clusters of the last run. */
  clusters(): string[] {
    const { clusters } = this.content();
    return (Array.isArray(clusters) ? (clusters as ({ name?: unknown } | null)[]) : [])
      .map((cluster) => cluster?.name)
      .filter((name): name is string => typeof name === 'string');
  }

  /**
   * Returns the files that the last run owned.
   *
   * @throws FORGE-OUT-008 for a plan file that is not readable
   */
  owned(): string[] {
    const { files } = this.content();
    if (!Array.isArray(files)) {
      throw unreadable(this.root);
    }
    // Read like any foreign input: a line that points outside the directory must never lead to a removal there.
    return files.filter((f): f is string => typeof f === 'string' && isInside(f));
  }

  /** Returns the text of the file for the files and sections of a run. */
  textOf(files: readonly string[], sections: PlanSections): string {
    return planText(files, sections);
  }

  /** Writes the files and sections of a run. */
  claim(files: readonly string[], sections: PlanSections): void {
    writeIfDifferent(path.join(this.root, OutputPlan.NAME), this.textOf(files, sections));
  }

  private content(): { readonly files?: unknown; readonly clusters?: unknown } {
    const text = readIfPresent(path.join(this.root, OutputPlan.NAME));
    if (text === undefined) {
      return { files: [] };
    }
    try {
      return (JSON.parse(text) as { files?: unknown } | null) ?? {};
    } catch {
      throw unreadable(this.root);
    }
  }
}

/** Returns the plan file as JSON with one entry per line, sorted, so that Git merges changes of different entries. */
function planText(files: readonly string[], sections: PlanSections): string {
  const list = (entries: readonly unknown[]) =>
    entries.length === 0
      ? '[]'
      : `[\n${entries
          .map((entry) => `    ${JSON.stringify(entry)}`)
          .sort()
          .join(',\n')}\n  ]`;
  const head = {
    comment: 'Written by cdk8s-forge: the files in this directory that it owns, and its plan.',
    version: 1,
  };
  const keys = [
    ...Object.entries(head).map(([key, value]) => `  "${key}": ${JSON.stringify(value)}`),
    ...Object.entries({ files, ...sections }).map(([key, entries]) => `  "${key}": ${list(entries)}`),
  ];
  return `{\n${keys.join(',\n')}\n}\n`;
}

function unreadable(root: string): ForgeError {
  const folder = path.basename(root);
  return ForgeError.of({
    code: 'FORGE-OUT-008',
    message: `${quoted(`${folder}/${OutputPlan.NAME}`)} is not readable as JSON with a list of files, perhaps because of a merge conflict`,
    fix: `restore the file: \`git checkout HEAD -- ${folder}/${OutputPlan.NAME}\`; or delete ${folder}/ and synthesize again, which writes every file again`,
  });
}

function isInside(file: string): boolean {
  return (
    !path.isAbsolute(file) &&
    file.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\\'))
  );
}
