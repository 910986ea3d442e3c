import * as path from 'node:path';
import { App, Names } from 'cdk8s';
import { Cluster } from '../flux';
import { ChartModel, imageUses, Manifests, Model } from '../model';
import {
  canonicalFile,
  ImageLock,
  MigrationFile,
  OutputDirectory,
  PlannedFile,
  PlanSections,
  readIfPresent,
} from '../output';
import {
  checkImageRepositories,
  checkObjects,
  checkVersions,
  openRegistrationWarnings,
  repositoryWarnings,
} from '../rules';
import { ForgeError, Problems, SaidWarning } from '../support';
import {
  connectClusters,
  passThroughFiles,
  reportOtherOutput,
  reportStrayCharts,
  reportUnreadExtension,
  reportUnseenPolicies,
} from './clusters';
import { reportTakenEntries } from './taken-entries';
import { Documents } from './documents';
import { Images, reportSharedPolicies } from './images';
import { chartsInOrder, inDependencyOrder } from './order';
import { distinct, planSections } from './plan-file';
import { PullAccess } from './pull-access';
import { RepositoryFiles } from './repository-files';
import { runbookFiles } from './runbook';
import { ImageUsers } from './runbook-places';
import { placedChecks } from './check-cluster';
import { VERIFY_SCRIPT, verifyScript } from './verify-script';

/**
 * A plan that contains everything that a synth will do, decided before anything is written.
 *
 * @jsii ignore
 */
export interface Plan {
  readonly files: PlannedFile[];
  readonly sections: PlanSections;
  readonly repositoryFiles: PlannedFile[];
  readonly documents: string[];
  readonly lock: ImageLock;
  readonly managesImages: boolean;
  readonly metadata: Record<string, { path: string }>;
}

/**
 * A set of facts about the app that a plan depends on.
 *
 * @jsii ignore
 */
export interface PlanOptions {
  /** The path of the image lock. Its directory is the root of the repository. */
  readonly lockFile: string;
  /** The output directory relative to the root of the repository, for example `dist`. */
  readonly outputPath: string;
  /** Reports whether the app writes to that directory, and not to another place for a comparison. */
  readonly isInPlace: boolean;
  /** The end of the names of manifest files. */
  readonly extension: string;
}

/** The parts of a plan that are known before documents are rendered. */
interface Prepared {
  readonly model: Model;
  readonly manifests: Manifests;
  readonly images: Images;
  readonly pullAccess: PullAccess;
  readonly imageUsers: ImageUsers;
}

/**
 * Returns the plan of an app.
 *
 * @param problems collects what is wrong, also if planning stops half way
 * @throws a ForgeError with everything that is wrong
 * @jsii ignore
 */
export function planOf(app: App, problems: Problems, options: PlanOptions): Plan {
  const { model, ...parts } = prepare(app, options, problems);
  model.problems.forEach((problem) => problems.add(problem));
  reportSharedPolicies(model, problems);
  reportUnseenPolicies(model, problems);
  reportStrayCharts(model, problems);
  reportOtherOutput(model, options, problems);
  reportUnreadExtension(model, options.extension, problems);
  const repository = new RepositoryFiles(
    path.dirname(options.lockFile),
    { model, ...parts, lockName: path.basename(options.lockFile), outputPath: options.outputPath },
    problems,
  );
  const managed = parts.images.managed(model);
  const locked = readLock(options.lockFile, problems);
  const outputs = outputsOf(model, options);
  reportTakenEntries(managed, { locked, outputs, root: path.dirname(options.lockFile) }, problems);
  const lock = locked.mergedWith(managed, { deployed: repository.deployed, outputs });
  const migration = readMigration(options, problems);
  const documents = new Documents({ ...parts, lock, migration }, problems);
  const charts = orderedCharts(model, problems);
  const rendered = charts.map((chart) => ({ chart, documents: documentsOf(chart, { documents, problems }) }));
  const files = rendered.flatMap(({ chart, documents: own }) => manifestFiles(chart, own, options));
  checkObjects(model, parts.manifests, problems);
  checkImageRepositories(model, parts.manifests, problems);
  const warnings = checkVersions(model, parts.manifests, problems);
  files.push(...otherFiles(model, problems), ...passThroughFiles(model, problems));
  const repositoryFiles = repository.plan(lock);
  const settings = [...settingsWarnings(model), ...repository.warnings];
  const { imageUsers } = parts;
  problems.collect(() =>
    files.push(...runbookFiles(model, { versions: warnings, settings, imageUsers }), ...verifyFile(model)),
  );
  OutputDirectory.collisionsIn(files).all.forEach((problem) => problems.add(problem));
  problems.throwIfAny();
  return {
    files,
    sections: planSections(model, { files, warnings: [...warnings, ...settings], images: managed }),
    repositoryFiles,
    documents: rendered.flatMap(({ documents: own }) => own.map(({ text }) => text)),
    lock,
    managesImages: managed.length > 0,
    metadata: metadataOf(charts),
  };
}

/**
 * Completes the construct tree with what the uses of images need, and walks the tree once more.
 */
