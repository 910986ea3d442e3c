import { Construct, IConstruct } from 'constructs';
import { constructed, ConstructKind, ForgeError, handedOver, needsEngine, quoted, register } from '../support';
import { checkAsManifest, checkName } from './beside-manifests';
import { ManagedValue } from './managed-value';
import { isInGit, isPlainPath, producedText } from './output-path';

const OUTPUT_FILE = Symbol.for('cdk8s-forge.OutputFile');

/** The property of the root of a tree with the files of the tree, by directory. Each file is added as it is created. */
const BY_DIRECTORY = Symbol.for('cdk8s-forge.OutputFiles');

/** The files of a tree by their first three directories, such as `repositories/team/app`. */
type FilesByDirectory = Map<string, OutputFile[]>;

/**
 * The kind under which the model finds every OutputFile.
 *
 * @jsii ignore
 */
export const OUTPUT_FILES = new ConstructKind<OutputFile>('OutputFile');

/**
 * A file of the output that is not a manifest.
 */
export interface OutputFileProps {
  /** The path relative to the output directory, with `/` between directories, for example `host/laptop/daemon.json`. */
  readonly path: string;

  /** The complete text of the file. */
  readonly content: string;

  /**
   * Whether to make the file executable.
   *
   * @default false
   */
  readonly executable?: boolean;
}

/**
 * A file below the output directory that is not a manifest, such as a workflow, a script or a configuration file. The
 * configuration file can be for a machine outside the cluster.
 *
 * The file is written, compared and pruned like every other file of the output. The file name must not end in `.yaml`,
 * because the cdk8s CLI treats each `.yaml` file as a manifest. The file must not contain a managed image value,
 * because Flux does not edit the file.
 *
 * @example
 *
 * new OutputFile(app, 'notes', { path: 'host/laptop/NOTES.md', content: 'Nothing to do by hand.\n' });
 */
export class OutputFile extends Construct {
  /** Returns whether `x` is an OutputFile, including an instance from another copy of this library. */
  static isOutputFile(x: unknown): x is OutputFile {
    return x !== null && typeof x === 'object' && OUTPUT_FILE in x;
  }

  /**
   * Returns the files below the three directories `directory` in the tree of a construct, without a walk through the tree.
   *
   * @internal
   */
  static _below(construct: IConstruct, directory: string): OutputFile[] {
    const files = indexOf(construct).get(directory) ?? [];
    return files.filter(isInTree).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The path of the file, relative to the output directory. */
  readonly path: string;

  /** Whether to make the file executable. */
  readonly executable: boolean;

  private readonly source: unknown;

  /**
   * @throws FORGE-OUT-001 for a path that leaves the output directory, that the cdk8s CLI would take for a manifest, or that synth
   * itself writes, FORGE-OUT-012 for a name among manifests that Flux or kustomize treats specially
   */
  constructor(scope: Construct, id: string, props: OutputFileProps) {
    const made = constructed(OutputFile, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.path = props.path;
    this.executable = props.executable ?? false;
    this.source = props.content;
    this.checkPath();
    Object.defineProperty(this, OUTPUT_FILE, { value: true });
    register(this, OUTPUT_FILES);
    needsEngine(this, 'an OutputFile');
    const [index, directory] = [indexOf(this), this.path.split('/').slice(0, 3).join('/')];
    index.set(directory, [...(index.get(directory) ?? []), this]);
  }

  /** The complete text of the file. */
  get content(): string {
    return producedText(this.source);
  }

  /**
   * Returns the content after a check for managed values.
   *
   * @internal
   */
  _checkedContent(): string {
    const { content } = this;
    const managed = ManagedValue.within(content);
    if (managed.length > 0) {
      throw ForgeError.at(this, {
        code: 'FORGE-OUT-004',
        message: `${quoted(this.path)} contains the image ${quoted(managed[0].image)}, but Flux edits manifests only`,
        fix: 'put the image into a manifest: any field that holds it alone is kept up to date',
      });
    }
    checkAsManifest(this, content);
    return content;
  }

  private checkPath(): void {
    const safe = isPlainPath(this.path) && !isInGit(this.path);
    checkName(this);
    if (isReserved(this.path)) {
      throw ForgeError.at(this, {
        code: 'FORGE-OUT-001',
        message: `${quoted(this.path)} is the name of a file that synth itself writes`,
        allowed: 'a name other than RUNBOOK.md, .cdk8s-forge.json and construct-metadata.json',
        fix: 'rename the file',
        symptom: 'no error: synth overwrites the file',
      });
    }
    if (safe && !/\.yaml$/i.test(this.path)) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-OUT-001',
      message: `${quoted(this.path)} is not a path for an output file`,
      allowed:
        'folders and a name of letters, digits, ".", "_" and "-", joined by "/", below the output directory; not ending in ".yaml"',
      fix: safe
        ? 'end it in ".yml", ".json", ".toml" or ".sh": `cdk8s synth` takes every .yaml below dist/ for a Kubernetes manifest'
        : 'write it relative to the output directory',
    });
  }
}

function indexOf({ node: { root } }: IConstruct): FilesByDirectory {
  const holder = root as IConstruct & { [BY_DIRECTORY]?: FilesByDirectory };
  if (holder[BY_DIRECTORY] === undefined) {
    Object.defineProperty(holder, BY_DIRECTORY, { value: new Map() });
  }
  return holder[BY_DIRECTORY]!;
}

/** Returns whether a file, or a construct above the file, was not removed from the tree. */
function isInTree({ node: { scopes } }: OutputFile): boolean {
  return scopes.every((one, i) => i === 0 || scopes[i - 1].node.tryFindChild(one.node.id) === one);
}

/** Returns whether synth or the cdk8s CLI writes a file of this name, also a temporary one. Some disks ignore case. */
function isReserved(file: string): boolean {
  return /^(runbook\.md|construct-metadata\.json|\.{1,2}cdk8s-forge\.json(\..*)?|\.construct-metadata\.json\..*)$/i.test(
    file,
  );
}
