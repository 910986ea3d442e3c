import { Construct } from 'constructs';
import { buildkitRegistries, Registry } from '../../registry';
import { fingerprint, ForgeError, quoted, ScriptSpec, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from '../build/build-cache';
import { assembled } from '../build/build-environment';
import { IBuilder } from '../build/builder';
import { ImageBuild } from '../build/image-build';
import { registriesToml } from '../config/toml';
import { BuildkitVersion } from '../version';
import { BuildxDriver } from './buildx-driver';

/** A set of choices that define a builder with Docker. */
interface Choices {
  readonly driver?: BuildxDriver;
  readonly registries?: Registry[];
  readonly version?: BuildkitVersion;
}

/** Directory of CA certificates in a buildkitd.toml; a builder of a job has none. */
const NO_FOLDER = '/';

/**
 * A builder that runs `docker buildx` in the job. `Builder.buildx()` and `Builder.docker()` create such builders.
 *
 * @example
 *
 * const builder: DockerBuilder = Builder.buildx({ driver: BuildxDriver.DOCKER });
 */
export class DockerBuilder implements IBuilder {
  /**
   * Creates a builder.
   *
   * @internal
   */
  static _of(choices: Choices): DockerBuilder {
    return new DockerBuilder(choices);
  }

  /** Name of the builder in errors: the buildx driver. */
  readonly path: string;

  /** Short name of the builder. */
  readonly name: string;

  /** Reports whether the builder accepts only jobs of runners that are its clients: always false. */
  readonly isForClientsOnly: boolean = false;

  private readonly driver: BuildxDriver;
  private readonly registries: Registry[];
  private readonly version: BuildkitVersion;

  private constructor(choices: Choices) {
    const { driver = BuildxDriver.DOCKER_CONTAINER, registries = [], version } = choices ?? {};
    this.driver = driver;
    this.registries = [...registries];
    this.version = version ?? BuildkitVersion.LATEST_KNOWN;
    this.path = `docker buildx (driver ${this.driver})`;
    this.name = 'docker buildx';
  }

  /** Kinds of build cache that the driver can read and write. */
  get cacheKinds(): CacheKind[] {
    return this.isContainer
      ? [CacheKind.REGISTRY, CacheKind.INLINE, CacheKind.LOCAL, CacheKind.NONE]
      : [CacheKind.INLINE, CacheKind.NONE];
  }

  /** Programs that a job needs: `docker`. */
  get tools(): string[] {
    return ['docker'];
  }

  /** Support for provenance and SBOMs of images. */
  get canAttest(): boolean | undefined {
    return this.isContainer;
  }

  /**
   * Returns whether the builder can pull from a registry and push to it. A builder in a container is configured for plain
   * HTTP. A private CA needs a builder whose configuration contains the certificate, such as `Buildkitd`.
   */
  canUse(registry: Registry): boolean {
    const { registry: tables, bundles } = buildkitRegistries([registry], NO_FOLDER);
    if (Object.keys(tables).length === 0) {
      return true;
    }
    return this.isContainer ? bundles.length === 0 : this.registries.some((known) => known.isSameAs(registry));
  }

  /** Returns a connection without settings: jobs bring the builder themselves. */
  connectFrom(_client: Construct, _podLabels: Record<string, string>): BuilderConnection {
    return BuilderConnection.none();
  }

  /**
   * Returns the script that builds an image with `docker buildx` and pushes it.
   *
   * @param build the image
   * @throws FORGE-BK-019 for a value that buildx cannot read, FORGE-BK-023 for several platforms with the driver `docker`
   */
  buildScript(build: ImageBuild): ScriptSpec {
    const { platforms = [] } = build;
    if (!this.isContainer && new Set(platforms).size > 1) {
      throw ForgeError.of({
        code: 'FORGE-BK-023',
        message: `the driver docker is to build image ${quoted(build.image)} for ${platforms.map((one) => quoted(one)).join(', ')}`,
        allowed: 'one platform',
        fix: 'use Builder.buildx(), or BuildkitPlatforms, or remove platforms',
        symptom: 'Multi-platform build is not supported for the docker driver',
      });
    }
    return assembled(build, {
      tools: this.tools,
      check: scriptText(__dirname, 'docker-check.sh'),
      build: scriptText(__dirname, 'docker-build.sh'),
      env: this.isContainer ? this.ownBuilder(build.registry) : { BUILDER: 'default' },
    });
  }

  /** Returns the variables of a builder in a container. Its name changes with its configuration, which it reads only once. */
  private ownBuilder(registry: Registry): Record<string, string> {
    const image = `moby/buildkit:v${this.version.toString()}`;
    const config = registriesToml(buildkitRegistries([registry], NO_FOLDER).registry);
    return {
      BUILDER: `forge-${fingerprint(image, config).slice(0, 10)}`,
      BUILDER_IMAGE: image,
      ...(config === '' ? {} : { BUILDER_CONFIG: config }),
    };
  }

  private get isContainer(): boolean {
    return this.driver === BuildxDriver.DOCKER_CONTAINER;
  }
}
