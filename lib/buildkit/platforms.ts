import { join } from 'node:path';
import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Architecture, NodeNeed, PodGroup } from '../kube';
import { Registry } from '../registry';
import { constructed, ForgeError, handedOver, Problems, quoted, ScriptSpec, scriptText } from '../support';
import { Buildkitd } from './buildkitd';
import { BuildkitdProps } from './buildkitd-props';
import { BuilderConnection } from './access/connection';
import { CacheKind } from './build/build-cache';
import { assembled } from './build/build-environment';
import { IBuilder } from './build/builder';
import { ImageBuild } from './build/image-build';

/** A set of options that configures BuildKit daemons for several platforms. */
export interface BuildkitPlatformsProps extends BuildkitdProps {
  /** Node architectures. Each architecture has its own BuildKit daemons, on its own nodes. */
  readonly architectures: Architecture[];
}

/**
 * A group of BuildKit daemons on nodes of each architecture. Images for several platforms are built without emulation:
 * each part is built on its native architecture, and the client joins the parts.
 *
 * Props are those of each `Buildkitd`. The architecture of `placement` and the `platforms` of `config` are set for you.
 *
 * @see https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes
 *
 * @example
 *
 * new BuildkitPlatforms(chart, 'builders', {
 *   architectures: [Architecture.AMD64, Architecture.ARM64],
 *   registries: [registry],
 *   storage: Storage.persistent(Size.gibibytes(50)),
 * });
 */
export class BuildkitPlatforms extends Construct implements IBuilder {
  /** Path of the construct, as the name of the builder in errors. */
  readonly path: string;

  /** Short name of the builder: the id of the construct. */
  readonly name: string;

  /** Reports whether the daemons accept only jobs of runners that are their clients: always true. */
  readonly isForClientsOnly: boolean = true;

  /** Support for provenance and SBOMs of images: joined platforms have none. */
  readonly canAttest?: boolean | undefined = false;

  private readonly daemons = new Map<Architecture, Buildkitd>();

