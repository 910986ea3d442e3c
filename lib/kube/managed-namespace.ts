import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { DNS_LABEL, ForgeError, lazily, quoted } from '../support';
import { Layer } from './layer';
import { clusterOf } from './once-per-namespace';
import { PodSecurity } from './pod-security';

/**
 * The actions of a namespace for pods that exceed its level: reject the pods, warn the client, write to the audit log.
 */
const MODES = ['enforce', 'warn', 'audit'];

/** A namespace that this cdk8s app creates. */
export interface ManagedNamespaceProps {
  /**
   * Name of the issuer.
   *
   * @default - the namespace of the chart that it is made in
   */
  readonly name?: string;

  /**
   * The Pod Security level that the namespace enforces.
   *
   * @default - the strictest level that admits every workload of this library that lands in it
   */
  readonly podSecurity?: PodSecurity;

  /**
   * The labels in addition to the labels for Pod Security.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;
}

/**
 * A namespace that has the Pod Security label required by its workloads. The level is neither too strict for the
 * workloads nor wider than required.
 *
 * Flux never deletes the namespace, even if the namespace is removed from the cdk8s app. Deleting the namespace would
 * delete all other objects in it.
 *
 * Create the namespace in a separate chart. The namespace requests the first layer, `SECRETS`, because Secrets are
 * created in the namespace too.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/
 *
 * @example
 *
 * new ManagedNamespace(new Chart(app, 'namespaces'), 'ci', { name: 'ci' });
 */
export class ManagedNamespace extends Construct {
  /** Name of the issuer. */
  readonly name: string;

  private readonly stated?: PodSecurity;

  /**
   * @throws FORGE-KUBE-001 if it has no name, or one that Kubernetes does not allow
   * @throws FORGE-KUBE-002 at synth, if the level given does not admit a workload in it
   */
  constructor(scope: Construct, id: string, props: ManagedNamespaceProps = {}) {
    super(scope, id);
    this.name = checkedName(this, props.name ?? Chart.of(this).namespace);
    this.stated = props.podSecurity;
    const level = lazily(() => this.podSecurity.level);
    Layer.SECRETS.mark(this);
    const namespace = new ApiObject(this, 'Resource', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: this.name,
        // Taking a namespace away takes everything in it away, also what others put there.
        annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
        labels: {
          ...props.labels,
          ...Object.fromEntries(MODES.map((mode) => [`pod-security.kubernetes.io/${mode}`, level])),
        },
      },
    });
    // A chart puts its namespace into every object, but a Namespace is in none.
    if (Chart.of(this).namespace) {
      namespace.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * The Pod Security level that the namespace enforces. The level is the configured level, or the strictest level that
   * admits all workloads added so far.
   */
  get podSecurity(): PodSecurity {
    return this.stated ?? this.requirement?.level ?? PodSecurity.RESTRICTED;
  }

  private get requirement() {
    return PodSecurity.requirements(clusterOf(this)).find(({ namespace }) => namespace === this.name);
  }

  private problems(): string[] {
    const { requirement, stated } = this;
    if (!requirement || !stated || stated.admits(requirement.level)) {
      return [];
    }
    const [problem] = stated._refusal(this, requirement).problems;
    return [`${problem.code}: ${problem.message}; fix: ${problem.fix}`];
  }
}

function checkedName(construct: IConstruct, name: string | undefined): string {
  if (name !== undefined && DNS_LABEL.test(name)) {
    return name;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-KUBE-001',
    message:
      name === undefined
        ? 'the namespace has no name, and its chart has no namespace'
        : `${quoted(name)} is not the name of a namespace`,
    allowed: 'a-z, 0-9 and "-", at most 63 characters, first and last a letter or digit',
    fix: "name it: new ManagedNamespace(chart, 'ci', { name: 'ci' })",
  });
}
