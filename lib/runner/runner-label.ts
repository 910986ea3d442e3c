import { ForgeError, quoted } from '../support';

/**
 * The pattern of an image reference in a label: no scheme, no white space, lowercase repository, optional tag and
 * digest.
 */
const IMAGE =
  /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/**
 * A label that jobs request in `runs-on`, and that decides how the runner runs them.
 *
 * A job runs on a runner only if the runner has all the labels that the job requests.
 *
 * @example
 *
 * RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest');
 * RunnerLabel.host('linux-amd64');
 */
export class RunnerLabel {
  /**
   * Creates a label whose jobs each run in their own container of this image. The runner needs a Docker daemon.
   *
   * @param name what jobs ask for
   * @param image the image, without a scheme: it must hold `bash`, and `node` for actions written in JavaScript
   * @throws FORGE-RUN-001 if the name cannot stand in a label, FORGE-RUN-002 if the image is not a reference
   */
  static docker(name: string, image: string): RunnerLabel {
    if (!IMAGE.test(image)) {
      throw ForgeError.of({
        code: 'FORGE-RUN-002',
        message: `${quoted(image)}, the image of label ${quoted(name)}, is not an image reference`,
        allowed: '[host[:port]/]path[:tag][@sha256:digest], no scheme, no white space, lower case up to the tag',
        fix: /:\/\//.test(image)
          ? 'leave the scheme out: the label adds docker://'
          : "write it as for `docker pull`, e.g. 'node:22-bookworm'",
      });
    }
    return new RunnerLabel(checkedName(name), image);
  }

  /**
   * Creates a label whose jobs run in the runner's own container. No Docker daemon is needed. Jobs are not isolated
   * from each other.
   *
   * @param name what jobs ask for
   * @throws FORGE-RUN-001 if the name cannot stand in a label
   */
  static host(name: string): RunnerLabel {
    return new RunnerLabel(checkedName(name));
  }

  private constructor(
    /** The labels that jobs request in `runs-on`. */
    readonly name: string,
    /** The image that jobs run in; undefined if jobs run in the runner's own container. */
    readonly image?: string,
  ) {}

  /** Reports whether jobs with this label run in a container. If so, the runner needs a Docker daemon. */
  get needsDocker(): boolean {
    return this.image !== undefined;
  }

  /** The label in the format of the runner's configuration: `name:host` or `name:docker://image`. */
  get spec(): string {
    return this.image === undefined ? `${this.name}:host` : `${this.name}:docker://${this.image}`;
  }
}

function checkedName(name: string): string {
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?$/.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-001',
    message: `${quoted(name)} is not the name of a runner label`,
    allowed:
      'letters, digits, ".", "_" and "-", at most 63 characters; no space, comma or colon: runners below 2.1 split labels there',
    fix: "give the bare name that jobs write in runs-on, e.g. 'ubuntu-latest'; the image is the second argument of RunnerLabel.docker()",
    symptom: 'no matching online runner with label',
  });
}
