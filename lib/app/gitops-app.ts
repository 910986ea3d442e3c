import * as path from 'node:path';
import { App, AppProps, Chart, YamlOutputType } from 'cdk8s';
import { CarryingResolver, Model } from '../model';
import { canonicalFile, isInGit, OutputDirectory, readIfPresent, writeAtomically, writeIfDifferent } from '../output';
import { checkConstruction, collectFailures, declareEngine, ForgeError, Problems, quoted } from '../support';
import { isDryRun, printChanges } from './dry-run';
import { reportingFailures } from './reporting-failures';
import { chartsInOrder } from './order';
import { Plan, planOf } from './plan';
import { isProgram } from './program';
import { reportUncaught } from './uncaught';

reportUncaught();

/** A set of properties that configure the app. The properties of cdk8s's own `App` keep their meaning. */
export interface GitOpsAppProps extends AppProps {
  /**
   * Path of the image lock.
   *
   * @default 'images.yaml' - in the current directory: the root of the repository
   */
  readonly imageLock?: string;

  /**
   * Whether `synth()` reports all constructs that could not be created, together with everything else that is wrong. A
   * constructor or method then does not throw a ForgeError: it returns an object in place of the one that could not be
   * created, and the program goes on. Nothing is written.
   *
   * @default true - false in tests: if a tool of `node_modules` runs the program, such as a test runner, calls throw
   */
  readonly collectErrors?: boolean;
}

/** The output directory in the repository, if the app writes to another place, for example for a comparison. */
const DEFAULT_OUTPUT = 'dist';

/**
 * A cdk8s app that has its output committed and applied by Flux.
 *
 * Compared with `App`, it checks everything before it writes anything, renders each object once, and names files by the
 * path of their chart. It writes only changes, removes files that it no longer creates, and keeps the versions that
 * Flux chose (`images.yaml`).
 *
 * @example
 *
 * const app = new GitOpsApp();
 * new Chart(app, 'apps', { namespace: 'apps' });
 * app.synth();
 */
export class GitOpsApp extends App {
  private readonly lockFile: string;

  /**
   * @throws FORGE-APP-002 for a `yamlOutputType` other than one file a chart, FORGE-APP-014 for an image lock in the output directory
   */
  constructor(props: GitOpsAppProps = {}) {
    checkConstruction(GitOpsApp, new.target, arguments);
    super({ ...props, resolvers: [new CarryingResolver(props.resolvers)] });
    this.lockFile = props.imageLock ?? 'images.yaml';
    if (this.outdir === '') {
      // An empty variable of the environment means the default, as everywhere else.
      Object.assign(this, { outdir: DEFAULT_OUTPUT });
    }
    assertLockOutside(this.lockFile, this.outdir);
    assertOutsideGit(this.outdir, this.lockFile);
    declareEngine(this, { outputPath: this.outputPath, lockPath: path.basename(this.lockFile) });
    if (props.collectErrors ?? isProgram()) {
      collectFailures(this);
    }
    if (this.yamlOutputType !== YamlOutputType.FILE_PER_CHART) {
      throw ForgeError.of({
        code: 'FORGE-APP-002',
        message: `yamlOutputType ${YamlOutputType[this.yamlOutputType]} is not supported`,
        allowed: 'FILE_PER_CHART, the default',
        fix: 'leave it out: a file a chart keeps the differences small, and Flux takes a folder of them',
      });
    }
  }

  /** All charts, each after the charts that it depends on. */
  get charts(): Chart[] {
    const model = Model.outline(this);
    return chartsInOrder([...model.charts.keys()], model.chartDependencies);
  }

  /**
   * Checks the whole app, then updates the output directory and the image lock to match the app. With `FORGE_DRY_RUN=1`, it
   * prints the files that it would change, and writes nothing.
   *
   * @throws a ForgeError with everything that is wrong; then nothing has been written
   */
  synth(): void {
    const plan = this.plan();
    const directory = new OutputDirectory(path.resolve(this.outdir));
    directory.foreignFilesIn(plan.files).throwIfAny();
    this.assertSole(directory, plan);
    if (isDryRun()) {
      printChanges(plan, { outdir: this.outdir, lockFile: this.lockFile, others: this.metadataFiles(plan) });
      return;
    }
    directory.write(plan.files, plan.sections);
    plan.repositoryFiles.forEach((file) =>
      writeIfDifferent(
        path.join(path.dirname(this.lockFile), file.path),
        file.text,
        file.executable === undefined ? undefined : file.executable ? 0o755 : 0o644,
      ),
    );
    this.metadataFiles(plan).forEach((file) => writeAtomically(file.path, file.text));
    this.writeLock(plan);
  }

