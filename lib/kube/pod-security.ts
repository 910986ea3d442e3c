import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';

const NEEDED = 'cdk8s-forge:pod-security';
const ENFORCED = 'cdk8s-forge:pod-security-enforced';

/** A Pod Security level that the pods of one namespace require in its admission label. */
export interface NamespaceRequirement {
  /** The name of the namespace. */
  readonly namespace: string;

  /**
   * The minimum level in the namespace's label `pod-security.kubernetes.io/enforce`. A level that admits more pods also
   * works.
   */
  readonly level: PodSecurity;

  /** The paths of the constructs that require this level. */
  readonly neededBy: string[];
}

/**
 * A Pod Security level that a namespace enforces. Pods that the level does not allow are rejected.
 *
 * Workloads record the level that their pods require. A `ManagedNamespace` collects these levels for the namespace's
 * label.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 *
 * @example
 *
 * PodSecurity.BASELINE.enforcedIn(chart);
 */
export class PodSecurity {
  /** The level for hardened pods only, with no root, no capability and no privilege escalation. */
  static readonly RESTRICTED = new PodSecurity('restricted', 0);
  /** The level for ordinary pods, with the default permissions of a container but without access to the host. */
  static readonly BASELINE = new PodSecurity('baseline', 1);
  /** The level for all pods. */
  static readonly PRIVILEGED = new PodSecurity('privileged', 2);

  /** All levels, with the strictest level first. */
  static get all(): PodSecurity[] {
    return [PodSecurity.RESTRICTED, PodSecurity.BASELINE, PodSecurity.PRIVILEGED];
  }

  /** Returns the level that admits the pods of all given levels, or the strictest level if the list is empty. */
  static widest(levels: PodSecurity[]): PodSecurity {
    return levels.reduce((widest, level) => (level.order > widest.order ? level : widest), PodSecurity.RESTRICTED);
  }

  /** Returns the level recorded at this construct itself, or undefined if no level is recorded. */
  static markOf(construct: IConstruct): PodSecurity | undefined {
    return noted(construct, NEEDED);
  }

  /**
   * Returns the levels required by the namespaces of all constructs below `scope`. The result has one entry per
   * namespace, in tree order.
   */
  static requirements(scope: IConstruct): NamespaceRequirement[] {
    const found = new Map<string, { level: PodSecurity; neededBy: string[] }>();
    for (const { namespace, level, path } of marksBelow(scope)) {
      const entry = found.get(namespace);
      if (!entry || level.order > entry.level.order) {
        found.set(namespace, { level, neededBy: [path] });
      } else if (level === entry.level) {
        entry.neededBy.push(path);
      }
    }
    return [...found].map(([namespace, { level, neededBy }]) => ({ namespace, level, neededBy }));
  }

  private constructor(
    /** The level's name, as used in the label. */
    readonly level: string,
    /** The position in the order. A level with a greater number admits more pods. */
    readonly order: number,
  ) {}

  /** Records that the pods of a construct require this level. */
  mark(construct: IConstruct): void {
    construct.node.addMetadata(NEEDED, this.level);
  }

  /**
   * States that the namespace of a chart, which this cdk8s app does not create, enforces this level. If a workload in
   * the namespace requires more, synthesis fails. Otherwise, the result would be a StatefulSet without pods.
   *
   * @throws FORGE-KUBE-002 at synth, if a workload in the chart needs more
   */
  enforcedIn(chart: Chart): void {
    chart.node.addMetadata(ENFORCED, this.level);
    chart.node.addValidation({
      validate: () =>
        PodSecurity.requirements(chart)
          .filter(({ namespace, level }) => namespace === chart.namespace && !this.canAdmit(level))
          .map((requirement) => {
            const label = `pod-security.kubernetes.io/enforce: ${requirement.level.level}`;
            return `FORGE-KUBE-002: ${this.shortfall(requirement)}; fix: label the namespace ${label}, or move the workload to a namespace of its own`;
          }),
    });
  }

  /** Returns whether this level admits pods that require `other`. */
  canAdmit(other: PodSecurity): boolean {
    return other.order <= this.order;
  }

  /**
   * Returns the error that describes the missing level.
   *
   * @internal
   */
  _refusal(construct: IConstruct, requirement: NamespaceRequirement): ForgeError {
    return ForgeError.at(construct, {
      code: 'FORGE-KUBE-002',
      message: this.shortfall(requirement),
      fix: `set podSecurity: PodSecurity.${requirement.level.level.toUpperCase()}, or remove podSecurity: the level is computed`,
      symptom: `is forbidden: violates PodSecurity "${this.level}:latest"`,
    });
  }

  private shortfall({ namespace, level, neededBy }: NamespaceRequirement): string {
    return `namespace ${quoted(namespace)} enforces ${this.level}, but ${neededBy.join(', ')} needs ${level.level}`;
  }
}

function noted(construct: IConstruct, key: string): PodSecurity | undefined {
  const marks = construct.node.metadata.filter((entry) => entry.type === key);
  const levels = PodSecurity.all.filter((level) => marks.some((entry) => entry.data === level.level));
  return levels.length > 0 ? PodSecurity.widest(levels) : undefined;
}

interface Mark {
  readonly namespace: string;
  readonly level: PodSecurity;
  readonly path: string;
}

function marksBelow(scope: IConstruct): Mark[] {
  return scope.node.findAll().flatMap((construct) => {
    const level = PodSecurity.markOf(construct);
    const namespace = level ? Chart.of(construct).namespace : undefined;
    return level && namespace ? [{ namespace, level, path: construct.node.path }] : [];
  });
}
