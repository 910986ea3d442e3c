import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Cluster, DeployedImage, ImagePolicy, ImageRepository } from '../flux';
import { advise, constructed, ForgeError, handedOver, oneOf, quoted } from '../support';
import { IStepSource, Job, Workflow } from '../workflow';
import { ImageCatalogue, wordOf } from './catalogue/catalogue';
import { CatalogueImage, ImageOptions } from './catalogue/image-options';
import { pipelineAdvice } from './check/advice';
import { checkedBuilder } from './check/checks';
import { assertPushedOnce } from './check/pushed-twice';
import { committedPaths, isGitOpsRepository } from './check/excluded';
import { Delivery } from './delivery/delivery';
import { BuildJob, TaggedImage } from './jobs/build-jobs';
import { builderSecrets } from './jobs/builder-secrets';
import { PushLogins } from './jobs/login';
import { PipelineWorkflow, WorkflowParts } from './jobs/pipeline-workflow';
import { PlacedStep, StepPosition } from './jobs/stage';
import { PipelineImages } from './pipeline-images';
import { ImagePipelineProps } from './pipeline-props';
import { Tags } from './tags/tags';

/**
 * A complete pipeline that builds and deploys the images of a repository. The pipeline contains the workflow that builds and
 * pushes the images, the Flux objects that detect new tags, and the references that workloads use. With one image, the names
 * of the image, of the Flux objects and of the workflow are the construct's id by default.
 *
 * The construct is `<id>-pipeline` in the construct tree, so that a workload of the same chart can have the same id.
 *
 * @example
 *
 * const hello = new ImagePipeline(apps, 'hello', { repository, registry, runner });
 * new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference }] });
 */
export class ImagePipeline extends Construct {
  /**
   * Text behind the id in the construct tree.
   *
   * @internal
   */
  static readonly _idSuffix = '-pipeline';

  /** The images for use in workload manifests. */
  readonly images: PipelineImages;

  /** The catalogue of the images, in the order in which they are built. */
  readonly catalogue: ImageCatalogue;

  /** Workflows that build the images: one, or one per image with `filePerImage`. */
  readonly workflows: Workflow[];

  private readonly buildJobs: BuildJob[];
  private readonly checkJobs: BuildJob[];

  /**
   * @throws FORGE-PIPE-001 … 011, 014 … 016, FORGE-REG-006 or 008 if the parts do not fit, FORGE-FLUX-010 if the policy cannot sort the tags that the build pushes
   */
  constructor(scope: Construct, id: string, props: ImagePipelineProps) {
    const made = constructed(ImagePipeline, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, `${id}${ImagePipeline._idSuffix}`);
    this.catalogue = this.catalogueOf(id, props);
    const tags = Tags.timestamped();
    const images = this.catalogue.images.map((image): TaggedImage => ({ tags, ...image }));
    const builder = checkedBuilder(this, props, images);
    const { branch = 'main', registry, repository } = props;
    const cluster = Cluster.of(this);
    this.images = PipelineImages._of(this, new Map(images.map((image) => this.deployed(cluster, image, props))));
    const mirrors = images.flatMap((image) => image.mirrors ?? []);
    const logins = new PushLogins(repository, [registry, ...mirrors]);
    const secrets = images.flatMap((image) => image.secrets ?? []).map(({ _secret }) => _secret);
    const known = [...logins.secrets, ...secrets, ...(props.sign?._secrets ?? [])];
    const context = { repository, registry, builder, branch, logins };
    const files = this.workflowsOf(id, images, {
      props,
      context,
      known: images.map(({ name }) => name),
      isOwnRepository: isGitOpsRepository(cluster, repository),
      committed: () => (isGitOpsRepository(cluster, repository) ? committedPaths(this, cluster) : []),
    });
    this.workflows = files.map(({ workflow }) => workflow);
    this.buildJobs = files.flatMap(({ builds }) => builds);
    this.checkJobs = files.flatMap(({ checks }) => checks);
    [...known, ...builderSecrets(this.buildJobs, known)].forEach((secret) => secret.provide(this, repository));
    (props.delivery ?? Delivery.COMMAND)._deliver(this, repository);
    advise(this, () => pipelineAdvice(this, { builder, images, props }));
  }

  /**
   * The only image, for use in workload manifests.
   *
   * @throws FORGE-PIPE-007 for a pipeline with several images
   */
  get image(): DeployedImage {
    return this.only(this.images.all, 'images', `images.get('${this.images.names[0]}')`);
  }

  /**
   * The workflow that builds the images.
   *
   * @throws FORGE-PIPE-007 for a pipeline with one workflow file per image
   */
  get workflow(): Workflow {
    return this.only(this.workflows, 'workflows', 'workflows');
  }

  /** Jobs that build and push, without builds of pull requests. */
  get jobs(): Job[] {
    return this.buildJobs.map(({ job }) => job);
  }

  /**
   * The job that builds and pushes. Its outputs are `tag`, `digest` and `reference`, if it builds one image.
   *
   * @throws FORGE-PIPE-007 for a pipeline with several such jobs
   */
  get job(): Job {
    return this.only(this.jobs, 'build jobs', `jobOf('${this.images.names[0]}')`);
  }

