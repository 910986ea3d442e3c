import { Expression, ReadyStepOptions, Step } from '../../workflow';
import { assertAuthor } from '../credential';
import { scriptOf } from '../scripts';
import { assertPaths, assertPrefix, assertSubjects, assertToken, assertVersion, refused } from './version-checks';
import { ClaimOptions, CommitVersioningOptions, GivenVersioningOptions, VersioningOptions } from './versioning-options';

/** Outputs of every step that computes a version. */
const OUTPUTS = ['version', 'tag', 'previous', 'bump', 'changed'];

interface Scheme {
  readonly name: string;
  /** Scripts that define `compute`, or that publish a version themselves. */
  readonly scripts: string[];
  readonly env: Record<string, string>;
  readonly isComputed: boolean;
  readonly isFromTag?: boolean;
}

const script = (...names: string[]): string => scriptOf('fail', 'version-common', ...names);

/**
 * A way to find the version of a release: from commit messages, from a tag, from an input, or from the calendar.
 *
 * The step of a versioning has the outputs `version` (`1.2.3`), `tag` (`v1.2.3`), `previous`, `bump` and `changed`.
 * Only numbers, dots and the prefix get into an output, whatever a commit message contains.
 *
 * @example
 *
 * const version = Versioning.fromCommits().compute();
 * workflow.addJob('version', { runsOn: runner, steps: [Checkout.git({ fullHistory: true }), version] });
 */
export class Versioning {
  /**
   * Computes the next version from all commits since the last tag of the right form. The largest change of all commits
   * decides; a commit that says nothing is a patch. A commit that is released already keeps its version, with the output
   * `changed` set to `false`.
   *
   * @throws FORGE-RECIPE-010 for a prefix, subject, version or path that is invalid
   */
  static fromCommits(options: CommitVersioningOptions = {}): Versioning {
    const {
      major = ['major:'],
      minor = ['minor:', 'feat:', 'feature:'],
      initialVersion = '0.1.0',
      paths = [],
    } = options;
    assertSubjects('major', major);
    assertSubjects('minor', minor);
    assertVersion('initialVersion', initialVersion);
    assertPaths(paths);
    return new Versioning(prefixOf(options), {
      name: 'Compute the version',
      scripts: ['version-from-commits'],
      isComputed: true,
      env: {
        INITIAL: initialVersion,
        MAJOR: major.join('\n'),
        MINOR: minor.join('\n'),
        CONVENTIONAL: options.conventionalCommits ? 'yes' : 'no',
        PATHS: paths.join('\n'),
      },
    });
  }

  /**
   * Computes a calendar version, such as `2026.11.3`: year, month, and the number of the release in the month, from 0.
   * The version is a semantic version too, so that `TagPolicy.semver('>=2026.0.0')` sorts it.
   *
   * @throws FORGE-RECIPE-010 for a prefix that is invalid
   */
  static calver(options: VersioningOptions = {}): Versioning {
    return new Versioning(prefixOf(options), {
      name: 'Compute the version',
      scripts: ['version-calver'],
      isComputed: true,
      env: {},
    });
  }

  /**
   * Reads the version from the tag that started the workflow. Use `Trigger.push({ tags: ['v*'] })`.
   *
   * @throws FORGE-RECIPE-010 for a prefix that is invalid
   */
  static fromTag(options: GivenVersioningOptions = {}): Versioning {
    return Versioning.given(Expression.REF_NAME, options, 'yes');
  }

  /**
   * Reads the version from a text, such as an input of `workflow_dispatch`. The prefix is optional there.
   *
   * @param input the value, for example `input.value`
   * @throws FORGE-RECIPE-010 for a prefix that is invalid, or an empty input
   */
  static fromInput(input: string, options: GivenVersioningOptions = {}): Versioning {
    if (typeof input !== 'string' || input.trim() === '') {
      throw refused('the input of Versioning.fromInput is empty', 'pass the value of an input: input.value');
    }
    return Versioning.given(input, options, 'no');
  }

