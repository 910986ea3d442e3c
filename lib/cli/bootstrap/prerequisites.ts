import { PlannedCluster } from '../plan';
import { Kubectl } from '../run/kubectl';
import { hasCommand, lastLines, runCommand } from '../run/process';
import { installArguments, KnownOperator, operatorOf } from './operators';

/** The Flux Operator, which installs Flux by a FluxInstance. */
const FLUX_OPERATOR = 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator';

/** The kinds of Flux that every cluster needs. */
const FLUX_KINDS = ['gitrepositories.source.toolkit.fluxcd.io', 'kustomizations.kustomize.toolkit.fluxcd.io'];

/** The kinds of the image controllers. */
const IMAGE_KINDS = ['imagerepositories', 'imagepolicies', 'imageupdateautomations'].map(
  (name) => `${name}.image.toolkit.fluxcd.io`,
);

/** The objects that keep Flux as they describe it: their labels are on the kinds of Flux. */
const KEEPERS = [
  {
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    remedy: (components: readonly string[]) =>
      `run flux bootstrap again with --components-extra=${components.join(',')}`,
  },
  {
    group: 'fluxcd.controlplane.io',
    kind: 'FluxInstance',
    remedy: (components: readonly string[]) => `add ${components.join(' and ')} to its spec.components`,
    /** The way to install Flux that changes the object itself. */
    installer: 'operator',
  },
];

/** The circumstances of the installation of prerequisites. */
export interface PrerequisitesRun {
  readonly cluster: PlannedCluster;
  readonly environment: NodeJS.ProcessEnv;
  readonly kubectl: Kubectl;
  readonly flux: 'install' | 'operator' | 'none';
  readonly operators: 'helm' | 'none';
  readonly dryRun: boolean;
}

/** Everything that the cluster needs before the program's own objects: only what this program uses. */
export class Prerequisites {
  constructor(private readonly run: PrerequisitesRun) {}

  /** Returns the version of the cluster. */
  async reach(): Promise<string> {
    for (const tool of ['kubectl', 'git']) {
      if (!(await hasCommand(tool, this.run.environment))) {
        throw new Error(`${tool} is not installed`);
      }
    }
    const text = await this.run.kubectl.run(['get', '--raw', '/version', '--request-timeout', '20s']);
    const { gitVersion } = JSON.parse(text) as { gitVersion?: string };
    return `Kubernetes ${gitVersion}`;
  }

  /** Installs Flux with the controllers that the program needs, unless they are there. */
  async flux(): Promise<string> {
    const { components, minimum } = this.run.cluster.flux;
    const missing = await this.missingKinds([...FLUX_KINDS, ...(components.length > 0 ? IMAGE_KINDS : [])]);
    if (missing.length === 0) {
      const version = await this.fluxVersion();
      if (version !== undefined && isOlder(version, minimum)) {
        throw new Error(`Flux ${version} is older than ${minimum}: upgrade Flux`);
      }
      return `there${version === undefined ? '' : `, version ${version}`}`;
    }
    if (missing.every((kind) => IMAGE_KINDS.includes(kind))) {
      await this.assertNobodyKeepsFlux(components);
    }
    const command = this.fluxCommand();
    if (this.run.flux === 'none') {
      throw new Error(`the cluster has no ${missing.join(', ')}: install Flux, for example with ${command.join(' ')}`);
    }
    if (this.run.dryRun) {
      return `to install: ${command.join(' ')}`;
    }
    await this.tool(command);
    if (this.run.flux === 'operator') {
      await this.run.kubectl.apply(this.fluxInstance());
    }
    await this.wait([...FLUX_KINDS, ...(components.length > 0 ? IMAGE_KINDS : [])]);
    return 'installed';
  }

  /** Installs the operators that the program needs, unless they are there or the program installs them itself. */
  async operators(): Promise<string> {
    const { cluster, operators, dryRun } = this.run;
    const served = new Set((await this.run.kubectl.run(['api-versions'])).split('\n'));
    const absent = cluster.apis.filter((api) => !served.has(api));
    const unknown = absent.filter((api) => operatorOf(api) === undefined);
    const known = [...new Set(absent.map(operatorOf))].filter(
      (operator): operator is KnownOperator => operator !== undefined && !cluster.charts.includes(operator.chart),
    );
    const commands = known.map((operator) => ['helm', ...installArguments(operator)]);
    if (unknown.length > 0 && cluster.charts.length === 0) {
      throw new Error(`the cluster does not serve ${unknown.join(', ')}: install the operator of this API`);
    }
    if (operators === 'none' && commands.length > 0) {
      throw new Error(
        `the cluster has no ${known.map(({ title }) => title).join(', ')}: run ${commands.map((one) => one.join(' ')).join('; ')}`,
      );
    }
    if (!dryRun) {
      for (const command of commands) {
        await this.tool(command);
      }
    }
    const names = known.map(({ title }) => title).join(', ');
    return names === '' ? 'all there' : `${dryRun ? 'to install' : 'installed'}: ${names}`;
  }

