import { Construct } from 'constructs';
import { Forge } from '../../forge';
import { Problem } from '../../support';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintPort,
  BlueprintProbes,
  BlueprintVariable,
  BlueprintVolume,
} from '../blueprint';
import { RunnerConfig } from '../config/config';
import { Registration } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';
import { ImageReference } from './image';
import { Scaling } from '../scaling/scaling';

/** The place of a runner binary in its image, from which it can be copied into another image. */
export interface PortableProgram {
  /** The absolute path of the binary, or of the directory that has it. It needs no shared libraries of its image. */
  readonly path: string;

  /** Reports whether the path is a directory. @default false */
  readonly isFolder?: boolean;

  /** The command that runs the binary, if the image's own entry point does it otherwise. @default - that of the parts */
  readonly command?: string[];
}

/** Facts about the cache server that a runner binary contains. */
export interface CacheServerFacts {
  /** The command that starts the server, without its configuration. */
  readonly command: string[];

  /** The settings that name the file with the secret, by their key in the configuration. */
  readonly secretSettings: Record<string, string>;

  /** Reports whether the server deletes what is old or too large by its configuration. @default false */
  readonly hasLimits?: boolean;
}

/** Facts about a version of a runner binary, from which an executor plans. */
export interface ProgramFacts {
  /** The name of the runner binary, for messages. */
  readonly binary: string;

  /** The image, with its tag. */
  readonly image: string;

  /** The place of the binary, if it can be copied into another image. @default - it cannot */
  readonly portable?: PortableProgram;

  /** The image with a rootless Docker daemon. @default - there is none */
  readonly rootlessDockerImage?: string;

  /** The ID of the image's unprivileged user. */
  readonly user: number;

  /** The directory in which jobs work. */
  readonly workFolder: string;

  /** Reports whether the image has a home directory and a name for its user. @default false */
  readonly imageHasUser?: boolean;

  /** Reports whether the runner brings its own Node.js for JavaScript actions. @default false */
  readonly bringsNode?: boolean;

  /** Reports whether the runner refuses to be root; its jobs then become root with `sudo`. @default false */
  readonly refusesRoot?: boolean;

  /**
   * Reports whether steps run in the runner's container, also with a Docker daemon. The daemon then needs the directories of
   * `sharedFolders` at the same paths. @default false
   */
  readonly stepsInRunner?: boolean;

  /** The directories of the image that job containers need, by the name of their volume. @default - none */
  readonly sharedFolders?: Record<string, string>;

  /** The ID of the group that may use a Docker socket. @default - the runner is root */
  readonly dockerGroup?: number;

  /** Reports whether the runner keeps an identity or other state between jobs. @default false */
  readonly keepsState?: boolean;

  /** The settings that give jobs the Docker socket. @default - jobs get the socket without a setting */
  readonly socketSettings?: Record<string, string>;

  /** The settings that withhold the Docker socket. @default - nothing withholds the socket */
  readonly noSocketSettings?: Record<string, string>;

  /** The settings that make the runner wait for a Docker daemon that is down. @default - none */
  readonly waitSettings?: Record<string, string>;

  /** The cache server, if the binary contains one that reads its secret from a file. @default - there is none */
  readonly cacheServer?: CacheServerFacts;
}