function prepare(app: App, options: PlanOptions, problems: Problems): Prepared {
  const outline = Model.outline(app);
  const manifests = new Manifests();
  const images = new Images(outline, (cluster) => outputOf(cluster, options));
  const uses = imageUses(outline, manifests);
  const places = [
    ...uses.map(({ image, object, chart }) => ({ image, at: object, cluster: chart.cluster })),
    ...outline.adopted.map((adopted) => ({
      image: adopted.image._declaredBy.node.path,
      at: adopted,
      cluster: Cluster.tryOf(adopted),
    })),
  ];
  const pullAccess = new PullAccess(outline, manifests, images);
  const hasPolicies = images.prepare(places, problems);
  const hasAccounts = pullAccess.prepare(uses, problems);
  const isNew = hasPolicies || hasAccounts;
  if (isNew) {
    // What has pods is the program's own and says all it will say; other objects may list what was just created.
    manifests.forget(({ spec }) => typeof (spec as { template?: unknown } | undefined)?.template !== 'object');
  }
  connectClusters(isNew ? Model.outline(app) : outline, problems);
  return { model: Model.of(app), manifests, images, pullAccess, imageUsers: imageUsersOf(uses, images) };
}

/** Returns the charts that use each image, by the policy that decides about the image in their cluster. */
function imageUsersOf(uses: ReturnType<typeof imageUses>, images: Images): ImageUsers {
  const users = new Map<string, Set<string>>();
  for (const { image, chart } of uses) {
    const policy = images.policyOf(image, chart.cluster)?.node.path;
    if (policy !== undefined) {
      users.set(policy, (users.get(policy) ?? new Set()).add(chart.chart.node.path));
    }
  }
  return users;
}

function outputOf(cluster: Cluster | undefined, { outputPath }: PlanOptions): string {
  return cluster ? path.posix.dirname(cluster.entryPath) : outputPath;
}

/** Returns the directories whose entries in the image lock belong to this app. */
function outputsOf({ clusters }: Model, { outputPath }: PlanOptions): string[] {
  return [outputPath, ...clusters.map(outputOfCluster)];
}

/** Returns the output directory of a cluster, relative to the root of the repository. */
function outputOfCluster({ entryPath }: Cluster): string {
  return path.posix.dirname(path.posix.dirname(path.posix.dirname(entryPath)));
}

/** An object as text. */
interface Document {
  readonly text: string;
  /** The directory, if it is not that of the chart. */
  readonly folder?: string;
}

/** Returns the files of a chart: one for each directory. */
function manifestFiles(
  { chart, cluster }: ChartModel,
  documents: readonly Document[],
  { extension }: PlanOptions,
): PlannedFile[] {
  const name = cluster ? cluster._fileOf(chart) : Names.toDnsLabel(chart, { includeHash: false });
  const texts = new Map<string, string[]>();
  for (const { text, folder } of documents) {
    const file = folder === undefined ? name : `${folder}/${path.posix.basename(name)}`;
    const present = texts.get(file);
    if (present) {
      present.push(text);
    } else {
      texts.set(file, [text]);
    }
  }
  return [...texts].map(([file, own]) => ({
    path: file + extension,
    text: canonicalFile(own),
    origin: chart.node.path,
  }));
}

function readLock(lockFile: string, problems: Problems): ImageLock {
  let lock = ImageLock.empty();
  problems.collect(() => {
    const text = readIfPresent(lockFile);
    if (text !== undefined) {
      lock = ImageLock.parse(text, path.basename(lockFile));
    }
  });
  return lock;
}

function readMigration({ lockFile }: PlanOptions, problems: Problems): MigrationFile {
  let migration = new MigrationFile([]);
  problems.collect(() => {
    migration = MigrationFile.in(path.dirname(lockFile));
  });
  return migration;
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
  { documents, problems }: { documents: Documents; problems: Problems },
): Document[] {
  let ordered = objects;
  problems.collect(() => {
    ordered = inDependencyOrder(chart, objects);
  });
  return ordered.map((object) => {
    const folder = cluster?._ownFolderOf(object);
    const directory = cluster && `${outputOfCluster(cluster)}/${folder ?? cluster._folderOf(chart)}`;
    return { text: documents.document(object, { cluster, directory, chart }), folder };
  });
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

function settingsWarnings(model: Model): SaidWarning[] {
  return [...openRegistrationWarnings(model), ...repositoryWarnings(model)];
}

/** Returns the script with the checks, for machines without Node.js. */
function verifyFile(model: Model): PlannedFile[] {
  const checks = distinct(placedChecks(model));
  const symptoms = distinct(model.advice.flatMap(({ symptoms: own = [] }) => own));
  return checks.every(({ commands = [] }) => commands.length === 0)
    ? []
    : [{ path: VERIFY_SCRIPT, text: verifyScript(checks, symptoms), executable: true, origin: '' }];
}

function metadataOf(charts: ChartModel[]): Record<string, { path: string }> {
  return Object.fromEntries(
    charts.flatMap((c) => c.objects).map((object) => [object.name, { path: object.node.path }]),
  );
}
