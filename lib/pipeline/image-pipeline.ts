import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { BuildCache, IBuilder } from '../buildkit';
import { Cluster, DeployedImage, DigestReflection, ImagePolicy, ImageRepository, TagPolicy } from '../flux';
import { ActionsSecret, ActionsSecretScope, Repository, TokenAccess } from '../forge';
import { BuildctlBuild, Checkout } from '../recipe';
import { Registry, RegistryRole, Zone } from '../registry';
import { IRunner } from '../runner';
import { constructed, ForgeError, handedOver, Problems, quoted } from '../support';
import { Trigger, Workflow } from '../workflow';

/** A pipeline that leads from a repository to a running image. */
export interface ImagePipelineProps {
  /** The repository that contains the sources. */
  readonly repository: Repository;

  /** The registry that the image is pushed to and pulled from. */
  readonly registry: Registry;

  /**
   * The builder that builds the image.
   *
   * @default - the builder of the runner
   */
  readonly builder?: IBuilder;

  /**
   * Name of the image in the registry, without host and owner, for example `team/web`.
   *
   * @default - the id of the construct
   */
  readonly image?: string;

  /**
   * Name of the Flux objects of the image, unique among the images of the cluster.
   *
   * @default - the id of the construct
   */
  readonly policyName?: string;

  /**
   * Display name of the workflow in the forge.
   *
   * @default - the id of the construct
   */
  readonly workflowName?: string;

  /**
   * Name of the workflow file, without directory.
   *
   * @default - the id of the construct, with `.yml`
   */
  readonly workflowFileName?: string;

  /**
   * The build cache.
   *
   * @default BuildCache.registry()
   */
  readonly cache?: BuildCache;

  /** The runner that runs the workflow. */
  readonly runner: IRunner;

  /**
   * The build context: a directory of the repository.
   *
   * @default '.'
   */
  readonly context?: string;

  /**
   * Path of the Dockerfile, relative to the context.
   *
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;

  /**
   * The branch that is built and deployed.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * Policy that selects the newest of the pushed tags. The build pushes `<branch>-<commit>-<unix time>`; the policy
   * must be able to sort this format.
   *
   * @default - TagPolicy.timestamped(branch)
   */
  readonly tags?: TagPolicy;

  /**
   * The digest reflection policy, which decides whether references contain the digest next to the tag.
   *
   * @default DigestReflection.NEVER
   */
  readonly digest?: DigestReflection;
}

/**
 * Returns the Actions secrets that the build step logs in with. A job's own token cannot push packages to Gitea, so you
 * create these secrets manually.
 */
function registrySecrets(registry: Registry): ActionsSecret[] {
  return [
    ActionsSecret.of('REGISTRY_USER', { purpose: 'user that jobs push images as', scope: ActionsSecretScope.OWNER }),
    ActionsSecret.of('REGISTRY_TOKEN', {
      purpose: 'token that jobs push images with',
      tokenScope: registry._tokenScope(TokenAccess.WRITE),
      scope: ActionsSecretScope.OWNER,
    }),
  ];
}

/**
 * A complete pipeline that builds and deploys one image. The pipeline contains the workflow that builds and pushes the
 * image, the Flux objects that detect new tags, and the reference that workloads use. The names of the image, of the
 * Flux objects and of the workflow are the construct's id by default.
 *
 * The construct is `<id>-pipeline` in the construct tree, so that a workload of the same chart can have the same id.
 *
 * @example
 *
 * const hello = new ImagePipeline(apps, 'hello', { repository, registry, runner });
 * new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference }] });
 */
export class ImagePipeline extends Construct {
  /** The image for use in workload manifests. */
  readonly image: DeployedImage;

  /** The workflow that builds the image. */
  readonly workflow: Workflow;

  /**
   * @throws FORGE-PIPE-001 … 004, FORGE-REG-006 or 008 if the parts do not fit, FORGE-FLUX-010 if the policy cannot sort the tags that the build pushes
   */
  constructor(scope: Construct, id: string, props: ImagePipelineProps) {
    const made = constructed(ImagePipeline, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, `${id}-pipeline`);
    const builder = props.builder ?? props.runner.builder;
    this.check(props, builder);
    const branch = props.branch ?? 'main';
    const cluster = Cluster.of(this);
    this.checkLoop(cluster, props.repository, branch);
    const { images } = cluster;
    const { policyName = id, image = id, context = '.', dockerfile = 'Dockerfile', cache } = props;
    this.checkPolicyName(images, policyName);
    const repository = new ImageRepository(new Construct(images, policyName), policyName, {
      registry: props.registry,
      image,
    });
    const tags = props.tags ?? TagPolicy.timestamped(branch);
    tags.assertSorts(this, [`${branch}-0123abc-1763600000`]);
    this.image = new ImagePolicy(repository, policyName, { repository, tags, digest: props.digest }).image;
    if (Chart.of(this).namespace !== undefined) {
      this.image.allowPull(this);
    }
    registrySecrets(props.registry).forEach((secret) => secret.provide(this, props.repository));
    this.workflow = new Workflow(this, id, {
      repository: props.repository,
      name: props.workflowName,
      fileName: props.workflowFileName ?? `${id}.yml`,
      triggers: [Trigger.push({ branches: [branch] })],
    });
    this.workflow.addJob('build', {
      runsOn: props.runner,
      steps: [
        Checkout.git(),
        BuildctlBuild.step({ registry: props.registry, image, context, dockerfile, builder, cache }),
      ],
    });
  }

