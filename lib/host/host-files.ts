import { Construct } from 'constructs';
import { OutputFile } from '../output';
import { BlueprintVolume, RunnerBlueprint, VolumeContent } from '../runner';
import { ForgeError, quoted } from '../support';

/** The options of a file of a machine. */
export interface HostFileOptions {
  /** Whether to make the file executable. @default false */
  readonly executable?: boolean;
}

/** The files of one machine: `host/<name>/` of the output. */
export class HostFiles {
  private readonly written = new Map<string, string>();

  /**
   * @param name name of the directory below `host/`
   */
  constructor(
    private readonly construct: Construct,
    readonly name: string,
  ) {}

  /** The directory of the files, relative to the output directory. */
  get folder(): string {
    return `host/${this.name}`;
  }

  /** Adds a file. A file that is there with the same text is added once. */
  add(path: string, content: string, options: HostFileOptions = {}): void {
    if (this.written.get(path) === content) {
      return;
    }
    this.written.set(path, content);
    new OutputFile(this.construct, `file:${path.replace(/\//g, ':')}`, {
      path: `${this.folder}/${path}`,
      content,
      ...(options.executable ? { executable: true } : {}),
    });
  }

  /**
   * Adds the files of a runner, and the certificates of its CA bundles.
   *
   * @throws FORGE-HOST-003 for a volume whose files are in the cluster
   */
  addTexts({ files, secrets, volumes }: RunnerBlueprint): void {
    const all = [...secrets, ...volumes];
    for (const [name, text] of Object.entries(files)) {
      this.add(fileOf({ name: '', content: VolumeContent.FILES }, name), text);
    }
    for (const volume of all.filter(({ content }) => content === VolumeContent.CONFIG_MAP)) {
      if (volume.texts === undefined) {
        throw this.inCluster(volume);
      }
      Object.entries(volume.texts).forEach(([name, text]) => this.add(fileOf(volume, name), text));
    }
  }

  private inCluster({ name, source = name }: BlueprintVolume): ForgeError {
    return ForgeError.at(this.construct, {
      code: 'FORGE-HOST-003',
      message: `the volume ${quoted(name)} is the ConfigMap ${quoted(source)} of the cluster`,
      fix: 'in `plan` of the executor, put the text into `files`, or set `texts` of the volume',
    });
  }
}

/** Returns the path of a file of a volume, relative to the directory of the machine. */
export function fileOf({ content, source }: BlueprintVolume, name: string): string {
  // `cdk8s synth` takes each .yaml for a manifest.
  return content === VolumeContent.FILES ? name.replace(/\.yaml$/, '.yml') : `certs/${source}/${name}`;
}