  /** Creates the namespaces that the program does not create, with the Pod Security level of their workloads. */
  async namespaces(): Promise<string> {
    const { namespaces, namespace } = this.run.cluster;
    const done: string[] = [];
    for (const { name, level } of [{ name: namespace, level: undefined }, ...namespaces]) {
      const label = 'pod-security.kubernetes.io/enforce';
      const found = await this.run.kubectl.find<{ metadata: { labels?: Record<string, string> } }>(['namespace', name]);
      if (found !== undefined && (level === undefined || found.metadata.labels?.[label] === level)) {
        continue;
      }
      done.push(level === undefined ? name : `${name} (${level})`);
      if (!this.run.dryRun) {
        const labels = level === undefined ? {} : { labels: { [label]: level } };
        await this.run.kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...labels } });
      }
    }
    return done.length === 0 ? 'all there' : `${this.run.dryRun ? 'to create' : 'created'}: ${done.join(', ')}`;
  }

  private async missingKinds(kinds: readonly string[]): Promise<string[]> {
    const text = await this.run.kubectl.run(['get', 'customresourcedefinitions', '--output', 'name']);
    return kinds.filter((kind) => !text.includes(`/${kind}\n`));
  }

  /** Returns the version of Flux, which its installation notes at each kind. */
  private async fluxVersion(): Promise<string | undefined> {
    return (await this.fluxLabels())['app.kubernetes.io/version']?.replace(/^v/, '');
  }

  private async fluxLabels(): Promise<Record<string, string>> {
    const found = await this.run.kubectl.find<{ metadata: { labels?: Record<string, string> } }>([
      'customresourcedefinition',
      FLUX_KINDS[0],
    ]);
    return found?.metadata.labels ?? {};
  }

  /**
   * Fails if an object in the cluster keeps Flux as it is described elsewhere, and would undo an installation of image
   * controllers: the Kustomization that `flux bootstrap` creates, or a FluxInstance.
   */
  private async assertNobodyKeepsFlux(components: readonly string[]): Promise<void> {
    const labels = await this.fluxLabels();
    const keeper = KEEPERS.find(({ group }) => labels[`${group}/name`] !== undefined);
    if (keeper !== undefined && keeper.installer !== this.run.flux) {
      const { group, kind, remedy } = keeper;
      const name = `${labels[`${group}/namespace`]}/${labels[`${group}/name`]}`;
      throw new Error(
        `Flux has no image controllers, and ${kind} ${name} undoes other installations: ${remedy(components)}`,
      );
    }
  }

  private fluxCommand(): string[] {
    const { namespace, flux } = this.run.cluster;
    if (this.run.flux === 'operator') {
      return [
        'helm',
        'upgrade',
        '--install',
        'flux-operator',
        FLUX_OPERATOR,
        '--namespace',
        namespace,
        '--create-namespace',
        '--wait',
      ];
    }
    const extra = flux.components.length > 0 ? [`--components-extra=${flux.components.join(',')}`] : [];
    return ['flux', 'install', ...extra, '--namespace', namespace];
  }

  private fluxInstance(): object {
    const { namespace, flux } = this.run.cluster;
    const own = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'];
    const distribution = { version: '2.x', registry: 'ghcr.io/fluxcd' };
    return {
      apiVersion: 'fluxcd.controlplane.io/v1',
      kind: 'FluxInstance',
      metadata: { name: 'flux', namespace },
      spec: { distribution, components: [...own, ...flux.components] },
    };
  }

  private async wait(kinds: readonly string[]): Promise<void> {
    for (const end = Date.now() + 300_000; ;) {
      const missing = await this.missingKinds(kinds);
      if (missing.length === 0) {
        return;
      }
      if (Date.now() > end) {
        throw new Error(`after the installation, the cluster still has no ${missing.join(', ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  private async tool([file, ...args]: string[]): Promise<void> {
    const { environment } = this.run;
    if (!(await hasCommand(file, environment))) {
      throw new Error(`${file} is not installed, which runs ${[file, ...args].join(' ')}`);
    }
    const { code, stderr } = await runCommand(file, args, { environment, timeout: 600 });
    if (code !== 0) {
      throw new Error(`${file}: ${lastLines(stderr)}`);
    }
  }
}

/** Returns whether a version is older than another one. */
function isOlder(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  const at = b.findIndex((part, i) => (a[i] ?? 0) !== part);
  return at >= 0 && (a[at] ?? 0) < b[at];
}