  /** Throws an error if Flux commits to the branch that is built: each commit would build an image, and each image commit. */
  private checkLoop({ source, imageAutomation }: Cluster, repository: Repository, branch: string): void {
    const { pushBranch, _startsNothing: startsNothing } = imageAutomation;
    if (startsNothing || pushBranch !== branch || !source.repository.isSameAs(repository)) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-PIPE-006',
      message: `Flux commits new images of cluster ${quoted(source.node.id)} to branch ${quoted(branch)} of ${quoted(repository.fullName)}, which the pipeline builds`,
      allowed: 'a repository or branch to which Flux does not commit',
      fix: 'keep the source of the image in a repository of its own, set branch, or let the cluster push to another branch or skip workflows: imageUpdates: { pushBranch }, or a messageTemplate with [skip ci]',
      symptom: 'no error: each image makes a commit, and each commit makes an image',
    });
  }

  /** Throws an error if another image of the cluster has the name. */
  private checkPolicyName(images: Construct, name: string): void {
    if (images.node.tryFindChild(name) === undefined) {
      return;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-PIPE-005',
      message: `the cluster already has an image whose Flux objects are named ${quoted(name)}`,
      allowed: 'a name that no other image of the cluster has',
      fix: 'set policyName, for example to the name of the chart and the id; set workflowFileName too if both pipelines have one repository',
      symptom: `There is already a Construct with name '${name}'`,
    });
  }

  private check(props: ImagePipelineProps, builder: IBuilder | undefined): void {
    const problems = new Problems(this.node.path);
    const { repository, runner } = props;
    if (!runner.canRunJobsOf(repository, runner.jobLabels)) {
      problems.add({
        code: 'FORGE-PIPE-001',
        message: `${runner.description} takes no jobs of ${quoted(repository.fullName)} at ${repository.forge.url}`,
        fix: 'give the runner a scope that covers the repository, or pass a runner of that forge that has one',
        symptom: 'the job waits for ever: no matching online runner',
      });
    }
    if (builder === undefined) {
      problems.add({
        code: 'FORGE-PIPE-002',
        message: `${runner.description} has no builder, and none is set`,
        fix: 'set `builder`, or give the runner a builder: Executor.host({ builder })',
        symptom: 'buildctl: command not found',
      });
    } else {
      this.checkBuilder(builder, props, problems);
    }
    problems.collect(() => props.registry.assertAccess(this, RegistryRole.PUSH, Zone.JOB));
    problems.collect(() => props.registry.assertAccess(this, RegistryRole.PULL, Zone.NODE));
    problems.collect(() => props.cache?.assertWorksAt(repository.forge));
    problems.collect(() => checkDockerfile(this, props.dockerfile ?? 'Dockerfile'));
    problems.throwIfAny();
  }

  private checkBuilder(builder: IBuilder, { runner, registry }: ImagePipelineProps, problems: Problems): void {
    if (builder.isForClientsOnly && runner.builder !== builder) {
      problems.add({
        code: 'FORGE-PIPE-002',
        message: `the jobs of ${runner.description} do not know builder ${quoted(builder.path)}`,
        fix: runner.capabilities.containerJobs
          ? 'use a runner with the host executor, Executor.host({ builder }): the jobs of this runner are in containers, which are no clients of the builder'
          : 'pass the builder to the executor of the runner, Executor.host({ builder }), and remove `builder` here',
        symptom: 'buildctl: command not found',
      });
    }
    if (!builder.canUse(registry)) {
      problems.add({
        code: 'FORGE-PIPE-004',
        message: `builder ${quoted(builder.path)} does not know registry ${quoted(registry.push.host)}`,
        fix: 'pass the registry to the builder: new Buildkitd(chart, id, { registries: [registry], … })',
        symptom: 'http: server gave HTTP response to HTTPS client, or x509: certificate signed by unknown authority',
      });
    }
  }
}

function checkDockerfile(construct: Construct, dockerfile: string): void {
  if (/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(dockerfile) && !dockerfile.split('/').includes('..')) {
    return;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-PIPE-003',
    message: `${quoted(dockerfile)} is not the path of a Dockerfile`,
    allowed: 'a path below the context: letters, digits, ".", "_" and "-", with "/" between folders',
    fix: "write it relative to the context, e.g. 'docker/Dockerfile'",
  });
}
