import { ForgeError, oneOf, PINS, quoted } from '../../support';
import { Action, ActionVersion } from './action';
import {
  ActionStepProps,
  BuildPushActionProps,
  CacheActionProps,
  CheckoutActionProps,
  DownloadArtifactActionProps,
  LoginActionProps,
  MetadataActionProps,
  SetupBuildxActionProps,
  UploadArtifactActionProps,
} from './action-props';
import { Condition } from '../expression/condition';
import { Step } from '../step';

/** Versions of the actions that define the inputs in this file. */
const VERSIONS: Record<string, ActionVersion> = Object.fromEntries(
  Object.values(PINS.actions).map(({ name, version, commit }) => [name, { ref: version, sha: commit }]),
);

type InputValue = string | number | boolean | string[] | undefined;

/**
 * A collection of steps for well-known actions, with their real inputs. An input that an action does not have is a
 * compile error.
 *
 * The actions need Node.js on the runner. For a runner without Node.js, use `Checkout.git`.
 *
 * @example
 *
 * workflow.addJob('build', {
 *   runsOn: runner,
 *   steps: [Actions.checkout({ name: 'Check out' }), Actions.buildPush({ name: 'Build', tags: ['registry.example.com/app:1.0.0'], push: true })],
 * });
 */
export class Actions {
  /** Creates a step that uses actions/checkout. The step does not keep the token. Outputs: ref, commit. */
  static checkout(props: CheckoutActionProps): Step {
    return made('actions/checkout', props, {
      inputs: {
        repository: props.repository,
        ref: props.ref,
        token: secret(props.token, 'token'),
        path: props.path,
        'fetch-depth': props.fetchDepth,
        'fetch-tags': decided('fetchTags', props.fetchTags, props.fetchTagsIf),
        lfs: decided('lfs', props.lfs, props.lfsIf),
        submodules: props.submodules ? 'recursive' : undefined,
        'persist-credentials': props.persistCredentials ?? false,
      },
      outputs: ['ref', 'commit'],
    });
  }

  /** Creates a step that uses docker/setup-buildx-action. Outputs: name, driver, platforms. */
  static setupBuildx(props: SetupBuildxActionProps): Step {
    choice('driver', props.driver, ['docker-container', 'remote', 'kubernetes', 'docker']);
    if ((props.driver === 'remote') !== (props.endpoint !== undefined)) {
      throw bad(
        'driver remote and endpoint belong together',
        "give both: { driver: 'remote', endpoint: 'tcp://buildkitd:1234' }",
      );
    }
    return made('docker/setup-buildx-action', props, {
      inputs: {
        name: props.builderName,
        driver: props.driver,
        'driver-opts': props.driverOptions,
        endpoint: props.endpoint,
        'buildkitd-config-inline': props.buildkitdConfig,
        'cache-binary': decided('cacheBinary', props.cacheBinary, props.cacheBinaryIf),
      },
      outputs: ['name', 'driver', 'platforms'],
    });
  }

  /** Creates a step that uses docker/login-action. */
  static login(props: LoginActionProps): Step {
    if (props.registry !== undefined && /:\/\/|\//.test(props.registry)) {
      throw bad(
        `${quoted(props.registry)} is no host of a registry`,
        'write host or host:port, without scheme and path',
      );
    }
    return made('docker/login-action', props, {
      inputs: {
        registry: props.registry,
        username: props.username,
        password: secret(props.password, 'password'),
        logout: decided('logout', props.logout, props.logoutIf),
      },
      outputs: [],
    });
  }

  /** Creates a step that uses docker/metadata-action. Outputs: version, tags, labels, annotations, json. */
  static metadata(props: MetadataActionProps): Step {
    return made('docker/metadata-action', props, {
      inputs: { images: props.images, tags: props.tags, flavor: props.flavor, labels: props.labels },
      outputs: ['version', 'tags', 'labels', 'annotations', 'json'],
    });
  }

  /**
   * Creates a step that uses docker/build-push-action, with the checked-out files as context. Outputs: imageid, digest,
   * metadata.
   */
  static buildPush(props: BuildPushActionProps): Step {
    if (props.push && props.load) {
      throw bad('an image is to be pushed and loaded', 'choose one');
    }
    if ((props.push || props.pushIf) && (props.tags ?? []).length === 0 && (props.buildOutputs ?? []).length === 0) {
      throw bad('an image is to be pushed, but has no tag', 'give it one', 'tag is needed when pushing to registry');
    }
    return made('docker/build-push-action', props, {
      inputs: {
        builder: props.builder,
        context: props.context ?? '.',
        file: props.file,
        target: props.target,
        platforms: props.platforms?.join(','),
        'build-args': props.buildArgs,
        secrets: props.secrets,
        tags: props.tags,
        labels: props.labels,
        push: decided('push', props.push, props.pushIf),
        load: decided('load', props.load, props.loadIf),
        outputs: props.buildOutputs,
        'cache-from': props.cacheFrom,
        'cache-to': props.cacheTo,
        'no-cache': decided('noCache', props.noCache, props.noCacheIf),
        pull: decided('pull', props.pull, props.pullIf),
        provenance: props.provenance,
        sbom: decided('sbom', props.sbom, props.sbomIf),
      },
      outputs: ['imageid', 'digest', 'metadata'],
    });
  }

