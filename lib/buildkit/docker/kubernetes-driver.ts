import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { quantity } from '../../kube';
import { Registry } from '../../registry';
import { DNS_LABEL, fingerprint, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { checkedOption, imageOf } from './builder-image';
import { KubernetesDriverOptions } from './driver-options';
import { KnownDriver, OWN_CACHES } from './known-driver';
import { canConfigure, registryFiles } from './registry-files';
import { assertSecret } from './remote-tls';

/**
 * The driver `kubernetes`. buildx reads the registries of a rootless pod from another path than it writes them to, so that
 * pods are privileged.
 *
 * @internal
 */
export class KubernetesDriver implements KnownDriver {
  readonly name = 'kubernetes';
  readonly isForClientsOnly = false;
  readonly isComplete = true;
  readonly cacheKinds = OWN_CACHES;
  readonly tools = ['buildx'];
  readonly script = ['buildx-config', 'buildx-kubernetes']
    .map((name) => scriptText(__dirname, `${name}.sh`))
    .join('\n');
  readonly stateSize?: Size | undefined;

  private readonly options: string[];
  private readonly kubeconfig: string;

  constructor(props: KubernetesDriverOptions) {
    const { namespace, kubeconfig, storage } = props;
    checkedOption('namespace', namespace, {
      pattern: DNS_LABEL,
      allowed: 'a-z, 0-9 and "-", at most 63 characters',
      example: 'ci',
    });
    assertSecret('kubeconfig', kubeconfig);
    this.kubeconfig = kubeconfig;
    this.stateSize = storage;
    this.options = optionsOf(props);
  }

  canUse(registry: Registry): boolean {
    return canConfigure(registry);
  }

  connectFrom(_client: Construct, _podLabels: Record<string, string>): BuilderConnection {
    return BuilderConnection.none();
  }

  /** Returns the variables. The name of the workload changes with its configuration, because buildx never changes a workload. */
  environment(registries: readonly Registry[]): Record<string, string> {
    const files = registryFiles(registries);
    return {
      BUILDER: `forge-${fingerprint(...this.options, ...Object.values(files)).slice(0, 10)}`,
      BUILDER_OPTIONS: this.options.join('\n'),
      ...files,
      BUILDER_KUBECONFIG: this.kubeconfig,
    };
  }
}

/** Returns the values of `--driver-opt`, in the CSV format of buildx. */
function optionsOf(props: KubernetesDriverOptions): string[] {
  const { namespace, storage, replicas, resources = {}, nodeSelector = {} } = props;
  checkedOption('replicas', String(replicas ?? 1), { pattern: /^[1-9]\d{0,2}$/, allowed: '1 or more', example: '1' });
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  labels.forEach((label) =>
    checkedOption('nodeSelector', label, {
      pattern: /^[A-Za-z0-9][A-Za-z0-9./_-]*=[A-Za-z0-9._-]*$/,
      allowed: 'labels of nodes',
      example: 'kubernetes.io/arch=arm64',
    }),
  );
  const { cpuRequestMillis, cpuLimitMillis, memoryRequest, memoryLimit } = resources;
  const values: Record<string, string | undefined> = {
    image: imageOf(props),
    namespace,
    replicas: replicas === undefined ? undefined : String(replicas),
    'persistent-volume-claim.requests.storage': storage && quantity(storage),
    'requests.cpu': cpuRequestMillis === undefined ? undefined : `${cpuRequestMillis}m`,
    'limits.cpu': cpuLimitMillis === undefined ? undefined : `${cpuLimitMillis}m`,
    'requests.memory': memoryRequest && quantity(memoryRequest),
    'limits.memory': memoryLimit && quantity(memoryLimit),
    nodeselector: labels.length === 0 ? undefined : labels.join(','),
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (value!.includes(',') ? `"${key}=${value}"` : `${key}=${value}`));
}
