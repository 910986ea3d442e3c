import { Construct, IConstruct } from 'constructs';
import { Cluster, ImagePolicy, ImageRepository } from '../flux';
import { Model } from '../model';
import { ManagedImage } from '../output';
import { ForgeError, Problem, Problems, quoted } from '../support';

/**
 * A place that uses an image: an object or an adopted manifest.
 *
 * @jsii ignore
 */
export interface ImagePlace {
  /** The path of the construct that declares the image. */
  readonly image: string;
  readonly at: IConstruct;
  readonly cluster?: Cluster;
}

/**
 * The images of a cdk8s app, by cluster. An image is declared once, in one cluster. Each other cluster that uses the
 * image has an ImagePolicy of its own, because Flux's automation updates only the markers of policies of its cluster.
 *
 * @jsii ignore
 */
export class Images {
  private readonly declared: ReadonlyMap<string, ImagePolicy>;
  private readonly derived = new Map<string, ImagePolicy>();

  constructor(
    model: Model,
    private readonly outputOf: (cluster: Cluster | undefined) => string | undefined,
  ) {
    this.declared = new Map(model.images.map(({ construct }) => [construct.node.path, construct]));
  }

  /**
   * Creates the policies that the clusters of these uses lack, and records uses that no policy can serve.
   *
   * @returns whether anything was created
   */
  prepare(uses: readonly ImagePlace[], problems: Problems): boolean {
    let isNew = false;
    for (const { image, at, cluster } of uses) {
      const policy = this.declared.get(image);
      if (policy === undefined) {
        continue;
      }
      const home = Cluster.tryOf(policy);
      if (cluster === home) {
        continue;
      }
      if (cluster === undefined) {
        problems.add(outsideClusters(at, policy, home!));
        continue;
      }
      problems.collect(() => {
        isNew = this.derive(policy, cluster) || isNew;
      });
    }
    return isNew;
  }

  /** Returns the policy that decides about an image in a cluster, or undefined if there is none. */
  policyOf(image: string, cluster: Cluster | undefined): ImagePolicy | undefined {
    const policy = this.declared.get(image);
    if (policy === undefined || Cluster.tryOf(policy) === cluster) {
      return policy;
    }
    return this.derived.get(keyOf(policy, cluster));
  }

  /** Returns what the image lock and the manifests of a cluster need to know about an image. */
  managedIn(image: string, cluster: Cluster | undefined): ManagedImage | undefined {
    const policy = this.policyOf(image, cluster);
    return policy && { ...policy._managedImage, output: this.outputOf(Cluster.tryOf(policy)) };
  }

  /** Returns all images, as the image lock needs them. */
  managed(model: Model): ManagedImage[] {
    return model.images.map(({ construct, image }) => ({ ...image, output: this.outputOf(Cluster.tryOf(construct)) }));
  }

  private derive(policy: ImagePolicy, cluster: Cluster): boolean {
    const key = keyOf(policy, cluster);
    const name = `${policy.apiObject.name}-${cluster.name}`;
    const scope = cluster.images;
    const present = scope.node.tryFindChild(name);
    if (this.derived.has(key)) {
      return false;
    }
    if (present) {
      const made = madeBefore.get(present);
      if (made?.from !== policy) {
        // The app is refused: the uses of the image are not missing on top of it.
        this.derived.set(key, policy);
        throw nameTaken(policy, cluster, present);
      }
      this.derived.set(key, made.policy);
      return false;
    }
    const own = new Construct(scope, name);
    const repository = new ImageRepository(own, name, { ...policy._props.repository._props });
    const derived = new ImagePolicy(repository, name, { ...policy._props, repository });
    this.derived.set(key, derived);
    madeBefore.set(own, { policy: derived, from: policy });
    return true;
  }
}

/** The policies that an earlier synth of the app created, by their scope, and the policies that they follow. */
const madeBefore = new WeakMap<IConstruct, { readonly policy: ImagePolicy; readonly from: ImagePolicy }>();

function nameTaken(policy: ImagePolicy, cluster: Cluster, present: IConstruct): ForgeError {
  return ForgeError.at(policy, {
    code: 'FORGE-APP-009',
    message: `cluster ${quoted(cluster.name)} uses the image, and the policy for it would have the name ${quoted(present.node.id)} of ${quoted(present.node.path)}`,
    allowed: 'a name that no image of the other cluster has',
    fix: 'rename one of the policies: policyName of an ImagePipeline, or the id of the ImagePolicy',
    symptom: 'no error: the pods run the other image',
  });
}

function keyOf(policy: ImagePolicy, cluster: Cluster | undefined): string {
  return `${policy.node.path} ${cluster?.node.path ?? ''}`;
}

function outsideClusters(object: IConstruct, policy: ImagePolicy, home: Cluster): Problem {
  return {
    code: 'FORGE-APP-010',
    message: `${quoted(object.node.path)} is in no cluster and uses the image ${quoted(policy.node.path)} of cluster ${quoted(home.name)}`,
    fix: 'create the chart in a cluster: new Chart(cluster, id, …)',
    symptom: 'no error: no automation updates the image outside the clusters',
    path: object.node.path,
  };
}

/**
 * Reports two image policies with one name. The image lock and the markers identify a policy by namespace and name only,
 * also across clusters.
 *
 * @jsii ignore
 */
export function reportSharedPolicies(model: Model, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const { construct, image } of model.images) {
    const first = seen.get(image.policy);
    if (first !== undefined) {
      problems.add({
        code: 'FORGE-APP-009',
        message: `two image policies are named ${quoted(image.policy)}: here and at ${quoted(first)}`,
        fix: 'rename one of them, or declare the image once and use image.reference in both clusters',
        symptom: 'the automations of both clusters write into the same lines',
        path: construct.node.path,
      });
    }
    seen.set(image.policy, construct.node.path);
  }
}

/**
 * Rejects the use of an image that no policy of the cdk8s app decides about.
 *
 * @jsii ignore
 */
export function unknownImage(image: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-APP-007',
    message: `the image ${quoted(image)} is used, but no ImagePolicy of this app declares it`,
    fix: 'use the image of an ImagePolicy that is part of this app',
  });
}
