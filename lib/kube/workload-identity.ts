/** The Service of a workload's pods. */
export enum WorkloadService {
  /** A Service without an address of its own: DNS answers with the addresses of the pods. */
  HEADLESS = 'headless',
  /** A Service with an address of its own. */
  CLUSTER_IP = 'cluster-ip',
  /** No Service. */
  NONE = 'none',
}

/** The order in which a StatefulSet starts its pods. */
export enum PodManagement {
  /** All pods at once. */
  PARALLEL = 'Parallel',
  /** One pod after the other. This is what Kubernetes sets if a manifest says nothing. */
  ORDERED_READY = 'OrderedReady',
}

/** The controller of pods that run permanently. */
export enum WorkloadController {
  /** A StatefulSet: its pods keep their names, and each has its own claim. */
  STATEFUL_SET = 'StatefulSet',
  /** A Deployment: its claims exist once, whatever the number of pods. */
  DEPLOYMENT = 'Deployment',
}

/** The names and labels of a workload whose pods end: a Job or CronJob. */
export interface JobIdentity {
  /**
   * The name of the workload. Its ConfigMaps and other objects get names that start with this name.
   *
   * @default - made from the construct ids below the chart
   */
  readonly name?: string;

  /**
   * More labels of the workload, its pods and its Service.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Annotations of the workload.
   *
   * @default - none
   */
  readonly annotations?: Record<string, string>;

  /**
   * More annotations of the pods.
   *
   * @default - none
   */
  readonly podAnnotations?: Record<string, string>;
}

/**
 * The names and labels of a workload in the cluster.
 *
 * Kubernetes does not let anybody change most of them. Set them to what a workload has that runs already, and the
 * library takes it over in place: the same objects, the same claims, no second copy beside the first.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export interface WorkloadIdentity extends JobIdentity {
  /**
   * The labels by which a StatefulSet or Deployment finds its pods (`spec.selector.matchLabels`), which cannot be changed.
   * The pods also keep the labels of this library, by which Services and NetworkPolicies find them.
   *
   * @default - `app.kubernetes.io/name` and `app.kubernetes.io/instance`
   */
  readonly selectorLabels?: Record<string, string>;

  /**
   * The name of the workload's Service. For a StatefulSet, `spec.serviceName`, which cannot be changed.
   *
   * @default - the name of the workload
   */
  readonly serviceName?: string;

  /**
   * The Service. A Service that has an address cannot become headless, nor the other way round.
   *
   * @default - what the workload needs: headless for a StatefulSet with one pod or with pods that clients address by name
   */
  readonly service?: WorkloadService;

  /**
   * The controller, to take over a workload that is a Deployment. `Storage.persistent` is then one claim beside the
   * Deployment, named by `claim.name`. The topology of a `Buildkitd` decides its controller.
   *
   * @default WorkloadController.STATEFUL_SET
   */
  readonly controller?: WorkloadController;

  /**
   * The order in which a StatefulSet starts its pods (`spec.podManagementPolicy`), which cannot be changed.
   *
   * @default PodManagement.PARALLEL
   */
  readonly podManagement?: PodManagement;
}
