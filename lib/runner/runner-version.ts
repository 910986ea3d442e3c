import { ForgeError, quoted } from '../support';

/** The first version with the new name: image `gitea/runner`, runner binary `gitea-runner`. */
const RENAMED = '1.0.0';

/** The oldest version of Forgejo's runner whose `server.connections` with `token_url` is known to work. */
const FORGEJO_OLDEST = '12.10.0';

/** Settings that select the image of a runner, in addition to its version. */
export interface RunnerVersionProps {
  /**
   * The image's name, without tag. Use a mirror of the official image, or an image built on it with more tools, for
   * example `node` for JavaScript actions. The image must have the same tags as the official image.
   *
   * @default - the official image: `gitea/act_runner` below 1.0.0, `gitea/runner` from there on, `code.forgejo.org/forgejo/runner`,
   * `ghcr.io/actions/actions-runner`
   */
  readonly image?: string;

  /**
   * The digest of the image that the executor uses, `sha256:…`. The tag remains for readability.
   *
   * @default - the tag decides
   */
  readonly digest?: string;
}

/**
 * A version of the runner binary that decides the image and the supported settings.
 *
 * @example
 *
 * RunnerVersion.gitea('3.3.0', { image: 'registry.example.com/mirror/gitea-runner' });
 */
export class RunnerVersion {
  /** The newest version of Gitea's runner that this library supports. */
  static readonly GITEA_LATEST_KNOWN = new RunnerVersion('gitea', '3.3.0', {});

  /** The newest version of Forgejo's runner that this library supports. */
  static readonly FORGEJO_LATEST_KNOWN = new RunnerVersion('forgejo', '12.13.2', {});

  /** The newest version of GitHub's runner that this library supports. */
  static readonly GITHUB_LATEST_KNOWN = new RunnerVersion('github', '2.338.0', {});

  /**
   * Creates a version of Gitea's runner, which was named `act_runner` below 1.0.0.
   *
   * @param version `major.minor.patch`
   * @throws FORGE-RUN-004 for anything else, `nightly` and `latest` above all, FORGE-RUN-005 for an image or digest that is not one
   */
  static gitea(version: string, props: RunnerVersionProps = {}): RunnerVersion {
    return new RunnerVersion('gitea', checkedVersion(version), checkedImage(props));
  }

  /**
   * Creates a version of Forgejo's runner.
   *
   * @param version `major.minor.patch`, 12.10.0 or newer: older ones cannot read their connection from the configuration
   * @throws FORGE-RUN-004 for anything else, FORGE-RUN-005 for an image or digest that is not one
   */
  static forgejo(version: string, props: RunnerVersionProps = {}): RunnerVersion {
    const made = new RunnerVersion('forgejo', checkedVersion(version), checkedImage(props));
    if (made.isAtLeast(FORGEJO_OLDEST)) {
      return made;
    }
    throw badVersion(
      version,
      `${FORGEJO_OLDEST} or newer`,
      'use a newer version: older ones cannot read their connection from the configuration',
    );
  }

  /**
   * Creates a version of GitHub's runner. GitHub makes an old runner update itself before it accepts a job, so every
   * pod downloads the update. GitHub rejects a runner that is some months old. Keep the version recent.
   *
   * @param version `major.minor.patch`
   * @throws FORGE-RUN-004 for anything else, `latest` above all, FORGE-RUN-005 for an image or digest that is not one
   * @see https://docs.github.com/en/actions/reference/runners/self-hosted-runners#runner-software-updates-on-self-hosted-runners
   */
  static github(version: string, props: RunnerVersionProps = {}): RunnerVersion {
    return new RunnerVersion('github', checkedVersion(version), checkedImage(props));
  }

  /**
   * Returns the newest known version of the runner for a forge.
   *
   * @internal
   */
  static _for(program: string): RunnerVersion {
    switch (program) {
      case 'forgejo':
        return RunnerVersion.FORGEJO_LATEST_KNOWN;
      case 'github':
        return RunnerVersion.GITHUB_LATEST_KNOWN;
      default:
        return RunnerVersion.GITEA_LATEST_KNOWN;
    }
  }

  private readonly props: RunnerVersionProps;

  private constructor(
    /** The product: `gitea`, `forgejo` or `github`. */
    readonly product: string,
    /** Returns the release as `major.minor.patch`. */
    readonly version: string,
    props: RunnerVersionProps,
  ) {
    this.props = { ...props };
  }

  /** The name of the runner binary inside the image, or of the script that starts it. */
  get program(): string {
    if (this.product === 'forgejo') {
      return 'forgejo-runner';
    }
    if (this.product === 'github') {
      return 'run.sh';
    }
    return this.isAtLeast(RENAMED) ? 'gitea-runner' : 'act_runner';
  }

  /** Returns whether this version is the given version or newer. */
  isAtLeast(version: string): boolean {
    return compare(this.version, version) >= 0;
  }

  /** The image without Docker. */
  get image(): string {
    return this.reference('');
  }

  /** The image with a rootless Docker daemon; Gitea's runner only. */
  get rootlessDockerImage(): string {
    return this.reference('-dind-rootless');
  }

  /** Name of the official image. Tags of Gitea's old name are no longer updated (gitea.com/gitea/runner#850). */
  private get officialImage(): string {
    if (this.product === 'forgejo') {
      return 'code.forgejo.org/forgejo/runner';
    }
    if (this.product === 'github') {
      return 'ghcr.io/actions/actions-runner';
    }
    return this.isAtLeast(RENAMED) ? 'gitea/runner' : 'gitea/act_runner';
  }

  private reference(flavour: string): string {
    const { image, digest } = this.props;
    return `${image ?? this.officialImage}:${this.version}${flavour}${digest ? `@${digest}` : ''}`;
  }
}

/** Compares `major.minor.patch`, number by number. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : left[differing] - right[differing];
}

function checkedVersion(version: string): string {
  if (/^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})$/.test(version)) {
    return version;
  }
  throw badVersion(
    version,
    '`major.minor.patch`, such as `3.3.0`',
    /nightly|latest/.test(version)
      ? 'pin a version: a tag that moves changes what runs your jobs at the next restart of a pod'
      : 'give all three numbers; settings and the image depend on them',
  );
}

function badVersion(version: string, allowed: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-RUN-004',
    message: `${quoted(version)} is not the version of a runner`,
    allowed,
    fix,
  });
}

function checkedImage(props: RunnerVersionProps): RunnerVersionProps {
  const { image, digest } = props;
  if (image !== undefined && !/^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(image)) {
    throw badImage(
      `${quoted(image)} is not the name of an image`,
      'leave tag, digest and scheme out: the version is the tag',
    );
  }
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw badImage(
      `${quoted(digest)} is not a digest`,
      'give sha256: and 64 hexadecimal digits, as `docker buildx imagetools inspect` prints it',
    );
  }
  return props;
}

function badImage(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RUN-005', message, fix });
}
