import { Resources } from '../../kube';

/** The privilege of a container. */
export enum Privilege {
  /** No privilege: no capability, and no way to get one. */
  NONE = 'none',
  /** No privilege, and a read-only root file system. */
  READ_ONLY = 'read-only',
  /** Programs of the container may become root by `sudo`. */
  SUDO = 'sudo',
  /** Full access to the machine. */
  FULL = 'full',
}

/** A key of a Secret. */
export interface BlueprintSecretKey {
  /** The name of the Secret. */
  readonly name: string;

  /** The key in the Secret. */
  readonly key: string;
}

/** An environment variable of a container. */
export interface BlueprintVariable {
  /** The name of the variable. */
  readonly name: string;

  /**
   * The value.
   *
   * @default - the name of the instance: the pod's name
   */
  readonly value?: string;

  /** The key of a Secret with the value, instead of `value`. @default - none */
  readonly secret?: BlueprintSecretKey;
}

/** A mount of a volume in a container. */
export interface BlueprintMount {
  /** The name of the volume. */
  readonly volume: string;

  /** The path inside the container. */
  readonly path: string;

  /**
   * The file or directory of the volume that is mounted.
   *
   * @default - the whole volume
   */
  readonly subPath?: string;

  /** Whether to mount the volume read-only. @default false */
  readonly readOnly?: boolean;
}

/** A check of a container, by an HTTP request or a command. */
export interface BlueprintProbe {
  /** The path of an HTTP request to the container's first port. @default - a command */
  readonly path?: string;

  /** The command, which succeeds if all is well. @default - an HTTP request */
  readonly command?: string[];

  /** The time between two checks, in seconds. */
  readonly periodSeconds: number;

  /** The time that a check may take, in seconds. */
  readonly timeoutSeconds: number;

  /** The number of failed checks in a row that count. @default 3 */
  readonly failures?: number;
}

/** The checks of a container. */
export interface BlueprintProbes {
  /** The check that decides when the container has started. */
  readonly startup?: BlueprintProbe;

  /** The check that decides when the container must be restarted. */
  readonly liveness?: BlueprintProbe;

  /** The check that decides whether the container counts as ready. */
  readonly readiness?: BlueprintProbe;
}

/** A port of a container. */
export interface BlueprintPort {
  /** The name of the port. */
  readonly name: string;

  /** The number of the port. */
  readonly port: number;
}

/** A container of a runner: one that prepares, a service beside the runner, or the runner itself. */
export interface BlueprintContainer {
  /** The name of the container. */
  readonly name: string;

  /** The image, with its tag. */
  readonly image: string;

  /** The command. @default - that of the image */
  readonly command?: string[];

  /** The arguments of the image's entry point. @default - those of the image */
  readonly args?: string[];

  /** The environment variables. @default - none */
  readonly env?: BlueprintVariable[];

  /** The mounts. @default - none */
  readonly mounts?: BlueprintMount[];

  /** The privilege. @default Privilege.NONE */
  readonly privilege?: Privilege;

  /** Whether to run the container as root, whatever the user of the runner. @default false */
  readonly asRoot?: boolean;

  /** The ID of the container's user, if it is another than the runner's. @default - the user of the runner */
  readonly user?: number;

  /** The ports. @default - none */
  readonly ports?: BlueprintPort[];

  /** The checks. @default - none */
  readonly probes?: BlueprintProbes;

  /** The resource requests and limits. @default - none */
  readonly resources?: Resources;
}