  /**
   * @throws FORGE-BK-007 if there is no architecture, or one of them twice
   */
  constructor(scope: Construct, id: string, props: BuildkitPlatformsProps) {
    const made = constructed(BuildkitPlatforms, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.path = this.node.path;
    this.name = id;
    const { architectures, ...common } = props;
    if (architectures.length === 0 || new Set(architectures).size !== architectures.length) {
      throw ForgeError.at(this, {
        code: 'FORGE-BK-007',
        message: `the architectures are ${quoted(architectures)}`,
        allowed: 'at least one, each once',
        fix: 'list the architectures of your nodes, e.g. [Architecture.AMD64, Architecture.ARM64]',
      });
    }
    this.requireOwn(common);
    for (const architecture of architectures) {
      this.daemons.set(
        architecture,
        new Buildkitd(this, architecture, {
          ...common,
          placement: { ...common.placement, architecture },
          config: { ...common.config, platforms: [`linux/${architecture}`] },
        }),
      );
    }
  }

  /** Rejects what only one of several workloads can have. */
  private requireOwn({ storage, workload = {} }: BuildkitdProps): void {
    const { name, selectorLabels, serviceName } = workload;
    const problems = new Problems(this.node.path);
    const fix = 'use a Buildkitd for each architecture, with placement and config.platforms';
    if (name !== undefined || selectorLabels !== undefined || serviceName !== undefined) {
      const message =
        'name, selectorLabels and serviceName of workload belong to one workload, and each architecture has one';
      problems.add({ code: 'FORGE-KUBE-018', message, fix });
    }
    if (storage.isSingle) {
      problems.add({
        code: 'FORGE-KUBE-019',
        message: 'the buildkitd of each architecture would use the same volume',
        fix,
      });
    }
    problems.throwIfAny();
  }

  /** Platforms that images can be built for, for example `linux/arm64`. */
  get platforms(): string[] | undefined {
    return [...this.daemons.keys()].map((architecture) => `linux/${architecture}`);
  }

  /** BuildKit daemons, in the order of the architectures. */
  get builders(): Buildkitd[] {
    return [...this.daemons.values()];
  }

  /**
   * Returns the BuildKit daemons of one architecture.
   *
   * @throws FORGE-BK-007 if there are none
   */
  builderFor(architecture: Architecture): Buildkitd {
    const found = this.daemons.get(architecture);
    if (found) {
      return found;
    }
    throw ForgeError.at(this, {
      code: 'FORGE-BK-007',
      message: `no daemon builds for ${quoted(architecture)}`,
      allowed: `the architectures given: ${[...this.daemons.keys()].join(', ')}`,
      fix: 'add it to architectures, or build for one of those',
    });
  }

  /** Kinds of build cache that the BuildKit daemons can read and write: one in a registry, with a tag for each platform. */
  get cacheKinds(): CacheKind[] {
    return [CacheKind.REGISTRY, CacheKind.NONE];
  }

  /** Settings of the kernel that the BuildKit daemons need on their nodes. */
  get nodeNeeds(): NodeNeed[] | undefined {
    return [...new Set(this.builders.flatMap((builder) => builder.nodeNeeds ?? []))];
  }

  /** Programs that a job needs: `buildctl`. */
  get tools(): string[] {
    return ['buildctl'];
  }

  /** Size of the volume of each BuildKit daemon. */
  get stateSize(): Size | undefined {
    return this.builders[0].stateSize;
  }

  /** Returns whether all BuildKit daemons can pull from a registry and push to it. */
  canUse(registry: Registry): boolean {
    return this.builders.every((builder) => builder.canUse(registry));
  }

  /**
   * Makes a workload a client of all BuildKit daemons. See `Buildkitd.connectFrom`.
   */
  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection {
    return BuilderConnection._joined(this.builders.map((builder) => builder.connectFrom(client, podLabels)));
  }

  /**
   * Returns the script that builds each platform of an image on its own nodes, at the same time, and pushes one index.
   *
   * @param build the image
   * @throws FORGE-BK-019 for a value that buildctl cannot read
   */
  buildScript(build: ImageBuild): ScriptSpec {
    const hosts = [...this.daemons].map(
      ([architecture, { connection }]) => `linux/${architecture}=${connection.addresses.join(',')}`,
    );
    const flags = [...this.daemons].map(([architecture, { connection }]): [string, string] => [
      `BUILDCTL_FLAGS_linux_${architecture}`,
      connection.globalFlags.join(' '),
    ]);
    return assembled(
      { ...build, platforms: build.platforms ?? this.platforms },
      {
        tools: this.tools,
        check: scriptText(join(__dirname, 'build'), 'buildctl-check.sh'),
        build: scriptText(join(__dirname, 'build'), 'platforms-build.sh'),
        env: { PLATFORM_HOSTS: hosts.join(' '), ...Object.fromEntries(flags) },
      },
    );
  }

  /** Admits pods to all BuildKit daemons. See `Buildkitd.admit`. */
  admit(pods: PodGroup): void {
    this.builders.forEach((builder) => builder.admit(pods));
  }

  /**
   * Returns the commands that create one buildx builder from all BuildKit daemons. `docker buildx build --builder
   * <name> --platform …` then builds each platform natively, and pushes one index.
   *
   * @param name the builder's name: letters, digits, dashes
   * @throws FORGE-BK-011 if the name cannot be one
   */
  buildxCommands(name: string): string[] {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(name)) {
      throw ForgeError.at(this, {
        code: 'FORGE-BK-011',
        message: `the name of a buildx builder is ${quoted(name)}`,
        allowed: 'a letter, then letters, digits and dashes',
        fix: 'give such a name',
      });
    }
    return [...this.daemons].map(([architecture, { connection }], i) =>
      [
        'docker',
        'buildx',
        'create',
        '--name',
        name,
        ...(i > 0 ? ['--append'] : []),
        '--node',
        `${name}-${architecture}`,
        '--driver',
        'remote',
        '--platform',
        `linux/${architecture}`,
        ...(connection.tlsFolder
          ? [
              '--driver-opt',
              `cacert=${connection.tlsFolder}/ca.pem,cert=${connection.tlsFolder}/cert.pem,key=${connection.tlsFolder}/key.pem`,
            ]
          : []),
        connection.address,
      ].join(' '),
    );
  }
}
