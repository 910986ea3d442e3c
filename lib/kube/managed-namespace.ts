import { ApiObject, JsonPatch } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { chartOf, constructed, DNS_LABEL, ForgeError, handedOver, lazily, quoted } from '../support';
import { assertLabels } from './labels';
import { Layer } from './layer';
import { NamespacePods, podsInNamespace } from './namespace-pods';
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
   * @default - the strictest level that admits every pod that the cdk8s app puts into it; `privileged` if a Helm release deploys
   * pods into it that synth cannot see, with warnings of the API server for the strictest level
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
   * @throws FORGE-KUBE-001 if it has no name, or one that Kubernetes does not allow, FORGE-KUBE-028 for such labels
   * @throws FORGE-KUBE-002 at synth, if the level given does not admit a workload in it
   */
  constructor(scope: Construct, id: string, props: ManagedNamespaceProps = {}) {
    const made = constructed(ManagedNamespace, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.name = checkedName(this, props.name ?? chartOf(this).namespace);
    assertLabels(this, props.labels);
    this.stated = props.podSecurity;
    const label = (mode: string) => lazily(() => (mode === 'enforce' ? this.podSecurity : this.seen).level);
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
          ...Object.fromEntries(MODES.map((mode) => [`pod-security.kubernetes.io/${mode}`, label(mode)])),
        },
      },
    });
    // A chart puts its namespace into every object, but a Namespace is in none.
    if (chartOf(this).namespace) {
      namespace.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * The Pod Security level that the namespace enforces. The level is the configured level, or the strictest level that
   * admits all pods added so far. If a Helm release deploys pods that synth cannot see, the level is `privileged`.
   */
  get podSecurity(): PodSecurity {
    const { stated, pods } = this;
    return stated ?? (pods.unseen.length > 0 ? PodSecurity.PRIVILEGED : pods.level);
  }

  /** The configured level, or the strictest level that admits all pods that synth can see. */
  private get seen(): PodSecurity {
    return this.stated ?? this.pods.level;
  }

  private get pods(): NamespacePods {
    return podsInNamespace(clusterOf(this), this.name);
  }

  private problems(): string[] {
    const { pods, stated } = this;
    if (!stated || stated.canAdmit(pods.level)) {
      return [];
    }
    const requirement = { namespace: this.name, level: pods.level, neededBy: pods.neededBy };
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
