import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { DNS_LABEL, ForgeError, lazily, quoted } from '../support';
import { Layer } from './layer';
import { clusterOf } from './once-per-namespace';
import { PodSecurity } from './pod-security';

/** What a namespace does about pods beyond its level: refuse them, tell the client, write it into the audit log. */
const MODES = ['enforce', 'warn', 'audit'];

/**
 * A namespace that this program makes.
 */
export interface ManagedNamespaceProps {
  /**
   * Its name.
   *
   * @default - the namespace of the chart that it is made in
   */
  readonly name?: string;

  /**
   * The Pod Security level that it enforces.
   *
   * @default - the strictest level that admits every workload of this library that lands in it
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Labels beside those for Pod Security.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;
}

/**
 * A namespace with the Pod Security label that its workloads need: neither too strict for them, nor wider than they need.
 *
 * Flux never deletes it, also when it leaves the program: whatever else is in it would go with it.
 *
 * Make it in a chart of its own: it asks for the layer `SECRETS`, the first one, because secrets land in it too.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/
 *
 * @example
 *
 * new ManagedNamespace(new Chart(app, 'namespaces'), 'ci', { name: 'ci' });
 */
export class ManagedNamespace extends Construct {
  /** Its name. */
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

  /** The level that it enforces: the one given, or the strictest that admits what has been put into it so far. */
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
