import { ActionVersion } from './action';
import { Condition } from '../expression/condition';
import { StepProps } from '../step-props';

/** A set of properties that every ready-made action step accepts. */
export interface ActionStepProps extends StepProps {
  /**
   * Version of the action to use instead of the version that this library was written against.
   *
   * @default - a version that is pinned by its commit
   */
  readonly version?: ActionVersion;
}

/** Inputs of actions/checkout. */
export interface CheckoutActionProps extends ActionStepProps {
  /** The commit, branch or tag. @default - the commit, branch or tag that the workflow runs for */
  readonly ref?: string;
  /** Another repository, `owner/name`. @default - the workflow's own */
  readonly repository?: string;
  /** Directory below the working directory. @default - the working directory */
  readonly path?: string;
  /** Number of commits to fetch. 0 fetches all commits, with all branches and tags. @default 1 */
  readonly fetchDepth?: number;
  /** Whether to fetch the tags. @default false */
  readonly fetchTags?: boolean;
  /** Condition to fetch the tags, if the run decides; not together with `fetchTags`. @default - as `fetchTags` says */
  readonly fetchTagsIf?: Condition;
  /** Whether to fetch the files of Git LFS. @default false */
  readonly lfs?: boolean;
  /** Condition to fetch the files of Git LFS, if the run decides; not together with `lfs`. @default - as `lfs` says */
  readonly lfsIf?: Condition;
  /** Whether to check out submodules, including nested submodules. @default false */
  readonly submodules?: boolean;
  /** Filter of a partial clone, for example `blob:none`. @default - none */
  readonly filter?: string;
  /** Directories to check out. @default - the whole repository */
  readonly sparseCheckout?: string[];
  /** Whether `sparseCheckout` contains directories (cone mode), not patterns as in `.gitignore`. @default true */
  readonly sparseCheckoutConeMode?: boolean;
  /** Whether to show the progress of the download in the log. @default true */
  readonly showProgress?: boolean;
  /** Whether to add the directory to `safe.directory` of Git. @default true */
  readonly setSafeDirectory?: boolean;
  /** Base URL of another GitHub server from which to clone. @default - the forge of the job */
  readonly gitHubServerUrl?: string;
  /** Whether to remove untracked files of an earlier job first. @default true */
  readonly clean?: boolean;
  /** Private SSH key, as `Expression.secret('…')`. @default - the token over HTTP */
  readonly sshKey?: string;
  /** Known hosts for SSH, as lines of a `known_hosts` file. @default - those of github.com */
  readonly sshKnownHosts?: string;
  /** Whether to accept known host keys only, with `StrictHostKeyChecking=yes` and `CheckHostIP=no`. @default true */
  readonly sshStrict?: boolean;
  /** User name for SSH. @default 'git' */
  readonly sshUser?: string;
  /**
   * Whether to check out the code of a fork under `pull_request_target` or `workflow_run`, where the job has the secrets of
   * the repository. Version 7 of the action refuses the checkout otherwise.
   *
   * @default false
   */
  readonly allowUnsafePrCheckout?: boolean;
  /**
   * Whether to keep the token, so that later steps can push. Every later step can then read the token. From version 6 of
   * the action on, the token is in a file under `RUNNER_TEMP`; before, in `.git/config` of the workspace.
   *
   * @default false
   */
  readonly persistCredentials?: boolean;
  /** Another token, for example `Expression.secret('…')`. @default - the job's token */
  readonly token?: string;
}

/** Inputs of docker/setup-buildx-action. */
export interface SetupBuildxActionProps extends ActionStepProps {
  /** Name of the builder. @default - generated */
  readonly builderName?: string;
  /** Version of buildx, for example `v0.38.2`. @default - the version on the runner */
  readonly buildxVersion?: string;
  /** Driver that runs BuildKit: docker-container, remote, kubernetes, docker. @default 'docker-container' */
  readonly driver?: string;
  /** Options of the driver, for example `network=host`. @default - none */
  readonly driverOptions?: string[];
  /** Address of a remote driver, for example `tcp://buildkitd:1234`. @default - none */
  readonly endpoint?: string;
  /** Content of buildkitd.toml, as text. @default - none */
  readonly buildkitdConfig?: string;
  /** Flags of buildkitd. They replace the flags that allow entitlements. @default - those of the action */
  readonly buildkitdFlags?: string;
  /** Whether to keep the state of the builder after the job; for the driver docker-container. @default false */
  readonly keepState?: boolean;
  /** More nodes of the builder, as a YAML list. @default - none */
  readonly append?: string;
  /** Whether to keep the buildx binary in the forge's cache. @default true */
  readonly cacheBinary?: boolean;
  /** Condition to keep the buildx binary in the forge's cache, if the run decides; not together with `cacheBinary`. @default - as `cacheBinary` says */
  readonly cacheBinaryIf?: Condition;
}