  /** Creates a step that uses actions/cache. Outputs: cache-hit. */
  static cache(props: CacheActionProps): Step {
    return made('actions/cache', props, {
      inputs: {
        path: props.paths,
        key: props.key,
        'restore-keys': props.restoreKeys,
        'fail-on-cache-miss': decided('failOnMiss', props.failOnMiss, props.failOnMissIf),
      },
      outputs: ['cache-hit'],
    });
  }

  /**
   * Creates a step that uses actions/upload-artifact. On Gitea, the action needs runner 3.0. Outputs: artifact-id,
   * artifact-url, artifact-digest.
   */
  static uploadArtifact(props: UploadArtifactActionProps): Step {
    choice('ifNoFilesFound', props.ifNoFilesFound, ['warn', 'error', 'ignore']);
    return made('actions/upload-artifact', props, {
      inputs: {
        name: props.artifactName,
        path: props.paths,
        'if-no-files-found': props.ifNoFilesFound ?? 'error',
        'retention-days': props.retentionDays,
        'include-hidden-files': decided('includeHiddenFiles', props.includeHiddenFiles, props.includeHiddenFilesIf),
        overwrite: decided('overwrite', props.overwrite, props.overwriteIf),
      },
      outputs: ['artifact-id', 'artifact-url', 'artifact-digest'],
    });
  }

  /**
   * Creates a step that uses actions/download-artifact. On Gitea, the action needs runner 3.0. Outputs: download-path.
   */
  static downloadArtifact(props: DownloadArtifactActionProps): Step {
    if (props.artifactName !== undefined && props.pattern !== undefined) {
      throw bad('an artifact is asked for by name and by pattern', 'give one of them: the action ignores the pattern');
    }
    return made('actions/download-artifact', props, {
      inputs: {
        name: props.artifactName,
        pattern: props.pattern,
        path: props.path,
        'merge-multiple': decided('mergeMultiple', props.mergeMultiple, props.mergeMultipleIf),
      },
      outputs: ['download-path'],
    });
  }

  private constructor() {}
}

function made(
  fullName: string,
  props: ActionStepProps,
  { inputs, outputs }: { inputs: Record<string, InputValue>; outputs: string[] },
): Step {
  const [owner, name] = fullName.split('/');
  const given = Object.entries(inputs).filter(
    (entry): entry is [string, Exclude<InputValue, undefined>] =>
      entry[1] !== undefined && !(Array.isArray(entry[1]) && entry[1].length === 0),
  );
  return Step.uses({
    name: props.name,
    if: props.if,
    env: props.env,
    timeout: props.timeout,
    continueOnError: props.continueOnError,
    id: props.id,
    outputs: [...new Set([...outputs, ...(props.outputs ?? [])])],
    action: Action.repository(owner, name, props.version ?? VERSIONS[fullName]),
    with: Object.fromEntries(given.map(([key, value]) => [key, textOf(value)])),
  });
}

/**
 * Returns an input value as text, with lists as lines. The inputs accept no other separator that cannot occur in a
 * value.
 */
function textOf(value: string | number | boolean | string[]): string {
  if (!Array.isArray(value)) {
    return String(value);
  }
  return value.length === 1 ? value[0] : value.map((line) => `${line}\n`).join('');
}

/** Returns a boolean input: a fixed value, or an expression that the run decides. */
function decided(
  input: string,
  value: boolean | undefined,
  condition: Condition | undefined,
): boolean | string | undefined {
  if (condition === undefined) {
    return value;
  }
  if (value !== undefined) {
    throw bad(`${input} and ${input}If are given`, 'give one of them');
  }
  return `\${{ ${condition._text} }}`;
}

function secret(value: string | undefined, what: string): string | undefined {
  if (value === undefined || /^\$\{\{ [^{}]+ \}\}$/.test(value)) {
    return value;
  }
  throw bad(`the ${what} stands in the program`, "put it into a secret of the forge and pass Expression.secret('…')");
}

function choice(input: string, value: string | undefined, allowed: string[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw bad(`${quoted(value)} is no value of ${input}`, `use ${oneOf(allowed)}`);
  }
}

function bad(message: string, fix: string, symptom?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-031', message, fix, symptom });
}
