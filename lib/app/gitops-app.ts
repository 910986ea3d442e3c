import * as path from 'node:path';
import { App, AppProps, Chart, Names, YamlOutputType } from 'cdk8s';
import { canonicalFile, ImageLock, OutputDirectory, PlannedFile, readIfPresent, writeAtomically } from '../output';
import { ForgeError, Problems, quoted } from '../support';
import { connectClusters, passThroughFiles, reportUnseenPolicies } from './clusters';
import { Manifests } from './manifests';
import { CarryingResolver, ChartModel, Model } from '../model';
import { chartsInOrder, inDependencyOrder } from './order';
import { RepositoryFiles } from './repository-files';
import { runbook } from './runbook';

/** A set of properties that configure the app. The properties of cdk8s's own `App` keep their meaning. */
export interface GitOpsAppProps extends AppProps {
  /**
   * Path of the image lock.
   *
   * @default 'images.yaml' - in the current directory: the root of the repository
   */
  readonly imageLock?: string;
}

/** A plan that contains everything that a synth will do, decided before anything is written. */
interface Plan {
  readonly files: PlannedFile[];
  readonly repositoryFiles: PlannedFile[];
  readonly documents: string[];
  readonly lock: ImageLock;
  readonly managesImages: boolean;
  readonly metadata: Record<string, { path: string }>;
}

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
   * @throws FORGE-APP-002 for a `yamlOutputType` other than one file a chart
   */
  constructor(props: GitOpsAppProps = {}) {
    super({ ...props, resolvers: [new CarryingResolver(props.resolvers)] });
    this.lockFile = props.imageLock ?? 'images.yaml';
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
   * Checks the whole app, then updates the output directory and the image lock to match the app.
   *
   * @throws a ForgeError with everything that is wrong; then nothing has been written
   */
  synth(): void {
    const plan = this.plan();
    const directory = new OutputDirectory(path.resolve(this.outdir));
    directory.foreignFilesIn(plan.files).throwIfAny();
    directory.write(plan.files);
    plan.repositoryFiles.forEach((file) =>
      writeAtomically(
        path.join(path.dirname(this.lockFile), file.path),
        file.text,
        file.executable ? 0o755 : undefined,
      ),
    );
    this.writeMetadata(plan);
    this.writeLock(plan);
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
    connectClusters(Model.outline(this), problems);
    const model = Model.of(this);
    model.problems.forEach((problem) => problems.add(problem));
    reportSharedPolicies(model, problems);
    reportUnseenPolicies(model, problems);
    const images = model.images.map(({ image }) => image);
    const repository = new RepositoryFiles(path.dirname(this.lockFile), model, problems);
    const lock = this.readLock(problems).mergedWith(images, repository.deployed);
    const manifests = new Manifests(images, lock, problems);
    const charts = orderedCharts(model, problems);
    const rendered = charts.map((chart) => ({ chart, documents: documentsOf(chart, { manifests, problems }) }));
    const files = rendered
      .filter(({ documents }) => documents.length > 0)
      .map(({ chart, documents }) => this.manifestFile(chart, documents));
    files.push(...otherFiles(model, problems), ...passThroughFiles(model, problems));
    const repositoryFiles = repository.plan(lock);
    problems.collect(() => {
      const text = runbook(model);
      if (text !== undefined) {
        files.push({ path: 'RUNBOOK.md', text, origin: '' });
      }
    });
    OutputDirectory.collisionsIn(files).all.forEach((problem) => problems.add(problem));
    problems.throwIfAny();
    return {
      files,
      repositoryFiles,
      documents: rendered.flatMap(({ documents }) => documents),
      lock,
      managesImages: images.length > 0,
      metadata: this.recordsMetadata ? metadataOf(charts) : {},
    };
  }

  private manifestFile({ chart, cluster }: ChartModel, documents: string[]): PlannedFile {
    const name = cluster ? cluster._fileOf(chart) : Names.toDnsLabel(chart, { includeHash: false });
    return { path: name + this.outputFileExtension, text: canonicalFile(documents), origin: chart.node.path };
  }

  private readLock(problems: Problems): ImageLock {
    let lock = ImageLock.empty();
    problems.collect(() => {
      const text = readIfPresent(this.lockFile);
      if (text !== undefined) {
        lock = ImageLock.parse(text, path.basename(this.lockFile));
      }
    });
    return lock;
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

  private writeMetadata(plan: Plan): void {
    if (!this.recordsMetadata) {
      return;
    }
    const text = JSON.stringify({ version: '1.0.0', resources: plan.metadata });
    writeAtomically(path.join(this.outdir, 'construct-metadata.json'), text);
  }
}

function orderedCharts(model: Model, problems: Problems): ChartModel[] {
  let charts = [...model.charts.keys()];
  problems.collect(() => {
    charts = chartsInOrder(charts, model.chartDependencies);
  });
  return charts.map((chart) => model.charts.get(chart)!);
}

function documentsOf(
  { chart, cluster, objects }: ChartModel,
  { manifests, problems }: { manifests: Manifests; problems: Problems },
): string[] {
  let ordered = objects;
  problems.collect(() => {
    ordered = inDependencyOrder(chart, objects);
  });
  return ordered.map((object) => manifests.document(object, cluster));
}

function otherFiles(model: Model, problems: Problems): PlannedFile[] {
  return model.files.map((file) => {
    let text = '';
    for (const problem of ForgeError.problemsIn(() => {
      text = file._checkedContent();
    }, file.node.path)) {
      problems.add(problem);
    }
    return { path: file.path, text, executable: file.executable, origin: file.node.path };
  });
}

function reportSharedPolicies(model: Model, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const { construct, image } of model.images) {
    const first = seen.get(image.policy);
    if (first !== undefined) {
      problems.add({
        code: 'FORGE-APP-009',
        message: `two image policies are named ${quoted(image.policy)}: here and at ${quoted(first)}`,
        fix: 'name one of them otherwise: the lock and the markers know a policy by namespace and name only, also across clusters',
        path: construct.node.path,
      });
    }
    seen.set(image.policy, construct.node.path);
  }
}

function metadataOf(charts: ChartModel[]): Record<string, { path: string }> {
  return Object.fromEntries(
    charts.flatMap((c) => c.objects).map((object) => [object.name, { path: object.node.path }]),
  );
}
