import { Git } from '../git';
import { PlannedRepository } from '../plan';

/** The number of former plans that are read. */
const DEPTH = 200;

/**
 * Returns the repositories for which former commits of the output had files, and for which the plan has none any more.
 * The files of the last delivery are still there.
 */
export async function formerRepositories(
  outdir: string,
  environment: NodeJS.ProcessEnv,
  now: readonly PlannedRepository[],
): Promise<PlannedRepository[]> {
  const git = new Git(outdir, environment);
  const file = './.cdk8s-forge.json';
  const log = await git.try('log', `--max-count=${DEPTH}`, '--format=%H', '--', file);
  const known = new Set(now.map(keyOf));
  const found = new Map<string, PlannedRepository>();
  for (const commit of log.code === 0 ? log.stdout.split('\n').filter((line) => line !== '') : []) {
    const { stdout } = await git.try('show', `${commit}:${file}`);
    for (const repository of repositoriesIn(stdout)) {
      const key = keyOf(repository);
      if (repository.url !== undefined && !known.has(key) && !found.has(key)) {
        found.set(key, { ...repository, files: [] });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function keyOf({ url, name }: PlannedRepository): string {
  return url ?? name;
}

function repositoriesIn(plan: string): PlannedRepository[] {
  try {
    const { repositories } = JSON.parse(plan) as { repositories?: PlannedRepository[] };
    return Array.isArray(repositories) ? repositories.filter(({ name }) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