/**
 * Inputs of docker/login-action. The action has no `insecure` input: dockerd decides whether a registry is insecure.
 */
export interface LoginActionProps extends ActionStepProps {
  /** Host of the registry, without scheme. @default - Docker Hub */
  readonly registry?: string;
  /** User name for the registry. */
  readonly username: string;
  /** Password for the registry: `Expression.secret('…')` or the job's token. */
  readonly password: string;
  /** Whether to log out at the end of the job. @default true */
  readonly logout?: boolean;
  /** Condition to log out at the end of the job, if the run decides; not together with `logout`. @default - as `logout` says */
  readonly logoutIf?: Condition;
  /** Credentials of several registries, as a YAML list. Pass secrets by `Expression.secret`. @default - none */
  readonly registryAuth?: string;
  /** Scope of the credentials below the registry, for example `owner/image`. @default - the whole registry */
  readonly scope?: string;
}

/** Inputs of docker/metadata-action. */
export interface MetadataActionProps extends ActionStepProps {
  /** Images without tag. */
  readonly images: string[];
  /** Rules for tags, for example `type=semver,pattern={{version}}`. @default - by event: branch, tag, pull request */
  readonly tags?: string[];
  /** Rules for all tags, for example `latest=false`. @default - none */
  readonly flavor?: string[];
  /** Additional labels, as `key=value`. @default - none */
  readonly labels?: string[];
  /** Additional annotations, as `key=value`. @default - none */
  readonly annotations?: string[];
  /** Name of the target in the bake file that the action writes. @default 'docker-metadata-action' */
  readonly bakeTarget?: string;
}

/** Inputs of docker/build-push-action. */
export interface BuildPushActionProps extends ActionStepProps {
  /**
   * The build context. Without this input, the action clones the repository again from the forge, which a Gitea runner
   * cannot do.
   *
   * @default '.'
   */
  readonly context?: string;
  /** The Dockerfile. @default - `Dockerfile` in the context */
  readonly file?: string;
  /** Image names with tags. @default - none */
  readonly tags?: string[];
  /** Labels, as `key=value`. @default - none */
  readonly labels?: string[];
  /** Whether to push the image. @default false */
  readonly push?: boolean;
  /** Condition to push the image, if the run decides; not together with `push`. @default - as `push` says */
  readonly pushIf?: Condition;
  /** Whether to load the image into dockerd. @default false */
  readonly load?: boolean;
  /** Condition to load the image into dockerd, if the run decides; not together with `load`. @default - as `load` says */
  readonly loadIf?: Condition;
  /** Target platforms, for example `linux/arm64`. @default - the platform of the builder */
  readonly platforms?: string[];
  /** The stage to build. @default - the last stage */
  readonly target?: string;
  /** Build arguments, as `NAME=value`. Do not pass secrets: build arguments stay in the image. @default - none */
  readonly buildArgs?: string[];
  /** Build secrets, as `id=value`. @default - none */
  readonly secrets?: string[];
  /** Build secrets from files, as `id=path`. @default - none */
  readonly secretFiles?: string[];
  /** Build secrets from environment variables of the step, as `id=NAME`. @default - none */
  readonly secretEnvs?: string[];
  /** SSH agents or keys for the build, for example `default`. @default - none */
  readonly ssh?: string[];
  /** More build contexts, as `name=path`. @default - none */
  readonly buildContexts?: string[];
  /** Annotations of the image, as `key=value`. @default - none */
  readonly annotations?: string[];
  /** Attestations, for example `type=sbom`. @default - those of `provenance` and `sbom` */
  readonly attests?: string[];
  /** Method of the frontend to call instead of a build: build, check, outline, targets. @default 'build' */
  readonly call?: string;
  /** Entitlements to allow, for example `network.host`. @default - none */
  readonly allow?: string[];
  /** Stages that are built without the cache. @default - none */
  readonly noCacheFilters?: string[];
  /** Sources of the build cache, for example `type=gha`. @default - none */
  readonly cacheFrom?: string[];
  /** Destinations of the build cache, for example `type=gha,mode=max`. @default - none */
  readonly cacheTo?: string[];
  /** Build outputs, for example `type=image,push=true,registry.insecure=true`. @default - none */
  readonly buildOutputs?: string[];
  /** Name of the builder. @default - the current builder */
  readonly builder?: string;
  /** Provenance setting, for example `mode=max` or `false`. @default - the default of buildx */
  readonly provenance?: string;
  /** Whether to create a software bill of materials (SBOM). @default false */
  readonly sbom?: boolean;
  /** Condition to create a software bill of materials (SBOM), if the run decides; not together with `sbom`. @default - as `sbom` says */
  readonly sbomIf?: Condition;
  /** Whether to build without the cache. @default false */
  readonly noCache?: boolean;
  /** Condition to build without the cache, if the run decides; not together with `noCache`. @default - as `noCache` says */
  readonly noCacheIf?: Condition;
  /** Whether to pull base images again. @default false */
  readonly pull?: boolean;
  /** Condition to pull base images again, if the run decides; not together with `pull`. @default - as `pull` says */
  readonly pullIf?: Condition;
}

