import * as fs from 'node:fs';
import * as path from 'node:path';
import { AdoptedManifest, AdoptedText, Cluster } from '../flux';
import { Model } from '../model';
import {
  bytesIfPresent,
  ImageLock,
  LockedImage,
  ManagedImage,
  obstacleAt,
  OutputDirectory,
  PlannedFile,
  readIfPresent,
  reportingErrors,
  RootFile,
} from '../output';
import { ForgeError, Problem, Problems, quoted, SaidWarning } from '../support';
import { Images, unknownImage } from './images';

/** An adopted manifest together with the image as the manifest's cluster knows it. */
interface Readable {
  readonly adopted: AdoptedManifest;
  readonly managed: ManagedImage;
}

/**
 * A collection of files that are in the repository outside the output directory: generated files, and adopted manifests
 * that users write manually.
 *
 * @jsii ignore
 */
export class RepositoryFiles {
  /** Versions of the adopted manifests, by policy. */
  readonly deployed = new Map<string, LockedImage>();
  /** Places in adopted manifests that Flux does not update. The texts stay the same after each commit of Flux. */
  readonly warnings: SaidWarning[] = [];

  private readonly readable: Readable[] = [];
  private readonly texts = new Map<string, string | undefined>();

  /**
   * @param root the root of the repository
   * @param content what is adopted and generated, and the images of each cluster
   * @param problems where to note what is wrong
   */
  constructor(
    private readonly root: string,
    private readonly content: {
      readonly model: Model;
      readonly images: Images;
      /** The name of the image lock in the root. */
      readonly lockName: string;
      /** The output directory, relative to the root. */
      readonly outputPath: string;
    },
    private readonly problems: Problems,
  ) {
    const owners = new Map<string, AdoptedManifest>();
    for (const adopted of content.model.adopted) {
      const other = owners.get(adopted.file);
      problems.collect(() => {
        if (other && Cluster.tryOf(other) !== Cluster.tryOf(adopted)) {
          throw ofTwoClusters(adopted, other);
        }
        this.read(adopted);
      });
      owners.set(adopted.file, adopted);
    }
  }

  /** Returns the files to write, which are the files with text that differs from the expected text. */
  plan(lock: ImageLock): PlannedFile[] {
    this.reportCollisions();
    return [...this.adoptedFiles(lock), ...this.generatedFiles()];
  }

  /** Reports files of the repository that two constructs write, or that the output directory or the image lock is. */
  private reportCollisions(): void {
    const { model, lockName, outputPath } = this.content;
    const adopted = new Map(model.adopted.map(({ file, node }) => [file, node.path]));
    const claims = [
      ...[...adopted].map(([file, origin]) => ({ path: file, text: '', origin })),
      ...model.rootFiles.map((file) => ({ path: file.path, text: '', origin: file.node.path })),
    ];
    const own = [
      { path: lockName, text: '', origin: 'the image lock' },
      { path: outputPath, text: '', origin: 'the output directory' },
    ];
    OutputDirectory.collisionsIn([...own, ...claims]).all.forEach((problem) => this.problems.add(problem));
  }

  private adoptedFiles(lock: ImageLock): PlannedFile[] {
    const before = new Map(this.texts);
    const owners = new Map<string, AdoptedManifest>();
    for (const { adopted, managed } of this.readable) {
      const change = () => {
        this.texts.set(adopted.file, this.parsed(adopted, managed).withVersion(lock.get(managed.policy)!));
      };
      ForgeError.problemsIn(change, adopted.node.path).forEach((problem) => this.problems.add(problem));
      owners.set(adopted.file, adopted);
    }
    return [...owners]
      .filter(([file]) => this.texts.get(file) !== before.get(file))
      .map(([file, adopted]) => ({
        path: file,
        text: this.texts.get(file)!,
        origin: adopted.node.path,
      }));
  }

