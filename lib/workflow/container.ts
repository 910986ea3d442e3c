import { ForgeError, quoted } from '../support';

/** A user name and password that are used to pull an image. Both values are secrets of the forge. */
export interface ContainerCredentials {
  /** The user name: plain text, or `Expression.secret`. */
  readonly username: string;
  /** The password: `Expression.secret` or the job's token, never the value. */
  readonly password: string;
}

/** A container that runs beside or around the steps of a job. */
export interface ContainerProps {
  /** Environment variables inside the container. @default - none */
  readonly env?: Record<string, string>;
  /** Ports to publish, for example `5432:5432`. @default - none */
  readonly ports?: string[];
  /** Volumes, for example `/data:/data:ro`. The runner must allow them. @default - none */
  readonly volumes?: string[];
  /** Options of `docker create`, for example `--health-cmd pg_isready`. The runner must allow them. @default - none */
  readonly options?: string;
  /** Credentials to pull the image with. @default - none: the image is public */
  readonly credentials?: ContainerCredentials;
  /** Entry point instead of that of the image, as one line. Services on GitHub only. @default - that of the image */
  readonly entrypoint?: string;
  /** Command instead of that of the image, as one line. Services on GitHub only. @default - that of the image */
  readonly command?: string;
}

/**
 * A container that runs around the steps of a job (`container`), or beside them under a name (`services`).
 *
 * @example
 *
 * const services = { postgres: JobContainer.of('postgres:17.2', { ports: ['5432:5432'], options: '--health-cmd pg_isready' }) };
 */
export class JobContainer {
  /**
   * Creates a container from an image.
   *
   * @throws FORGE-WF-041 for a bad image, port or volume, or a password that is no secret
   */
  static of(image: string, props: ContainerProps = {}): JobContainer {
    return new JobContainer(image, props);
  }

  private readonly props: ContainerProps;

  private constructor(
    /** Name of the image. */
    readonly image: string,
    props: ContainerProps,
  ) {
    const { env, ports, volumes, credentials } = props;
    this.props = {
      ...props,
      env: env && { ...env },
      ports: ports && [...ports],
      volumes: volumes && [...volumes],
      credentials: credentials && { ...credentials },
    };
    this.check();
  }

  /**
   * Content of the container in the file, before expressions are resolved.
   *
   * @internal
   */
  get _data(): ContainerProps {
    return this.props;
  }

  private check(): void {
    if (this.image === '' || /\s/.test(this.image.replace(/\$\{\{.*?\}\}/g, '')) || /^[a-z]+:\/\//.test(this.image)) {
      throw bad(`${quoted(this.image)} is no image`, 'write registry/name:tag, without a scheme');
    }
    for (const port of this.props.ports ?? []) {
      const numbers = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(?:tcp|udp))?$/.exec(port);
      if (!numbers || [numbers[1], numbers[2]].some((n) => n !== undefined && (Number(n) < 1 || Number(n) > 65535))) {
        throw bad(`${quoted(port)} is no port`, 'write 5432, 5432:5432 or 53:53/udp');
      }
    }
    for (const volume of this.props.volumes ?? []) {
      if (!/^(?:[^:]+:)?\/[^:]*(?::(?:ro|rw|z|Z))?$/.test(volume)) {
        throw bad(`${quoted(volume)} is no volume`, 'write source:/path or source:/path:ro');
      }
    }
    const password = this.props.credentials?.password;
    if (password !== undefined && !/^\$\{\{ (?:secrets\.\w+|github\.token) \}\}$/.test(password)) {
      throw bad(
        'its password stands in the program',
        "put it into a secret of the forge and pass Expression.secret('…')",
      );
    }
  }
}

function bad(why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-041', message: `this is no container: ${why}`, fix });
}