  /**
   * Returns the job that builds and pushes an image.
   *
   * @param name name of the image
   * @throws FORGE-PIPE-007 if the pipeline has no image of that name
   */
  jobOf(name: string): Job {
    this.images.get(name);
    return this.buildJobs.find(({ images }) => images.some((image) => image.name === name))!.job;
  }

  /**
   * Adds a step to all jobs that build and push, for example a scan after `Stage.BUILD`.
   *
   * @param step the step, or a ready-made sequence of steps
   * @param position the position in the job
   * @throws FORGE-PIPE-008 for `before` and `after` together, FORGE-WF-021 if the id of a step is taken
   */
  addStep(step: IStepSource, position: StepPosition = {}): void {
    if (position.before !== undefined && position.after !== undefined) {
      throw ForgeError.at(this, {
        code: 'FORGE-PIPE-008',
        message: `a step is placed before stage ${quoted(position.before)} and after stage ${quoted(position.after)}`,
        fix: 'remove before or after',
      });
    }
    const placed: PlacedStep = { ...position, step };
    [...this.buildJobs, ...(position.inPullRequests ? this.checkJobs : [])].forEach((job) => job.add(placed));
  }

  private workflowsOf(id: string, images: readonly TaggedImage[], parts: WorkflowParts): PipelineWorkflow[] {
    const { workflowName, workflowFileName = `${id}.yml`, filePerImage } = parts.props;
    if (!filePerImage) {
      return [new PipelineWorkflow(this, id, { ...parts, images, name: workflowName, fileName: workflowFileName })];
    }
    return images.map((image) => {
      const word = wordOf(image.name);
      return new PipelineWorkflow(this, `${id}-${word}`, {
        ...parts,
        images: [image],
        name: `${workflowName ?? id}: ${image.name}`,
        fileName: workflowFileName.replace(/(\.[a-z]+)?$/, `-${word}$1`),
      });
    });
  }

  /** Returns the images with the options of the pipeline. */
  private catalogueOf(id: string, props: ImagePipelineProps): ImageCatalogue {
    const { image = id, policyName = id, images } = props;
    const common = imageOptions(props);
    const list: CatalogueImage[] = images?.map((one) => ({ ...common, ...defined(one) })) ?? [
      { ...common, name: image, policyName },
    ];
    const made: ImageCatalogue[] = [];
    const problems = ForgeError.problemsIn(() => {
      made.push(ImageCatalogue.of(props.registry, list));
    }, this.node.path);
    if (problems.length > 0) {
      throw new ForgeError(problems);
    }
    return made[0];
  }

  /** Creates the Flux objects of an image. */
  private deployed(cluster: Cluster, image: TaggedImage, props: ImagePipelineProps): [string, DeployedImage] {
    const { branch = 'main', registry } = props;
    const { name, tags, policyName = wordOf(name).toLowerCase(), mirrors = [] } = image;
    this.checkPolicyName(cluster.images, policyName);
    [registry, ...mirrors].forEach((one) => assertPushedOnce(this, { registry: one, name, tags, branch }));
    const scope = new Construct(cluster.images, policyName);
    const repository = new ImageRepository(scope, policyName, { registry, image: name });
    const policy = image.policy ?? tags.policyFor(branch);
    policy.assertSorts(this, tags._examples(branch));
    const { image: deployed } = new ImagePolicy(repository, policyName, {
      repository,
      tags: policy,
      digest: image.digest,
    });
    const chart = this.node.scopes.find((one) => Chart.isChart(one)) as Chart | undefined;
    if (chart?.namespace !== undefined) {
      deployed.allowPull(this);
    }
    return [name, deployed];
  }

  /** Throws an error if another image of the cluster has the name. */
  private checkPolicyName(images: Construct, name: string): void {
    if (name === '') {
      throw ForgeError.at(this, {
        code: 'FORGE-PIPE-005',
        message: 'policyName is an empty string',
        allowed: 'a name that no other image of the cluster has',
        fix: 'set policyName to a name, or remove it',
      });
    }
    if (images.node.tryFindChild(name) === undefined) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-PIPE-005',
      message: `the cluster already has an image whose Flux objects are named ${quoted(name)}`,
      allowed: 'a name that no other image of the cluster has',
      fix: 'set image and policyName, for example to the name of the chart and the id; set workflowFileName too if both pipelines have one repository',
      symptom: `There is already a Construct with name '${name}'`,
    });
  }

  private only<T>(all: readonly T[], what: string, instead: string): T {
    if (all.length === 1) {
      return all[0];
    }
    throw ForgeError.at(this, {
      code: 'FORGE-PIPE-007',
      message: `the pipeline has ${all.length} ${what}, so that none is the only one`,
      allowed: oneOf(this.images.names),
      fix: `use ${instead}`,
    });
  }
}

const OPTIONS: (keyof ImageOptions)[] = [
  'context',
  'dockerfile',
  'target',
  'pull',
  'buildArgs',
  'secrets',
  'platforms',
  'mirrors',
  'tags',
  'policy',
  'digest',
  'cache',
  'size',
  'compression',
  'provenance',
  'sbom',
  'reproducible',
  'paths',
];

/** Returns the options of images that are set. */
function imageOptions(props: ImageOptions): ImageOptions {
  return defined(Object.fromEntries(OPTIONS.map((name) => [name, props[name]])));
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
