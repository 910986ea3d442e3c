import { PlanSections, PlannedFile } from '../output';
import { Check, Findings, Symptom } from '../support';
import { Model } from '../model';
import { REPOSITORY_FILES } from '../workflow';

/**
 * Returns the sections of the plan file: what a program needs to know to bootstrap, verify and deliver the output. The
 * sections come only from the model, so that a moved tag never changes them, and contain no secret value.
 *
 * @jsii ignore
 */
export function planSections(model: Model, files: readonly PlannedFile[]): PlanSections {
  return {
    clusters: model.clusters.map((cluster) => ({
      name: cluster.name,
      namespace: cluster.namespace,
      entry: cluster.entryPath,
      layers: layersOf(model, cluster.name),
    })),
    secrets: distinct(
      model.secrets.map(({ namespace, secretName, type, keys, home, origin, tokenScope }) => ({
        ...(namespace === undefined ? {} : { namespace }),
        name: secretName,
        type,
        keys: [...keys].sort(),
        home: home ?? 'kubernetes',
        origin: origin ?? 'created by hand',
        ...(tokenScope === undefined ? {} : { tokenScope }),
      })),
    ),
    repositories: repositories(model, files),
    checks: distinct(model.advice.flatMap(({ checks = [] }) => checks.map(checkEntry))),
    symptoms: distinct(model.advice.flatMap(({ symptoms = [] }) => symptoms.map(symptomEntry))),
    acknowledgements: distinct(model.constructs.flatMap((construct) => Findings.of(construct).acknowledgements)),
  };
}

function layersOf(model: Model, cluster: string): string[] {
  const charts = [...model.charts.values()].filter(
    (chart) => chart.cluster?.name === cluster && !chart.cluster._isEntry(chart.chart) && chart.objects.length > 0,
  );
  const layers = new Map(charts.map(({ layer }) => [layer.name, layer.order]));
  return [...layers].sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/**
 * Returns the files for other repositories. The output directory keeps them below `repositories/<owner>/<name>`. Two
 * forges can have repositories of one name.
 */
function repositories(model: Model, files: readonly PlannedFile[]): object[] {
  const known = model.all(REPOSITORY_FILES).map(({ repository, path }) => ({ repository, path }));
  const urls = new Map(known.map(({ repository: r, path }) => [`repositories/${r.fullName}/${path}`, r.cloneUrl]));
  const all = new Map<string, { readonly name: string; readonly url?: string; readonly files: string[] }>();
  for (const { path } of files) {
    const [, name, file] = /^repositories\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    if (name !== undefined) {
      const url = urls.get(path);
      const key = url ?? name;
      all.set(key, {
        name,
        ...(url === undefined ? {} : { url }),
        files: [...(all.get(key)?.files ?? []), file].sort(),
      });
    }
  }
  return [...all.values()];
}

function checkEntry({ about, title, good, commands, run, expect, symptom, token, authority }: Check): object {
  const steps = run ?? commands ?? [];
  const authorities = [token?.authority, authority].filter((one) => one !== undefined);
  return {
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

function distinct<T extends object>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}
