import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';

const NEEDED = 'cdk8s-forge:pod-security';
const ENFORCED = 'cdk8s-forge:pod-security-enforced';

/**
 * What the pods of one namespace need of its Pod Security admission label.
 */
export interface NamespaceRequirement {
  /** The namespace. */
  readonly namespace: string;

  /** The level that its label `pod-security.kubernetes.io/enforce` must name, or one above. */
  readonly level: PodSecurity;

  /** Paths of the constructs that need this level. */
  readonly neededBy: string[];
}

/**
 * A Pod Security level, as a namespace enforces it: the pods that are not allowed by it are refused.
 *
 * Workloads note the level that their pods need; a `ManagedNamespace` collects it into the namespace's label.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 *
 * @example
 *
 * PodSecurity.BASELINE.enforcedIn(chart);
 */
export class PodSecurity {
  /** Hardened pods only: no root, no capability, no privilege escalation. */
  static readonly RESTRICTED = new PodSecurity('restricted', 0);
  /** Ordinary pods: whatever a container gets by default, but nothing of the host. */
  static readonly BASELINE = new PodSecurity('baseline', 1);
  /** Every pod. */
  static readonly PRIVILEGED = new PodSecurity('privileged', 2);

  /** All levels, the strictest first. */
  static get all(): PodSecurity[] {
    return [PodSecurity.RESTRICTED, PodSecurity.BASELINE, PodSecurity.PRIVILEGED];
  }

  /** The level that admits the pods of all of them; the strictest level if there is none. */
  static widest(levels: PodSecurity[]): PodSecurity {
    return levels.reduce((widest, level) => (level.order > widest.order ? level : widest), PodSecurity.RESTRICTED);
  }

  /** The level that was noted at this construct itself, if any. */
  static markOf(construct: IConstruct): PodSecurity | undefined {
    return noted(construct, NEEDED);
  }

  /** What the namespaces of everything below `scope` need: one entry a namespace, in the order of the tree. */
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
    /** The level's name, as it stands in the label. */
    readonly level: string,
    /** Its place: a greater one admits more. */
    readonly order: number,
  ) {}

  /** Notes that the pods of a construct need this level. */
  mark(construct: IConstruct): void {
    construct.node.addMetadata(NEEDED, this.level);
  }

  /**
   * States that the namespace of a chart, which this program does not make, enforces this level: a workload in it that needs more is
   * an error of the synth rather than a StatefulSet without pods.
   *
   * @throws FORGE-KUBE-002 at synth, if a workload in the chart needs more
   */
  enforcedIn(chart: Chart): void {
    chart.node.addMetadata(ENFORCED, this.level);
    chart.node.addValidation({
      validate: () =>
        PodSecurity.requirements(chart)
          .filter(({ namespace, level }) => namespace === chart.namespace && !this.admits(level))
          .map((requirement) => {
            const label = `pod-security.kubernetes.io/enforce: ${requirement.level.level}`;
            return `FORGE-KUBE-002: ${this.shortfall(requirement)}; fix: label the namespace ${label}, or move the workload to a namespace of its own`;
          }),
    });
  }

  /** Whether pods that need `other` are admitted by this level. */
  admits(other: PodSecurity): boolean {
    return other.order <= this.order;
  }

  /**
   * The sentence that says what is missing.
   *
   * @internal
   */
  _refusal(construct: IConstruct, requirement: NamespaceRequirement): ForgeError {
    return ForgeError.at(construct, {
      code: 'FORGE-KUBE-002',
      message: this.shortfall(requirement),
      fix: `give it podSecurity: PodSecurity.${requirement.level.level.toUpperCase()}, or leave it out: the level is computed`,
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