  /**
   * Rejects an output directory that another app writes, as far as this can be told: the directory has clusters, and neither a
   * cluster nor a file is of this app.
   */
  private assertSole(directory: OutputDirectory, { files, sections }: Plan): void {
    const clusters = (sections.clusters as readonly { readonly name: string }[]).map(({ name }) => name);
    if (directory.isOfAnotherApp(files, clusters)) {
      const folder = path.resolve(this.outdir);
      throw ForgeError.of({
        code: 'FORGE-OUT-010',
        message: `${quoted(path.basename(folder))} contains the output of another app, and no file of this app`,
        allowed: 'an output directory per app',
        fix: `set outdir of each app to a directory of its own, such as 'dist-a'; if the app has new names for everything, delete ${path.basename(folder)}/ first`,
        symptom: 'no error: each synth deletes the files of the other app, and Flux deletes their objects',
      });
    }
  }

  /**
   * Returns the documents that `synth()` writes, as one text, with charts in dependency order. This method writes no
   * files.
   *
   * @throws a ForgeError with everything that is wrong
   */
  synthYaml(): string {
    return canonicalFile(this.plan().documents);
  }

  /**
   * Reports whether the app records construct metadata. A prop sets the value, or the cdk8s CLI when validation plugins
   * run. The value is private in `App`.
   */
  private get recordsMetadata(): boolean {
    return (this as unknown as { recordConstructMetadata: boolean }).recordConstructMetadata;
  }

  private plan(): Plan {
    const problems = new Problems();
    return reportingFailures(this, problems, () =>
      planOf(this, problems, {
        lockFile: this.lockFile,
        outputPath: this.outputPath,
        isInPlace: this.outputBelowRoot !== undefined,
        extension: this.outputFileExtension,
      }),
    );
  }

  /** The output directory relative to the root of the repository. */
  private get outputPath(): string {
    return this.outputBelowRoot ?? DEFAULT_OUTPUT;
  }

  private get outputBelowRoot(): string | undefined {
    const relative = path.relative(path.dirname(path.resolve(this.lockFile)), path.resolve(this.outdir));
    const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
    return isInside ? relative.split(path.sep).join('/') : undefined;
  }

  private writeLock(plan: Plan): void {
    const present = readIfPresent(this.lockFile);
    if (present === undefined && !plan.managesImages) {
      return;
    }
    const text = plan.lock.render();
    if (text !== present) {
      writeAtomically(this.lockFile, text);
    }
  }

  /** Returns the file of the construct metadata, if the app records them. */
  private metadataFiles({ metadata }: Plan): { path: string; text: string }[] {
    const text = JSON.stringify({ version: '1.0.0', resources: metadata });
    return this.recordsMetadata ? [{ path: path.join(this.outdir, 'construct-metadata.json'), text }] : [];
  }
}

/** Rejects an image lock that the cdk8s CLI would delete. The CLI empties the output directory before each synth. */
function assertLockOutside(lockFile: string, outdir: string): void {
  const relative = path.relative(path.resolve(outdir), path.resolve(lockFile));
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-APP-014',
    message: `imageLock ${quoted(lockFile)} is inside outdir ${quoted(outdir)}`,
    allowed: 'a path outside the output directory, which `cdk8s synth` empties first',
    fix: "set imageLock to 'images.yaml' in the root of the repository, and outdir to a directory such as 'dist'",
    symptom: 'no error: every synth starts from the initial tags again',
  });
}

/** Rejects an output directory or image lock in the Git directory, where Git commits nothing and may lose everything. */
function assertOutsideGit(outdir: string, lockFile: string): void {
  const inGit = [outdir, lockFile].find((one) => isInGit(path.resolve(one).split(path.sep).join('/')));
  if (inGit !== undefined) {
    throw ForgeError.of({
      code: 'FORGE-APP-020',
      message: `${quoted(inGit)} is inside a Git directory`,
      allowed: 'outdir and imageLock outside of .git',
      fix: "set outdir to a directory such as 'dist', and imageLock to 'images.yaml'",
      symptom: 'no error: Git commits nothing of it, and Flux sees nothing',
    });
  }
}
