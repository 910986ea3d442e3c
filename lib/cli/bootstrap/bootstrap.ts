import { ForgeError } from '../../support';
import { ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { lockOf, PlanFile, PlannedCluster } from '../plan';
import { Kubectl } from '../run/kubectl';
import { Secrets } from '../secret/secrets';
import { ValueSources } from '../secret/values';
import { WantedSecret } from '../secret/wanted';
import { ClusterFiles } from './entry';
import { Prerequisites } from './prerequisites';
import { waitUntilReady, withoutImage } from './readiness';
import { ensureRepository, LocalSource } from './source';

/** The circumstances of a bootstrap. */
export interface BootstrapRun {
  readonly plan: PlanFile;
  readonly cluster: PlannedCluster;
  /** The root of the repository, and the output directory. */
  readonly root: string;
  readonly outdir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly kubectl: Kubectl;
  readonly forges: Forges;
  readonly token?: string;
  /** The secrets that the cluster needs, without those that others create. */
  readonly secrets: readonly WantedSecret[];
  readonly sources: ValueSources;
  /** The way in which Flux is installed. */
  readonly flux: 'install' | 'operator' | 'none';
  /** The way in which operators are installed. */
  readonly operators: 'helm' | 'none';
  /** Whether to apply the layers before there is a repository: the platform installs the forge itself. */
  readonly forgeInside: boolean;
  readonly dryRun: boolean;
  /** The seconds after which a wait fails. */
  readonly timeout: number;
  readonly report: (line: string) => void;
}

function withoutToken(page: string): string {
  return `Without FORGE_TOKEN, the repository is not created: create a token of an administrator at ${page}, and set FORGE_TOKEN`;
}

/**
 * Sets up a cluster, step by step. Each step looks at the cluster first and does what is missing, so that the command
 * can run again after a failure and on a cluster that runs.
 */
export class Bootstrap {
  private readonly files: ClusterFiles;
  private readonly secrets: Secrets;

  constructor(private readonly run: BootstrapRun) {
    this.files = new ClusterFiles(run.root, run.cluster);
    this.secrets = new Secrets(run);
  }

  /**
   * Runs all steps.
   *
   * @returns whether all layers are ready, apart from those that wait for the first build
   * @throws FORGE-CLI-016 for a step that cannot be done
   */
  async all(): Promise<boolean> {
    const { run } = this;
    await this.step('committed output', () => this.committed());
    const prerequisites = new Prerequisites(run);
    await this.step('tools and cluster', () => prerequisites.reach());
    await this.step('Flux', () => prerequisites.flux());
    await this.step('operators', () => prerequisites.operators());
    await this.step('namespaces', () => prerequisites.namespaces());
    if (run.forgeInside) {
      await this.step('secrets', () => this.create(run.secrets.filter((secret) => !this.needsForge(secret))));
      await this.step('layers, applied directly', () => this.applyLayers());
      await this.step('forge', () => this.forgeAnswers());
    }
    await this.step('repository', () => this.repository());
    await this.step('secrets', () => this.create(run.secrets));
    await this.step('entry point', () => this.entry());
    return run.dryRun || this.ready();
  }

  private async step(name: string, work: () => Promise<string>): Promise<void> {
    try {
      this.run.report(`${this.run.dryRun ? 'step' : 'done'}: ${name}: ${await work()}`);
    } catch (e) {
      if (e instanceof ForgeError) {
        throw e;
      }
      throw ForgeError.of({
        code: 'FORGE-CLI-016',
        message: `${name}: ${e instanceof Error ? e.message : String(e)}`,
        fix: 'correct what the message names, and run the command again: it continues with this step',
      });
    }
  }

  private get source(): LocalSource {
    const { root, environment, cluster, token } = this.run;
    return new LocalSource(root, cluster, { environment, token });
  }

  private async committed(): Promise<string> {
    const open = await this.source.uncommitted([this.run.outdir, lockOf(this.run.plan, this.run.outdir)]);
    if (open.length > 0 && !this.run.dryRun) {
      throw new Error(`${open.length} files are not committed, among them ${open[0]}: commit the output first`);
    }
    return open.length === 0 ? 'yes' : `${open.length} files are not committed`;
  }

  /** A secret that the forge stores, or with a token that the forge creates. */
  private needsForge({ home, mint, scopes, forge: at }: WantedSecret): boolean {
    const { forge } = this.run.cluster.source;
    return home === 'actions' || mint !== undefined || (scopes.length > 0 && (at ?? forge) === forge);
  }

  private async create(wanted: readonly WantedSecret[]): Promise<string> {
    const statuses = await this.secrets.status(wanted);
    const unknown = statuses.find(({ state }) => state === 'unknown');
    const missing = statuses.filter(({ state }) => state === 'missing' || state === 'incomplete');
    if (this.run.dryRun) {
      return missing.length === 0 ? 'all there' : `to create: ${missing.map(({ secret }) => secret.place).join(', ')}`;
    }
    const changes = await this.secrets.create(
      missing.map(({ secret }) => secret),
      this.run.sources,
      {},
    );
    const failed = changes.find(({ state }) => state === 'failed');
    if (failed !== undefined) {
      throw new Error(`${failed.place}: ${failed.text}`);
    }
    const created = changes.length === 0 ? 'all there' : `created ${changes.map(({ place }) => place).join(', ')}`;
    return unknown === undefined ? created : `${created}; not known: ${unknown.secret.place}: ${unknown.reason}`;
  }

  private async applyLayers(): Promise<string> {
    const { cluster, kubectl, environment, dryRun } = this.run;
    const applied: string[] = [];
    for (const folder of cluster.layers.flatMap((layer) => this.files.layerFolders(layer))) {
      if (!dryRun) {
        await this.files.apply(folder, kubectl, environment);
      }
      applied.push(folder);
    }
    return applied.join(', ');
  }

  private async forgeAnswers(): Promise<string> {
    const api = this.run.forges.of(this.run.cluster.source.forge);
    for (const end = Date.now() + this.run.timeout * 1000; ;) {
      try {
        await api.find('version');
        return `${api.forge.url} answers`;
      } catch (e) {
        if (
          this.run.dryRun ||
          Date.now() > end ||
          (e instanceof ForgeFailure && e.status !== undefined && e.status < 500)
        ) {
          throw e;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }

  private async repository(): Promise<string> {
    const { forge, repository, url } = this.run.cluster.source;
    const api = this.run.forges.of(forge);
    const state = api.hasToken
      ? await ensureRepository(api, repository, this.run.dryRun)
      : 'not looked for, without FORGE_TOKEN';
    if (this.run.dryRun && state === 'created') {
      return 'to create, and to push';
    }
    const isPushed = await this.source.push(this.run.dryRun).catch((e: unknown) => {
      throw api.hasToken
        ? e
        : new Error(`${e instanceof Error ? e.message : String(e)}. ${withoutToken(api.forge.tokenPage)}`);
    });
    return `${repository} ${state}, ${isPushed ? `pushed to ${url}` : 'has this commit'}`;
  }

  private async entry(): Promise<string> {
    const { cluster, kubectl, environment, dryRun } = this.run;
    if (!dryRun) {
      await this.files.apply(cluster.entry, kubectl, environment);
    }
    return dryRun ? `to apply: ${cluster.entry}` : `applied ${cluster.entry}`;
  }

  /** Waits for the source and each layer, and prints a line for each. */
  private async ready(): Promise<boolean> {
    const { kubectl, timeout: seconds, report } = this.run;
    for (const object of this.files.reconciled()) {
      const policies = object.kind === 'Kustomization' ? this.files.policiesOf(object.name) : [];
      const unbuilt = await withoutImage(kubectl, policies);
      const say = (line: string) => report(`  ${object.kind} ${object.name}: ${line}`);
      // Before the first build, no node can pull the image: Flux waits for it.
      const isHopeless = async () => unbuilt.length > 0;
      const { isReady, message } = await waitUntilReady(kubectl, object, { seconds, report: say, isHopeless });
      if (isReady) {
        report(`ready: ${object.kind} ${object.name}`);
      } else if (unbuilt.length > 0) {
        report(`waits for the first build: ${object.kind} ${object.name}: ${unbuilt.join(', ')}`);
      } else {
        report(`not ready: ${object.kind} ${object.name}: ${message}`);
        return false;
      }
    }
    return true;
  }
}
