import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { NodeNeed } from '../../kube';
import { Registry } from '../../registry';
import { ForgeError, quoted, ScriptSpec, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { CacheKind } from '../build/build-cache';
import { assembled, registriesOf } from '../build/build-environment';
import { IBuilder } from '../build/builder';
import { ImageBuild } from '../build/image-build';
import { KnownDriver } from './known-driver';

/**
 * A builder that runs `docker buildx` in the job. `Builder.buildx()` and `Builder.docker()` create such builders.
 *
 * @example
 *
 * const builder: DockerBuilder = Builder.buildx({ driver: BuildxDriver.docker() });
 */
export class DockerBuilder implements IBuilder {
  /**
   * Creates a builder.
   *
   * @internal
   */
  static _of(driver: KnownDriver): DockerBuilder {
    return new DockerBuilder(driver);
  }

  /** Short name of the builder. */
  readonly name: string = 'docker buildx';

  private constructor(private readonly driver: KnownDriver) {}

  /** Name of the builder in errors: the buildx driver. */
  get path(): string {
    return `docker buildx (driver ${this.driver.name})`;
  }

  /** Reports whether the builder accepts only jobs of runners that are clients of its BuildKit daemon. */
  get isForClientsOnly(): boolean {
    return this.driver.isForClientsOnly;
  }

  /** Platforms that the builder builds for; undefined if they are not known. */
  get platforms(): string[] | undefined {
    return this.driver.platforms;
  }

  /** Size of the volume that keeps the layers; undefined if it is not known. */
  get stateSize(): Size | undefined {
    return this.driver.stateSize;
  }

  /** Kinds of build cache that the driver can read and write. */
  get cacheKinds(): CacheKind[] {
    return [...this.driver.cacheKinds];
  }

  /** Settings of the kernel that the BuildKit daemons of the driver need on their nodes; undefined if the driver has no known nodes. */
  get nodeNeeds(): NodeNeed[] | undefined {
    return this.driver.nodeNeeds;
  }

  /** Programs that a job needs: `docker`, or `buildx` if the driver needs no Docker daemon. */
  get tools(): string[] {
    return [...this.driver.tools];
  }

  /** Support for provenance and SBOMs of images. */
  get canAttest(): boolean | undefined {
    return this.driver.isComplete;
  }

  /**
   * Returns whether the builder can pull from a registry and push to it. A builder that jobs create is configured for plain
   * HTTP, and for a private CA that the program has read: `CaBundle.fromFile`.
   */
  canUse(registry: Registry): boolean {
    return this.driver.canUse(registry);
  }

  /** Makes a workload a client of the BuildKit daemon, if the driver uses one of this cdk8s app. */
  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection {
    return this.driver.connectFrom(client, podLabels);
  }

  /**
   * Returns the script that builds an image with `docker buildx` and pushes it.
   *
   * @param build the image
   * @throws FORGE-BK-019 for a value that buildx cannot read, FORGE-BK-023 for several platforms with the driver `docker`
   */
  buildScript(build: ImageBuild): ScriptSpec {
    const { platforms = [] } = build;
    const { driver } = this;
    if (!driver.isComplete && new Set(platforms).size > 1) {
      throw ForgeError.of({
        code: 'FORGE-BK-023',
        message: `the driver docker is to build image ${quoted(build.image)} for ${platforms.map((one) => quoted(one)).join(', ')}`,
        allowed: 'one platform',
        fix: 'use Builder.buildx(), or BuildkitPlatforms, or remove platforms',
        symptom: 'Multi-platform build is not supported for the docker driver',
      });
    }
    const check = driver.tools.includes('docker') ? 'docker-check.sh' : 'buildx-check.sh';
    return assembled(build, {
      tools: this.tools,
      check: scriptText(__dirname, check),
      build: `${driver.script}\n${scriptText(__dirname, 'docker-build.sh')}`,
      env: driver.environment(registriesOf(build)),
    });
  }
}