/** A runner, as its runner binary sees it. */
export interface ProgramRequest {
  /** The runner's construct. */
  readonly construct: Construct;
  /** The name of the runner. */
  readonly name: string;
  /** The forge. */
  readonly forge: Forge;
  /** The address with which the runner registers. */
  readonly instanceUrl: string;
  /** The scope. */
  readonly scope: RunnerScope;
  /** The registration. */
  readonly registration: Registration;
  /** The scaling. */
  readonly scaling: Scaling;
  /** The labels. */
  readonly labels: RunnerLabel[];
  /** The version. */
  readonly version: RunnerVersion;
  /** The image that the executor chose. */
  readonly image: string;
  /** The user's settings. */
  readonly config: RunnerConfig;
  /** The settings that the library decides, by their key in the runner's configuration. */
  readonly settings: Record<string, unknown>;
  /** The environment variables of jobs. */
  readonly jobEnvironment: Record<string, string>;
  /** The directory of the trusted CAs, if job containers can mount it. @default - they cannot, or trust nothing more */
  readonly trustedFolder?: string;
  /** The environment variables that each container of the runner's image gets: proxy. */
  readonly env: BlueprintVariable[];
  /** The environment variables that set the trusted CAs. */
  readonly trustEnv: BlueprintVariable[];
  /** The mounts of the trusted CAs. */
  readonly trustMounts: BlueprintMount[];
  /** The time that a stopping runner lets its job continue, in seconds. */
  readonly shutdownSeconds: number;
  /** Whether to serve neither metrics nor checks, because the port would be one of the machine. @default false */
  readonly withoutMetrics?: boolean;
  /** The ID of a runner group. @default - none */
  readonly group?: number;
}

/** The way in which KEDA counts the jobs of a runner. */
export interface JobQueue {
  /** The type of the KEDA trigger. */
  readonly type: string;
  /** The metadata of the trigger. */
  readonly metadata: Record<string, string>;
  /** The name of the credential in the trigger's authentication. */
  readonly parameter: string;
  /** The name of the Secret with the credential. */
  readonly secretName: string;
  /** The key of the credential in the Secret. */
  readonly key: string;
}

/** The parts that a runner binary adds to a blueprint. */
export interface ProgramParts {
  /** The files, by name. */
  readonly files: Record<string, string>;
  /** The containers that register the runner. @default - none */
  readonly setup?: BlueprintContainer[];
  /** The command of the runner's container. @default - that of the image */
  readonly command?: string[];
  /** The environment variables of the runner's container. @default - none */
  readonly env?: BlueprintVariable[];
  /** The mounts of the runner's container. @default - none */
  readonly mounts?: BlueprintMount[];
  /** The volumes that hold credentials, or what is made of them. @default - none */
  readonly secrets?: BlueprintVolume[];
  /** The ports of the runner's container. @default - none */
  readonly ports?: BlueprintPort[];
  /** The checks of the runner's container. @default - none */
  readonly probes?: BlueprintProbes;
  /** The way in which KEDA counts jobs. @default - instances run permanently */
  readonly queue?: JobQueue;
}

/**
 * A runner binary: its image, versions, configuration, registration, metrics and checks. The library has one for each
 * forge product. Your own class can be another: `new Runner(…, { program: new MyProgram() })`.
 */
export interface IRunnerProgram {
  /** The name of the runner binary, as `runnerProgram` of a forge product has it: `gitea`, `forgejo`, `github`. */
  readonly product: string;

  /** The name of the product for people, for example `Gitea`. */
  readonly title: string;

  /**
   * The name of the construct that deploys the runner binary, if it is not `Runner`.
   *
   * @default - `Runner` deploys it
   */
  readonly deployedBy?: string;

  /** The newest version that the library knows, as `major.minor.patch`. */
  readonly latestKnown: string;

  /** The names of environment variables that the runner binary overwrites in jobs. */
  readonly reservedEnvironment: string[];

  /** The label of a runner with Docker, if none is declared. */
  readonly defaultLabel: RunnerLabel;

  /**
   * Returns the name of the official image, without a tag.
   *
   * @param version the version
   */
  imageName(version: RunnerVersion): string;

  /**
   * Returns the facts about a version.
   *
   * @param version the version
   * @param image the reference of its image
   */
  facts(version: RunnerVersion, image: ImageReference): ProgramFacts;

  /** Returns everything that prevents the runner from working. */
  problems(request: ProgramRequest): Problem[];

  /** Returns the parts that the runner binary adds to the blueprint. */
  parts(request: ProgramRequest): ProgramParts;
}