/** Inputs of actions/cache. */
export interface CacheActionProps extends ActionStepProps {
  /** Files and directories. */
  readonly paths: string[];
  /** Key that identifies the content, for example `npm-${Expression.hashFiles('package-lock.json')}`. */
  readonly key: string;
  /** Prefixes of older keys that are also accepted. @default - none */
  readonly restoreKeys?: string[];
  /** Whether to fail if the cache has no match. @default false */
  readonly failOnMiss?: boolean;
  /** Condition to fail if the cache has no match, if the run decides; not together with `failOnMiss`. @default - as `failOnMiss` says */
  readonly failOnMissIf?: Condition;
  /** Whether to ask only for a match, without restoring files. @default false */
  readonly lookupOnly?: boolean;
  /** Whether to share caches between Windows and other systems. @default false */
  readonly crossOs?: boolean;
}

/** Inputs of actions/upload-artifact. */
export interface UploadArtifactActionProps extends ActionStepProps {
  /** Files and directories. */
  readonly paths: string[];
  /** Name of the artifact, unique within a run. @default 'artifact' */
  readonly artifactName?: string;
  /** Behavior if no files are found: warn, error, ignore. @default 'error' */
  readonly ifNoFilesFound?: string;
  /** Retention time, in days. @default - the setting of the repository */
  readonly retentionDays?: number;
  /** Whether to include hidden files. @default false */
  readonly includeHiddenFiles?: boolean;
  /** Condition to include hidden files, if the run decides; not together with `includeHiddenFiles`. @default - as `includeHiddenFiles` says */
  readonly includeHiddenFilesIf?: Condition;
  /** Whether to replace an artifact with the same name. @default false */
  readonly overwrite?: boolean;
  /** Condition to replace an artifact with the same name, if the run decides; not together with `overwrite`. @default - as `overwrite` says */
  readonly overwriteIf?: Condition;
  /** Level of compression, from 0 to 9. @default 6 */
  readonly compressionLevel?: number;
  /** Whether to upload an archive. `false` uploads one file as it is. @default true */
  readonly archive?: boolean;
}

/** Inputs of actions/download-artifact. */
export interface DownloadArtifactActionProps extends ActionStepProps {
  /** Name of the artifact to download. @default - all artifacts of the run */
  readonly artifactName?: string;
  /** Pattern for the names of the artifacts to download; not together with a name. @default - all artifacts */
  readonly pattern?: string;
  /** Destination directory. @default - the working directory */
  readonly path?: string;
  /** Whether to put several artifacts into one directory. @default false */
  readonly mergeMultiple?: boolean;
  /** Condition to put several artifacts into one directory, if the run decides; not together with `mergeMultiple`. @default - as `mergeMultiple` says */
  readonly mergeMultipleIf?: Condition;
  /** Ids of artifacts, which `artifact-id` of the upload returns. @default - by name or pattern */
  readonly artifactIds?: string[];
  /** Id of another run. Needs `token`. @default - this run */
  readonly runId?: string;
  /** Another repository, `owner/name`. Needs `token`. @default - this repository */
  readonly repository?: string;
  /** Token that may read the other run, as `Expression.secret('…')`. @default - none */
  readonly token?: string;
  /** Behavior if a downloaded artifact has another digest: ignore, info, warn, error. @default 'error' */
  readonly digestMismatch?: string;
  /** Whether to keep archives packed. @default false */
  readonly skipDecompress?: boolean;
}