  private static given(value: string, options: GivenVersioningOptions, requirePrefix: string): Versioning {
    return new Versioning(prefixOf(options), {
      name: 'Check the version',
      scripts: ['version-given'],
      isComputed: false,
      isFromTag: requirePrefix === 'yes',
      env: {
        GIVEN: value,
        PRERELEASES: options.prereleases ? 'yes' : 'no',
        REQUIRE_PREFIX: requirePrefix,
        ...(requirePrefix === 'yes' ? { REF: Expression.REF } : {}),
      },
    });
  }

  private constructor(
    /** Text before the version in a tag. */
    readonly tagPrefix: string,
    private readonly scheme: Scheme,
  ) {}

  /**
   * Reports whether the version is computed, so that the build must publish its tag.
   *
   * @internal
   */
  get _isComputed(): boolean {
    return this.scheme.isComputed;
  }

  /**
   * Reports whether the version is the name of the Git tag that starts the workflow.
   *
   * @internal
   */
  get _isFromTag(): boolean {
    return this.scheme.isFromTag ?? false;
  }

  /**
   * Text that is the same for versionings that give a commit the same version.
   *
   * @internal
   */
  get _key(): string {
    return JSON.stringify([this.tagPrefix, this.scheme]);
  }

  /**
   * Creates a step that computes the version and changes nothing. Check out the full history first:
   * `Checkout.git({ fullHistory: true })`.
   */
  compute(options: ReadyStepOptions = {}): Step {
    const { name, scripts, env, isComputed } = this.scheme;
    return Step._ready(
      {
        name,
        script: script(...scripts, ...(isComputed ? ['version-compute'] : [])),
        outputs: OUTPUTS,
        env: { TAG_PREFIX: this.tagPrefix, ...env },
      },
      options,
    );
  }

  /**
   * Creates a step that computes the version and claims it by pushing its tag, before anything is built. Two runs at
   * once get one version each: the slower run computes again, three times, and never moves a tag. The step needs no
   * checkout. Put it into a job of its own, or before every step that runs code of the repository.
   *
   * @throws FORGE-RECIPE-010 for a version that is given and not computed, FORGE-RECIPE-002 for a token in plain text
   */
  claim(options: ClaimOptions = {}): Step {
    return this.published('Claim the version', 'version-claim', options);
  }

  /**
   * Creates a step that computes the version and reserves its number for the commit, before anything is built. Two runs
   * at once get one version each. Tag the release with `Release.tag` after the build: a build that fails leaves no tag,
   * and a run that is started again keeps its number. The step needs no checkout.
   *
   * The number is a ref of the repository, `refs/versions/<tag>`, which the forge does not show. `Release.tag` removes
   * the ref. The token needs `contents: write`.
   *
   * @throws FORGE-RECIPE-010 for a version that is given and not computed, FORGE-RECIPE-002 for a token in plain text
   */
  reserve(options: ClaimOptions = {}): Step {
    return this.published('Reserve the version', 'version-reserve', options);
  }

  private published(name: string, last: string, options: ClaimOptions): Step {
    const { authorName = 'release', authorEmail = 'release@users.noreply.local', token, ...step } = options;
    if (!this.scheme.isComputed) {
      throw refused(
        'a version that a tag or a person gives cannot be claimed',
        'use Versioning.fromCommits() or Versioning.calver(), or tag with Release.tag(…)',
      );
    }
    const credential = assertToken(token ?? Expression.JOB_TOKEN);
    return Step._ready(
      {
        name,
        needsOwnJob: true,
        script: script('isolated-git', 'private-git', ...this.scheme.scripts, last),
        outputs: OUTPUTS,
        env: {
          TAG_PREFIX: this.tagPrefix,
          ...this.scheme.env,
          COMMIT: Expression.SHA,
          AUTHOR_NAME: assertAuthor(authorName),
          AUTHOR_EMAIL: authorEmail,
          TOKEN: credential,
        },
      },
      step,
      (job) => ({ REPOSITORY_URL: job.repository.internalCloneUrl }),
    );
  }
}

function prefixOf({ tagPrefix = 'v' }: VersioningOptions): string {
  assertPrefix(tagPrefix);
  return tagPrefix;
}
