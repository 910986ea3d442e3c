import { quoted } from '../../support';
import {
  BuildPushActionProps,
  CacheActionProps,
  CheckoutActionProps,
  DownloadArtifactActionProps,
  LoginActionProps,
  MetadataActionProps,
  SetupBuildxActionProps,
  UploadArtifactActionProps,
} from './action-props';
import { bad, choice, decided, made, secret } from './made';
import { Step } from '../step';

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
        filter: props.filter,
        'sparse-checkout': props.sparseCheckout,
        'sparse-checkout-cone-mode': props.sparseCheckoutConeMode,
        'show-progress': props.showProgress,
        'set-safe-directory': props.setSafeDirectory,
        'github-server-url': props.gitHubServerUrl,
        clean: props.clean,
        'ssh-key': secret(props.sshKey, 'sshKey'),
        'ssh-known-hosts': props.sshKnownHosts,
        'ssh-strict': props.sshStrict,
        'ssh-user': props.sshUser,
        'allow-unsafe-pr-checkout': props.allowUnsafePrCheckout || undefined,
        'persist-credentials': props.persistCredentials ?? false,
      },
      outputs: ['ref', 'commit'],
      newest: { 'allow-unsafe-pr-checkout': 'allowUnsafePrCheckout' },
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
        version: props.buildxVersion,
        name: props.builderName,
        driver: props.driver,
        'driver-opts': props.driverOptions,
        endpoint: props.endpoint,
        'buildkitd-config-inline': props.buildkitdConfig,
        'buildkitd-flags': props.buildkitdFlags,
        'keep-state': props.keepState || undefined,
        append: props.append,
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
        'registry-auth': props.registryAuth,
        scope: props.scope,
      },
      outputs: [],
      newest: { 'registry-auth': 'registryAuth', scope: 'scope' },
    });
  }

  /**
   * Creates a step that uses docker/metadata-action. Outputs: version, tags, labels, annotations, json, bake-file,
   * bake-file-tags, bake-file-labels, bake-file-annotations.
   */
  static metadata(props: MetadataActionProps): Step {
    return made('docker/metadata-action', props, {
      inputs: {
        images: props.images,
        tags: props.tags,
        flavor: props.flavor,
        labels: props.labels,
        annotations: props.annotations,
        'bake-target': props.bakeTarget,
      },
      outputs: [
        ...['version', 'tags', 'labels', 'annotations', 'json'],
        ...['bake-file-tags', 'bake-file-labels', 'bake-file-annotations', 'bake-file'],
      ],
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
        'secret-files': props.secretFiles,
        'secret-envs': props.secretEnvs,
        ssh: props.ssh,
        'build-contexts': props.buildContexts,
        annotations: props.annotations,
        attests: props.attests,
        call: props.call,
        allow: props.allow?.join(','),
        'no-cache-filters': props.noCacheFilters?.join(','),
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
        'lookup-only': props.lookupOnly || undefined,
        enableCrossOsArchive: props.crossOs || undefined,
      },
      outputs: ['cache-hit'],
    });
  }

  /**
   * Creates a step that uses actions/upload-artifact. On Gitea, the action needs runner 3.0. Outputs: artifact-id,
   * artifact-url, artifact-digest.
   */
  static uploadArtifact(props: UploadArtifactActionProps): Step {
    if (props.archive === false && props.paths.length !== 1) {
      throw bad('several paths are to be uploaded without an archive', 'name one file, or remove `archive: false`');
    }
    choice('ifNoFilesFound', props.ifNoFilesFound, ['warn', 'error', 'ignore']);
    return made('actions/upload-artifact', props, {
      inputs: {
        name: props.artifactName,
        path: props.paths,
        'if-no-files-found': props.ifNoFilesFound ?? 'error',
        'retention-days': props.retentionDays,
        'include-hidden-files': decided('includeHiddenFiles', props.includeHiddenFiles, props.includeHiddenFilesIf),
        overwrite: decided('overwrite', props.overwrite, props.overwriteIf),
        'compression-level': props.compressionLevel,
        archive: props.archive,
      },
      outputs: ['artifact-id', 'artifact-url', 'artifact-digest'],
      newest: { archive: 'archive' },
    });
  }

  /**
   * Creates a step that uses actions/download-artifact. On Gitea, the action needs runner 3.0. Outputs: download-path.
   */
  static downloadArtifact(props: DownloadArtifactActionProps): Step {
    choice('digestMismatch', props.digestMismatch, ['ignore', 'info', 'warn', 'error']);
    if (props.artifactName !== undefined && props.pattern !== undefined) {
      throw bad('an artifact is asked for by name and by pattern', 'give one of them: the action ignores the pattern');
    }
    return made('actions/download-artifact', props, {
      inputs: {
        name: props.artifactName,
        pattern: props.pattern,
        path: props.path,
        'merge-multiple': decided('mergeMultiple', props.mergeMultiple, props.mergeMultipleIf),
        'artifact-ids': props.artifactIds?.join(','),
        'run-id': props.runId,
        repository: props.repository,
        'github-token': secret(props.token, 'token'),
        'digest-mismatch': props.digestMismatch,
        'skip-decompress': props.skipDecompress || undefined,
      },
      outputs: ['download-path'],
      newest: { 'digest-mismatch': 'digestMismatch', 'skip-decompress': 'skipDecompress' },
    });
  }

  private constructor() {}
}
