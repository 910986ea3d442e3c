import { ForgeError } from '../support';
import { ForgeApi, ForgeFailure } from './forge/forge-api';
import { PlanFile, PlannedCluster } from './plan';
import { Kubectl } from './run/kubectl';
import { CheckResult } from './verify';

/** The file that a smoke test changes. */
const FILE = '.cdk8s-forge-smoke';

/** The pause before the next look, in milliseconds. */
const PAUSE = 2000;

/** The circumstances of a smoke test. */
export interface SmokeRun {
  readonly plan: PlanFile;
  /** The name of the repository that gets a commit. */
  readonly repository: string;
  readonly api: ForgeApi;
  readonly kubectl: Kubectl;
  /** The seconds that each step may take. */
  readonly seconds: number;
  /** A text that differs each time. */
  readonly stamp: string;
}

interface ImagePolicy {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status?: { readonly latestRef?: { readonly tag?: string; readonly digest?: string } };
}

interface WorkflowRun {
  readonly head_sha: string;
  readonly status: string;
  readonly conclusion?: string | null;
  readonly html_url?: string;
}

/**
 * Follows one commit through the platform: the forge builds it, a policy chooses the new image, and Flux commits the tag.
 * A step that fails ends the test.
 *
 * @throws FORGE-CLI-027 for a repository that has no workflow of the program
 */
export async function smoke(run: SmokeRun, report: (result: CheckResult) => void): Promise<CheckResult[]> {
  const known = run.plan.repositories.map(({ name }) => name);
  if (!known.includes(run.repository)) {
    throw ForgeError.of({
      code: 'FORGE-CLI-027',
      message: `the program has no workflow in ${run.repository}`,
      allowed: known.join(', ') || 'no repository',
      fix: 'set --smoke to a repository whose image the program builds',
    });
  }
  const all: CheckResult[] = [];
  const step = async (title: string, good: string, work: () => Promise<string>): Promise<boolean> => {
    const base = { about: `Smoke test of \`${run.repository}\``, title, good };
    const result = await work().then(
      (): CheckResult => ({ ...base, state: 'passed' }),
      (e: unknown): CheckResult => ({ ...base, state: 'failed', output: e instanceof Error ? e.message : String(e) }),
    );
    all.push(result);
    report(result);
    return result.state === 'passed';
  };
  let [commit, tag, before] = ['', '', new Map<string, string>()];
  await ((await step('The repository takes a commit', 'a commit', async () => {
    before = await chosen(run.kubectl);
    return (commit = await pushed(run));
  })) &&
    (await step('The commit is built', 'all runs of the commit succeed', () => built(run, commit))) &&
    (await step('A policy chooses the image', 'another tag than before', async () => {
      return (tag = await newTag(run, before));
    })) &&
    step('Flux commits the tag', 'the tag is in the image lock', () => committed(run, tag)));
  return all;
}

/** Changes a file of the repository, which starts its workflow, and returns the commit. */
async function pushed({ api, repository, stamp }: SmokeRun): Promise<string> {
  const path = `repos/${repository}/contents/${FILE}`;
  const present = await api.find<{ sha: string }>(path);
  const method = present === undefined && !api.isGitHub ? 'POST' : 'PUT';
  const answer = await api.ask<{ commit?: { sha?: unknown } }>(method, path, {
    message: 'Test the platform',
    content: Buffer.from(`${stamp}\n`).toString('base64'),
    ...(present === undefined ? {} : { sha: present.sha }),
  });
  const sha = answer?.commit?.sha;
  if (typeof sha !== 'string') {
    throw new ForgeFailure(undefined, `the answer of ${api.forge.url} names no commit`);
  }
  return sha;
}

async function built({ api, repository, seconds }: SmokeRun, commit: string): Promise<string> {
  return eventually(seconds, async () => {
    const path = `repos/${repository}/actions/runs?head_sha=${commit}&limit=50`;
    const { workflow_runs: runs = [] } = await api.ask<{ workflow_runs?: WorkflowRun[] }>('GET', path);
    const own = runs.filter(({ head_sha: of }) => of === commit);
    const failed = own.find(({ conclusion }) => conclusion && !/^(success|skipped|neutral)$/.test(conclusion));
    if (failed !== undefined) {
      throw new Error(`a run ended with ${failed.conclusion}: ${failed.html_url ?? ''}`);
    }
    const isDone = own.length > 0 && own.every(({ conclusion }) => conclusion);
    return { value: isDone ? commit : undefined, waits: own.length === 0 ? 'no run has started' : 'a run is not over' };
  });
}

/** Returns the image that each policy has chosen. */
async function chosen(kubectl: Kubectl): Promise<Map<string, string>> {
  const list = await kubectl.find<{ items: ImagePolicy[] }>(['imagepolicies.image.toolkit.fluxcd.io', '-A']);
  const entries = (list?.items ?? []).map(({ metadata: { namespace, name }, status }): [string, string] => {
    const { tag = '', digest = '' } = status?.latestRef ?? {};
    return [`${namespace}/${name}`, `${tag}${digest === '' ? '' : `@${digest}`}`];
  });
  return new Map(entries);
}

async function newTag({ kubectl, seconds }: SmokeRun, before: Map<string, string>): Promise<string> {
  return eventually(seconds, async () => {
    const now = [...(await chosen(kubectl))];
    const [, value] = now.find(([name, image]) => image !== '' && before.get(name) !== image) ?? [];
    return { value, waits: 'no policy has chosen another image: does the registry have it, and does Flux scan it?' };
  });
}

async function committed({ plan, api, seconds }: SmokeRun, image: string): Promise<string> {
  const [tag] = image.split('@');
  return eventually(seconds, async () => {
    const locks = await Promise.all(plan.clusters.map((cluster) => lockOf(api, cluster)));
    const isThere = locks.some((text) => text.includes(tag));
    return { value: isThere ? tag : undefined, waits: `${tag} is in no image lock: can Flux push to the repository?` };
  });
}

/** Returns the image lock that the branch of a cluster has. */
async function lockOf(api: ForgeApi, { source, lock = 'images.yaml' }: PlannedCluster): Promise<string> {
  const branch = source.branch === undefined ? '' : `?ref=${encodeURIComponent(source.branch)}`;
  const file = await api.find<{ content?: string }>(`repos/${source.repository}/contents/${lock}${branch}`);
  return Buffer.from(file?.content ?? '', 'base64').toString();
}

/** Looks until there is a value, or the time is over. */
async function eventually(
  seconds: number,
  look: () => Promise<{ readonly value?: string; readonly waits: string }>,
): Promise<string> {
  for (const end = Date.now() + seconds * 1000; ;) {
    const { value, waits } = await look();
    if (value !== undefined) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`after ${seconds} seconds, ${waits}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