  private generatedFiles(): PlannedFile[] {
    return this.content.model.rootFiles.flatMap((file) => {
      const found: (string | undefined)[] = [];
      const unreadable = ForgeError.problemsIn(() => {
        found.push(reportingErrors(file.path, () => obstacleAt(this.root, file.path)));
      }, file.node.path);
      const obstacles = found.filter((one) => one !== undefined).map((one) => blocked(file, one));
      if (unreadable.length + obstacles.length > 0) {
        [...unreadable, ...obstacles].forEach((problem) => this.problems.add(problem));
        return [];
      }
      const present = readIfPresent(path.join(this.root, file.path));
      const text = file.content;
      if (present === text && this.isExecutable(file.path) === file.executable) {
        return [];
      }
      if (present !== undefined && !RootFile.isGenerated(present)) {
        this.problems.add(handWritten(file));
      }
      return [{ path: file.path, text, executable: file.executable, origin: file.node.path }];
    });
  }

  private parsed({ file }: AdoptedManifest, managed: ManagedImage): AdoptedText {
    return new AdoptedText(this.text(file)!, file, managed);
  }

  private text(file: string): string | undefined {
    if (!this.texts.has(file)) {
      const content = bytesIfPresent(path.join(this.root, file));
      this.texts.set(file, content && AdoptedText.decoded(content, file));
    }
    return this.texts.get(file);
  }

  private read(adopted: AdoptedManifest): void {
    ForgeError.problemsIn(() => {
      const image = adopted.image._declaredBy.node.path;
      const managed = this.content.images.managedIn(image, Cluster.tryOf(adopted));
      if (managed === undefined) {
        throw unknownImage(image);
      }
      if (this.text(adopted.file) === undefined) {
        throw ForgeError.at(adopted, notThere(adopted));
      }
      const other = this.readable.find(
        (one) =>
          one.adopted.file === adopted.file &&
          one.managed.name === managed.name &&
          one.managed.policy !== managed.policy,
      );
      if (other) {
        throw ofTwoPolicies(adopted, other);
      }
      const { version, named, warnings } = this.parsed(adopted, managed);
      named.slice(0, 1).forEach((where) => adopted.image._assertWritesName(where));
      if (version && !this.deployed.has(managed.policy)) {
        this.deployed.set(managed.policy, version);
      }
      warnings.forEach((text) => this.warnings.push({ path: adopted.node.path, text }));
      this.readable.push({ adopted, managed });
    }, adopted.node.path).forEach((problem) => this.problems.add(problem));
  }

  private isExecutable(file: string): boolean {
    return (fs.statSync(path.join(this.root, file)).mode & 0o111) !== 0;
  }
}

function notThere({ file, node }: AdoptedManifest): Problem {
  return {
    code: 'FORGE-FLUX-030',
    message: `${quoted(file)} is not there`,
    fix: 'give the path of a manifest from the root of the repository, the folder of images.yaml',
    path: node.path,
  };
}

function ofTwoClusters(adopted: AdoptedManifest, other: AdoptedManifest): ForgeError {
  return ForgeError.at(adopted, {
    code: 'FORGE-APP-012',
    message: `${quoted(adopted.file)} is adopted in two clusters: here and at ${quoted(other.node.path)}`,
    fix: 'adopt the file in one cluster, and copy it for the other',
    symptom: 'the automations of both clusters write into the same line',
  });
}

function ofTwoPolicies(adopted: AdoptedManifest, other: Readable): ForgeError {
  return ForgeError.at(adopted, {
    code: 'FORGE-APP-012',
    message: `${quoted(adopted.file)} is adopted for two images with the name ${quoted(other.managed.name)}: here and at ${quoted(other.adopted.node.path)}`,
    fix: 'adopt the file for one of the images, or move the manifests of the other image to a file of their own',
    symptom: 'no error: all places of the image follow one of the two policies',
  });
}

function blocked(file: RootFile, obstacle: string): Problem {
  return {
    code: 'FORGE-OUT-007',
    message: `${quoted(file.path)} cannot be written into the repository: ${obstacle}`,
    fix: 'move or delete what is there, then synthesize again; outside the output directory, the library deletes no files, not even its own',
    path: file.node.path,
  };
}

function handWritten(file: RootFile): Problem {
  return {
    code: 'FORGE-OUT-006',
    message: `${quoted(file.path)} exists and does not say that this library wrote it`,
    fix: 'move it elsewhere or delete it; a generated file says so in its first lines',
    path: file.node.path,
  };
}
