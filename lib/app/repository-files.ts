import * as fs from 'node:fs';
import * as path from 'node:path';
import { AdoptedManifest, AdoptedText } from '../flux';
import { ImageLock, LockedImage, PlannedFile, readIfPresent, RootFile } from '../output';
import { ForgeError, Problem, Problems, quoted } from '../support';
import { Model } from '../model';

/**
 * A collection of files that are in the repository outside the output directory: generated files, and adopted manifests
 * that users write manually.
 *
 * @jsii ignore
 */
export class RepositoryFiles {
  /** Versions of the adopted manifests, by policy. */
  readonly deployed = new Map<string, LockedImage>();

  private readonly readable: AdoptedManifest[] = [];
  private readonly texts = new Map<string, string | undefined>();

  /**
   * @param root the root of the repository
   * @param model what is adopted and generated
   * @param problems where to note what is wrong
   */
  constructor(
    private readonly root: string,
    private readonly model: Model,
    private readonly problems: Problems,
  ) {
    for (const adopted of model.adopted) {
      const obstacle = this.obstacle(adopted);
      const found = obstacle ? [obstacle] : ForgeError.problemsIn(() => this.read(adopted), adopted.node.path);
      found.forEach((problem) => problems.add(problem));
    }
  }

  /** Returns the files to write, which are the files with text that differs from the expected text. */
  plan(lock: ImageLock): PlannedFile[] {
    return [...this.adoptedFiles(lock), ...this.generatedFiles()];
  }

  private adoptedFiles(lock: ImageLock): PlannedFile[] {
    const before = new Map(this.texts);
    const owners = new Map<string, AdoptedManifest>();
    for (const adopted of this.readable) {
      const change = () => {
        this.texts.set(adopted.file, this.parsed(adopted).withVersion(lock.get(adopted.image.policy)!));
      };
      ForgeError.problemsIn(change, adopted.node.path).forEach((problem) => this.problems.add(problem));
      owners.set(adopted.file, adopted);
    }
    return [...owners]
      .filter(([file]) => this.texts.get(file) !== before.get(file))
      .map(([file, adopted]) => ({
        path: file,
        text: this.texts.get(file)!,
        executable: this.isExecutable(file),
        origin: adopted.node.path,
      }));
  }

  private generatedFiles(): PlannedFile[] {
    return this.model.rootFiles.flatMap((file) => {
      const present = readIfPresent(path.join(this.root, file.path));
      const text = file.content;
      if (present === text) {
        return [];
      }
      if (present !== undefined && !RootFile.isGenerated(present)) {
        this.problems.add(handWritten(file));
      }
      return [{ path: file.path, text, executable: file.executable, origin: file.node.path }];
    });
  }

  private parsed({ file, image }: AdoptedManifest): AdoptedText {
    const managed = this.model.images.find((found) => found.image.policy === image.policy)!.image;
    return new AdoptedText(this.text(file)!, file, managed);
  }

  private text(file: string): string | undefined {
    if (!this.texts.has(file)) {
      this.texts.set(file, readIfPresent(path.join(this.root, file)));
    }
    return this.texts.get(file);
  }

  private read(adopted: AdoptedManifest): void {
    const { policy } = adopted.image;
    const { version } = this.parsed(adopted);
    if (version && !this.deployed.has(policy)) {
      this.deployed.set(policy, version);
    }
    this.readable.push(adopted);
  }

  private isExecutable(file: string): boolean {
    return (fs.statSync(path.join(this.root, file)).mode & 0o111) !== 0;
  }

  private obstacle({ file, image, node }: AdoptedManifest): Problem | undefined {
    if (!this.model.images.some((found) => found.image.policy === image.policy)) {
      return {
        code: 'FORGE-APP-007',
        message: `the image of policy ${quoted(image.policy)} is adopted in ${quoted(file)}, but no ImagePolicy of this app has that name`,
        fix: 'use the image of an ImagePolicy that is part of this app',
        path: node.path,
      };
    }
    if (this.text(file) !== undefined) {
      return undefined;
    }
    return {
      code: 'FORGE-FLUX-030',
      message: `${quoted(file)} is not there`,
      fix: 'give the path of a manifest from the root of the repository, the folder of images.yaml',
      path: node.path,
    };
  }
}

function handWritten(file: RootFile): Problem {
  return {
    code: 'FORGE-OUT-006',
    message: `${quoted(file.path)} exists and does not say that this library wrote it`,
    fix: 'move it elsewhere or delete it; a generated file says so in its first lines',
    path: file.node.path,
  };
}
