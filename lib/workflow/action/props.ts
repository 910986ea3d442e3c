import { ActionVersion } from './action';
import { StepProps } from '../step';

/** What every ready-made step of an action may say. */
export interface ActionStepProps extends StepProps {
  /**
   * Another version of the action than the one that this library was written against.
   * @default - a version that is pinned by its commit
   */
  readonly version?: ActionVersion;
}

/** Inputs of actions/checkout. */
export interface CheckoutActionProps extends ActionStepProps {
  /** The commit, branch or tag. @default - what the workflow runs for */
  readonly ref?: string;
  /** Another repository, `owner/name`. @default - the workflow's own */
  readonly repository?: string;
  /** Folder below the working folder. @default - the working folder */
  readonly path?: string;
  /** How many commits; 0 for all, with all branches and tags. @default 1 */
  readonly fetchDepth?: number;
  /** Whether to get the tags. @default false */
  readonly fetchTags?: boolean;
  /** Whether to get the files of Git LFS. @default false */
  readonly lfs?: boolean;
  /** Whether to check out submodules, and theirs. @default false */
  readonly submodules?: boolean;
  /** Whether later steps may push with the token: it then lies in `.git/config`, where every later step can read it. @default false */
  readonly persistCredentials?: boolean;
  /** Another token: `Expression.secret('…')`. @default - the job's token */
  readonly token?: string;
}

/** Inputs of docker/setup-buildx-action. */
export interface SetupBuildxActionProps extends ActionStepProps {
  /** Name of the builder. @default - made up */
  readonly builderName?: string;
  /** What runs BuildKit: docker-container, remote, kubernetes, docker. @default 'docker-container' */
  readonly driver?: string;
  /** Options of the driver, e.g. `network=host`. @default - none */
  readonly driverOptions?: string[];
  /** Address of a remote driver, e.g. `tcp://buildkitd:1234`. @default - none */
  readonly endpoint?: string;
  /** buildkitd.toml, as text. @default - none */
  readonly buildkitdConfig?: string;
  /** Whether to keep the program in the forge's cache. @default true */
  readonly cacheBinary?: boolean;
}

/** Inputs of docker/login-action. It has no `insecure`: the daemon decides that. */
export interface LoginActionProps extends ActionStepProps {
  /** Host of the registry, without scheme. @default - Docker Hub */
  readonly registry?: string;
  /** The user. */
  readonly username: string;
  /** The password: `Expression.secret('…')` or the job's token. */
  readonly password: string;
  /** Whether to log out at the end of the job. @default true */
  readonly logout?: boolean;
}

/** Inputs of docker/metadata-action. */
export interface MetadataActionProps extends ActionStepProps {
  /** Images without tag. */
  readonly images: string[];
  /** Rules for tags, e.g. `type=semver,pattern={{version}}`. @default - by event: branch, tag, pull request */
  readonly tags?: string[];
  /** Rules for all tags, e.g. `latest=false`. @default - none */
  readonly flavor?: string[];
  /** More labels, `key=value`. @default - none */
  readonly labels?: string[];
}

/** Inputs of docker/build-push-action. */
export interface BuildPushActionProps extends ActionStepProps {
  /** The build context. Without it the action clones anew from the forge, which a Gitea runner cannot. @default '.' */
  readonly context?: string;
  /** The Dockerfile. @default - `Dockerfile` in the context */
  readonly file?: string;
  /** Names with tags. @default - none */
  readonly tags?: string[];
  /** Labels, `key=value`. @default - none */
  readonly labels?: string[];
  /** Whether to push. @default false */
  readonly push?: boolean;
  /** Whether to load the image into the Docker daemon. @default false */
  readonly load?: boolean;
  /** Platforms, e.g. `linux/arm64`. @default - that of the builder */
  readonly platforms?: string[];
  /** The stage to build. @default - the last */
  readonly target?: string;
  /** Build arguments, `NAME=value`. No secrets: they stay in the image. @default - none */
  readonly buildArgs?: string[];
  /** Secrets of the build, `id=value`. @default - none */
  readonly secrets?: string[];
  /** Where cache comes from, e.g. `type=gha`. @default - nowhere */
  readonly cacheFrom?: string[];
  /** Where cache goes, e.g. `type=gha,mode=max`. @default - nowhere */
  readonly cacheTo?: string[];
  /** Outputs, e.g. `type=image,push=true,registry.insecure=true`. @default - none */
  readonly buildOutputs?: string[];
  /** The builder. @default - the current one */
  readonly builder?: string;
  /** Provenance, e.g. `mode=max` or `false`. @default - what buildx does */
  readonly provenance?: string;
  /** Whether to make a bill of materials. @default false */
  readonly sbom?: boolean;
  /** Whether to leave the cache alone. @default false */
  readonly noCache?: boolean;
  /** Whether to pull base images anew. @default false */
  readonly pull?: boolean;
}

/** Inputs of actions/cache. */
export interface CacheActionProps extends ActionStepProps {
  /** Files and folders. */
  readonly paths: string[];
  /** What names the content, e.g. `npm-${Expression.hashFiles('package-lock.json')}`. */
  readonly key: string;
  /** Beginnings of older keys that will do. @default - none */
  readonly restoreKeys?: string[];
  /** Whether to fail if there is nothing. @default false */
  readonly failOnMiss?: boolean;
}

/** Inputs of actions/upload-artifact. */
export interface UploadArtifactActionProps extends ActionStepProps {
  /** Files and folders. */
  readonly paths: string[];
  /** Its name; once a run. @default 'artifact' */
  readonly artifactName?: string;
  /** What to do if there is nothing: warn, error, ignore. @default 'error' */
  readonly ifNoFilesFound?: string;
  /** How many days it is kept. @default - what the repository says */
  readonly retentionDays?: number;
  /** Whether hidden files go with it. @default false */
  readonly includeHiddenFiles?: boolean;
  /** Whether to replace one of the same name. @default false */
  readonly overwrite?: boolean;
}

/** Inputs of actions/download-artifact. */
export interface DownloadArtifactActionProps extends ActionStepProps {
  /** Which one. @default - all of the run */
  readonly artifactName?: string;
  /** Which ones, as a pattern; not together with a name. @default - all */
  readonly pattern?: string;
  /** Where to. @default - the working folder */
  readonly path?: string;
  /** Whether several go into one folder. @default false */
  readonly mergeMultiple?: boolean;
}
