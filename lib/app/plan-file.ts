import { ManagedImage, PlanSections, PlannedFile } from '../output';
import { Acknowledgement, Findings, SaidWarning, Symptom } from '../support';
import { Model } from '../model';
import { REPOSITORY_FILES } from '../workflow';
import { PlacedCheck, placedChecks } from './check-cluster';
import { clusterEntries, forgeEntries } from './plan-clusters';
import { secretEntries } from './plan-secrets';

/**
 * Returns the sections of the plan file: what a program needs to know to bootstrap, verify and deliver the output. The
 * sections come only from the model, so that a moved tag never changes them, and contain no secret value.
 *
 * @jsii ignore
 */
export function planSections(model: Model, { files, warnings, images }: PlanFacts): PlanSections {
  return {
    clusters: clusterEntries(model),
    forges: forgeEntries(model),
    secrets: distinct(secretEntries(model)),
    repositories: repositories(model, files),
    checks: distinct(placedChecks(model).map(checkEntry)),
    symptoms: distinct(model.advice.flatMap(({ symptoms = [] }) => symptoms.map(symptomEntry))),
    warnings: distinct([...warnings, ...warningsIn(model)]),
    images: images.map(({ policy, initialTag }) => ({ policy, initialTag })),
    acknowledgements: distinct(acknowledgementsIn(model)),
  };
}

/** Returns the acknowledgements of all constructs. A construct without metadata has none of its own. */
function acknowledgementsIn({ constructs }: Model): Acknowledgement[] {
  return constructs.flatMap((construct) =>
    construct.node.metadata.length === 0 ? [] : Findings.of(construct).acknowledgements,
  );
}

/**
 * A set of facts that the plan file has besides the model.
 *
 * @jsii ignore
 */
export interface PlanFacts {
  readonly files: readonly PlannedFile[];
  /** The warnings of checks over the whole program. */
  readonly warnings: readonly SaidWarning[];
  /** The images that Flux manages. */
  readonly images: readonly ManagedImage[];
}

function warningsIn({ advice }: Model): SaidWarning[] {
  return advice.flatMap(({ path, warnings = [] }) => warnings.map((text) => ({ path, text })));
}

/** The files for a repository. */
interface PlannedFiles {
  readonly name: string;
  readonly url?: string;
  readonly forge?: string;
  readonly files: string[];
}

/**
 * Returns the files for other repositories. The output directory keeps them below `repositories/<owner>/<name>`. Two
 * forges can have repositories of one name.
 */
function repositories(model: Model, files: readonly PlannedFile[]): object[] {
  const known = new Map(
    model
      .all(REPOSITORY_FILES)
      .map(({ repository, path }) => [`repositories/${repository.fullName}/${path}`, repository]),
  );
  const all = new Map<string, PlannedFiles>();
  for (const { path } of files) {
    const [, name, file] = /^repositories\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    if (name !== undefined) {
      const repository = known.get(path);
      const key = repository?.cloneUrl ?? name;
      const planned = all.get(key) ?? {
        name,
        ...(repository === undefined ? {} : { url: repository.cloneUrl, forge: repository.forge.url }),
        files: [],
      };
      planned.files.push(file);
      all.set(key, planned);
    }
  }
  all.forEach((planned) => planned.files.sort());
  return [...all.values()];
}

function checkEntry({
  cluster,
  about,
  title,
  good,
  commands,
  run,
  expect,
  symptom,
  token,
  authority,
}: PlacedCheck): object {
  const steps = run ?? commands ?? [];
  const authorities = [token?.authority, authority].filter((one) => one !== undefined);
  return {
    ...(cluster === undefined ? {} : { cluster }),
    about,
    title,
    good,
    ...(steps.length > 0 ? { run: steps, expect } : {}),
    ...(token === undefined ? {} : { token: { page: token.page, scope: token.scope } }),
    ...(authorities.length === 0 ? {} : { authorities }),
    ...(symptom === undefined ? {} : { symptom }),
  };
}

function symptomEntry({ seen, cause, fix, look }: Symptom): object {
  return { seen, cause, fix, ...(look === undefined ? {} : { diagnose: look }) };
}

/** Returns entries, equal ones once. */
export function distinct<T extends object>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}
