import { IConstruct } from 'constructs';
import { DNS_LABEL, Problem, Problems, quoted } from '../support';
import { badAnnotations, badLabels } from './labels';
import { PodManagement, WorkloadController, WorkloadIdentity, WorkloadService } from './workload-identity';
import { noteWorkloadName, workloadName } from './workload-name';

/** The parts of an identity that only some kinds of workloads have. */
type Choice = 'selectorLabels' | 'serviceName' | 'service' | 'podManagement' | 'controller';

/** The choices that each kind of workload has beside name, labels and annotations. */
const CHOICES: Record<string, readonly Choice[]> = {
  StatefulSet: ['selectorLabels', 'serviceName', 'service', 'podManagement', 'controller'],
  Deployment: ['selectorLabels', 'serviceName', 'service', 'controller'],
  DaemonSet: ['selectorLabels'],
};

/** The annotations of pods that the library writes. */
const OWN_ANNOTATIONS = ['cdk8s-forge/config-hash', 'cluster-autoscaler.kubernetes.io/safe-to-evict'];

interface GivenMetadata {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/**
 * The identity of a workload, with defaults for what is not given.
 *
 * @jsii ignore
 */
class ResolvedIdentity {
  /** The name of the workload. */
  readonly name: string;

  /** The labels that only the pods of the workload have. */
  readonly podLabels: Record<string, string>;

  /** The labels by which the workload finds its pods. */
  readonly selector: Record<string, string>;

  private readonly given: WorkloadIdentity;

  /**
   * @param construct the workload
   * @param program the value of the label `app.kubernetes.io/name`
   */
  constructor(construct: IConstruct, program: string, given: WorkloadIdentity = {}) {
    this.given = { ...given };
    this.name = given.name ?? workloadName(construct);
    this.podLabels = { ...this.ownLabels(program), ...given.selectorLabels };
    this.selector = given.selectorLabels ? { ...given.selectorLabels } : this.podLabels;
  }

  /** The labels of the workload, its pods and its Service. */
  get labels(): Record<string, string> {
    return { ...this.given.labels, ...this.podLabels };
  }

  /** The annotations of the workload, after those that it has anyway; nothing if there are none. */
  annotations(own: Record<string, string> = {}): { annotations?: Record<string, string> } {
    const annotations = { ...own, ...this.given.annotations };
    return Object.keys(annotations).length > 0 ? { annotations } : {};
  }

  /** The annotations of the pods. */
  get podAnnotations(): Record<string, string> {
    return { ...this.given.podAnnotations };
  }

  /** The metadata of pods that have no annotations of the library. */
  get podMetadata(): { labels: Record<string, string>; annotations?: Record<string, string> } {
    const { labels, podAnnotations: annotations } = this;
    return { labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  }

  /** The metadata of a workload and of its pods that have nothing but what the user gives. */
  get givenMetadata(): { workload: GivenMetadata; pod: GivenMetadata } {
    const { labels, annotations, podAnnotations } = this.given;
    const of = (own: WorkloadIdentity['annotations']) => ({
      ...(labels ? { labels: { ...labels } } : {}),
      ...(own ? { annotations: { ...own } } : {}),
    });
    return { workload: of(annotations), pod: of(podAnnotations) };
  }

  /** The name of the Service; `usual` if the user does not say. */
  serviceName(usual: string = this.name): string {
    return this.given.serviceName ?? usual;
  }

  /** The form of the Service; `usual` if the user does not say. */
  service(usual: WorkloadService): WorkloadService {
    return this.given.service ?? usual;
  }

  /** The order in which a StatefulSet starts its pods. */
  get podManagement(): PodManagement {
    return this.given.podManagement ?? PodManagement.PARALLEL;
  }

  /** The controller of pods that run permanently. */
  get controller(): WorkloadController {
    return this.given.controller ?? WorkloadController.STATEFUL_SET;
  }

  /** The workload as kubectl names it, for example `statefulset/runner`. */
  get reference(): string {
    return `${this.controller.toLowerCase()}/${this.name}`;
  }

  /** Reports what Kubernetes would reject, and what this kind of workload does not have. */
  check(kind: string, problems: Problems): void {
    [...this.nameProblems(), ...this.labelProblems(), ...this.choiceProblems(kind)].forEach((one) => problems.add(one));
  }

  private ownLabels(program: string): Record<string, string> {
    return { 'app.kubernetes.io/name': program, 'app.kubernetes.io/instance': this.name };
  }

  private nameProblems(): Problem[] {
    const { name, serviceName } = this.given;
    const names = Object.entries({ name, serviceName }).filter(([, one]) => one !== undefined && !DNS_LABEL.test(one));
    return names.map(([what, one]) => ({
      code: 'FORGE-KUBE-017',
      message: `workload.${what} is ${quoted(one)}`,
      allowed: 'a-z, 0-9 and "-", at most 63 characters, first and last a letter or digit',
      fix: `set workload.${what} to the name that kubectl shows`,
    }));
  }

  private labelProblems(): Problem[] {
    const { labels = {}, selectorLabels, annotations = {}, podAnnotations = {} } = this.given;
    const changed = Object.keys(labels).filter(
      (key) => Object.hasOwn(this.podLabels, key) && labels[key] !== this.podLabels[key],
    );
    const found: [string, string[], string][] = [
      ['labels', badLabels(labels), 'use keys and values that Kubernetes accepts for labels'],
      ['selectorLabels', badLabels(selectorLabels), 'use keys and values that Kubernetes accepts for labels'],
      ['annotations', badAnnotations(annotations), 'use keys that Kubernetes accepts'],
      ['podAnnotations', badAnnotations(podAnnotations), 'use keys that Kubernetes accepts'],
      ['labels', changed, 'remove them: they select the pods; to take over a selector, set workload.selectorLabels'],
      [
        'podAnnotations',
        OWN_ANNOTATIONS.filter((key) => Object.hasOwn(podAnnotations, key)),
        'remove them: the library sets them',
      ],
    ];
    const problems = found
      .filter(([, bad]) => bad.length > 0)
      .map(([what, bad, fix]) => ({
        code: 'FORGE-KUBE-017',
        message: `workload.${what} cannot have ${bad.map((one) => quoted(one)).join(', ')}`,
        fix,
      }));
    return selectorLabels === undefined || Object.keys(selectorLabels).length > 0
      ? problems
      : [
          ...problems,
          {
            code: 'FORGE-KUBE-017',
            message: 'workload.selectorLabels is empty',
            fix: 'set it to spec.selector.matchLabels of the workload that runs, or remove it',
            symptom: 'empty selector is invalid',
          },
        ];
  }

  private choiceProblems(kind: string): Problem[] {
    const all: Choice[] = ['selectorLabels', 'serviceName', 'service', 'podManagement', 'controller'];
    return all
      .filter((choice) => this.given[choice] !== undefined && !(CHOICES[kind] ?? []).includes(choice))
      .map((choice) => ({
        code: 'FORGE-KUBE-018',
        message: `workload.${choice} is set, but a ${kind} has none`,
        fix: `remove workload.${choice}`,
      }));
  }
}

/**
 * Rejects an identity that Kubernetes would reject, or that this kind of workload does not have.
 *
 * @jsii ignore
 */
export function checkIdentity(construct: IConstruct, identity: Identity, kind: string): void {
  const problems = new Problems(construct.node.path);
  identity.check(kind, problems);
  problems.throwIfAny();
}

/**
 * The identity of a workload, with defaults for what is not given.
 *
 * @jsii ignore
 */
export type Identity = ResolvedIdentity;

/**
 * Returns the identity of a workload.
 *
 * @param program the value of the label `app.kubernetes.io/name`
 *
 * @jsii ignore
 */
export function identityOf(construct: IConstruct, program: string, given?: WorkloadIdentity): Identity {
  if (given?.name !== undefined) {
    noteWorkloadName(construct, given.name);
  }
  return new ResolvedIdentity(construct, program, given);
}
