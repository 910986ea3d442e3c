import { Construct } from 'constructs';
import { Builder } from '../../buildkit';
import { ImageCatalogue } from '../../pipeline';
import { DaemonJson, Endpoint, ImageName, isLoopback, Registry, repeatedImages } from '../../registry';
import {
  advise,
  constructed,
  handedOver,
  markOutside,
  pinnedImage,
  PINS,
  Problem,
  Problems,
  quoted,
  scriptText,
  shellWord,
} from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { HostProfile } from '../profile/host-profile';
import { ContainerEngine } from '../runner/host-runner-props';
import { hostBuildAdvice, loginFaults, loginVariables } from './advice';
import { bakeFile } from './bake';
import { commandsOf, EngineCommands, engineOf, isPodman } from './engine';
import { HostBuildProps } from './host-build-props';
import { makefile } from './makefile';
import { buildScript, PUSH_SCRIPT, registriesConf } from './podman';
import { assertPushable, reachable } from './push-endpoint';
import { secretProblems } from './targets';

/**
 * Builds of a catalogue's images directly on a machine, without a forge and without a runner: `docker-bake.json` and a
 * Makefile in `host/<name>/` of the output.
 *
 * The targets are `make images`, `make image-<name>`, `make push` and `make prereqs`; `make` alone lists them.
 *
 * @example
 *
 * new HostBuild(app, 'local', { images: ImageCatalogue.of(registry, [{ name: 'web' }]) });
 */
export class HostBuild extends Construct {
  /** Name of the directory below `host/`. */
  readonly name: string;

  /** The images. */
  readonly images: ImageCatalogue;

  /** The endpoint that the machine pushes to: `push` of the registry if the machine reaches it, otherwise `pull`. */
  readonly endpoint: Endpoint;

  /** The engine that builds. */
  readonly engine: ContainerEngine;

  private readonly prePull: readonly string[];

  /**
   * @throws FORGE-HOST-001 for a machine that cannot build; FORGE-HOST-009 for what only a workflow can build; FORGE-HOST-010 for a
   * registry that the machine does not reach or that limits uploads; FORGE-HOST-011 for base images, attempts or variables of
   * the login that are invalid
   */
  constructor(scope: Construct, id: string, props: HostBuildProps) {
    const made = constructed(HostBuild, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    this.images = props.images;
    this.prePull = [...(props.prePull ?? [])];
    const { registry } = props.images;
    const problems = new Problems(this.node.path);
    const profile = props.profile ?? HostProfile.linux();
    problems.collect(() => profile.assertCanBuild(Builder.docker()));
    this.engine = engineOf(props.engine, profile);
    if (this.engine === ContainerEngine.DOCKER && isPodman(profile)) {
      problems.add(withoutBuildkit());
    }
    secretProblems(props.images).forEach((problem) => problems.add(problem));
    loginFaults(registry).forEach(({ message, fix }) => problems.add(invalid(message, fix)));
    this.checkPull(props, problems);
    this.endpoint = reachable(registry);
    problems.collect(() => assertPushable(this.endpoint));
    problems.throwIfAny();
    const { name, images, prePull } = this;
    const files = new HostFiles(this, name);
    const commands = commandsOf(this.engine, profile);
    const settings = this.addSettings(files, props);
    this.addMakefile(files, commands);
    this.addScripts(files, props);
    const isPrivate = this.endpoint.trust.caBundle !== undefined;
    advise(this, () => hostBuildAdvice({ name, images, prePull, settings, isPrivate, engine: commands }));
  }

  /** Adds the settings of the engine; returns the name of the file, or undefined if the engine needs none. */
  private addSettings(files: HostFiles, { localCluster }: HostBuildProps): string | undefined {
    const { endpoint, engine } = this;
    const mirrors = localCluster?.hubMirrors ?? [];
    if (engine === ContainerEngine.PODMAN) {
      const text = registriesConf(endpoint, mirrors);
      return text === undefined ? undefined : added(files, 'registries.conf', text);
    }
    // The daemon uses plain HTTP for loopback addresses without a setting.
    const registries = isLoopback(endpoint.host) ? [] : [asReached(endpoint)];
    const daemon = new DaemonJson({ registries, dockerHubMirrors: mirrors }).render();
    return daemon === '{}\n' ? undefined : added(files, 'daemon.json', daemon);
  }

  private checkPull(props: HostBuildProps, problems: Problems): void {
    const { pullAttempts = 5, localCluster } = props;
    if (localCluster?.hubMirrors.length === 0) {
      problems.add(
        invalid(
          `localCluster ${quoted(localCluster.name)} has no mirror of Docker Hub at a port of the machine`,
          'set nodePort of a RegistryMirror, and in the cluster registries: [mirror.registry] and ports: [{ host: 30500, node: 30500 }]; or remove localCluster',
        ),
      );
    }
    repeatedImages(this.prePull).forEach((image) =>
      problems.add(invalid(`prePull has ${quoted(image)} twice`, 'remove one of them')),
    );
    for (const image of this.prePull) {
      problems.collect(() => {
        const { tag, digest } = ImageName.parse(image);
        if (tag === undefined && digest === undefined) {
          problems.add(
            invalid(`prePull has ${quoted(image)}, which has neither tag nor digest`, `set a tag: '${image}:<tag>'`),
          );
        }
      });
    }
    if (!Number.isInteger(pullAttempts) || pullAttempts < 1 || pullAttempts > 20) {
      problems.add(invalid(`pullAttempts is ${pullAttempts}`, 'set a whole number from 1 to 20'));
    } else if (this.prePull.length === 0) {
      Object.entries({ pullAttempts: props.pullAttempts, prePullPlatform: props.prePullPlatform })
        .filter(([, value]) => value !== undefined)
        .forEach(([name]) =>
          problems.add(invalid(`${name} is set, but no image is pulled`, `set prePull, or remove ${name}`)),
        );
    }
  }

  private addMakefile(files: HostFiles, engine: EngineCommands): void {
    const { images, endpoint, prePull, name } = this;
    const { registry } = images;
    const isPrivate = endpoint.trust.caBundle !== undefined;
    if (isPrivate) {
      files.add('certs/ca.crt', pemOf(this, endpoint));
    }
    const nameOf = (image: string) =>
      endpoint === registry.push ? registry.pushName(image) : registry.pullName(image);
    const credentials = loginVariables(registry);
    if (engine.program === 'podman') {
      files.add('build.sh', buildScript(images, nameOf), { executable: true });
      files.add('push.sh', PUSH_SCRIPT, { executable: true });
    } else {
      files.add('docker-bake.json', bakeFile(images, nameOf));
    }
    files.add(
      'Makefile',
      makefile({ name, images, nameOf, prePull, host: endpoint.host, credentials, isPrivate, engine }),
    );
  }

  private addScripts(
    files: HostFiles,
    { pullAttempts = 5, prePullPlatform, localCluster }: Omit<HostBuildProps, 'images'>,
  ): void {
    const { images, endpoint, prePull, engine } = this;
    const isPod = engine === ContainerEngine.PODMAN;
    const mirrors = localCluster?.hubMirrors ?? [];
    const common = {
      PLAIN: endpoint.isPlainHttp && (isPod || !isLoopback(endpoint.host)) ? endpoint.host : '',
      MIRRORS: mirrors.map(({ url, host }) => (isPod ? host : url)).join('\n'),
      CONTEXTS: [...new Set(images.images.map(({ context = '.' }) => context))].join('\n'),
    };
    const ofDocker = { PLATFORMS: platformsOf(images).join('\n'), EMULATION: pinnedImage(PINS.images.binfmt) };
    files.add(
      'prereqs.sh',
      isPod
        ? script(['prereqs', 'prereqs-podman'], common)
        : script(['prereqs', 'prereqs-docker'], { ...common, ...ofDocker }),
    );
    if (prePull.length > 0) {
      const settings = {
        ENGINE: engine,
        IMAGES: prePull.join('\n'),
        PLATFORM: prePullPlatform?.name ?? platformOf(images),
        ATTEMPTS: `${pullAttempts}`,
        PAUSE: '5',
      };
      files.add('pre-pull.sh', script(['pre-pull'], settings));
    }
  }
}

function added(files: HostFiles, name: string, text: string): string {
  files.add(name, text);
  return name;
}

function withoutBuildkit(): Problem {
  return {
    code: 'FORGE-HOST-001',
    message:
      'engine is Docker, but the machine has Podman, which has no BuildKit: buildx builds in a container of its own',
    fix: 'set engine to ContainerEngine.PODMAN, or remove engine',
    symptom: '#1 [internal] booting buildkit',
  };
}

function pemOf(construct: Construct, { trust, host }: Endpoint): string {
  // A bundle of the cluster is an error outside of it.
  trust.caBundle!._volume(construct);
  return trust.caBundle!.pem ?? host;
}

/** Returns the registry as the machine reaches it: without endpoints of the cluster, and without mirrors that dockerd does not ask. */
function asReached({ host, isPlainHttp, trust, zones, mirrors: all }: Endpoint): Registry {
  const mirrors = host === 'docker.io' ? all : [];
  const pull = isPlainHttp ? Endpoint.http(host, { zones, mirrors }) : Endpoint.https(host, { trust, zones, mirrors });
  return Registry.oci({ pull });
}

/** Returns the platforms of all images. */
function platformsOf({ images }: ImageCatalogue): string[] {
  return [...new Set(images.flatMap(({ platforms = [] }) => platforms.map(({ name }) => name)))];
}

/** Returns the platform of all images; an empty text if they have several or none. */
function platformOf({ images }: ImageCatalogue): string {
  const names = new Set(images.map(({ platforms = [] }) => platforms.map(({ name }) => name).join(',')));
  const [only = ''] = names;
  return names.size === 1 && !only.includes(',') ? only : '';
}

function script(names: readonly string[], settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${shellWord(value)}`);
  return [
    '#!/usr/bin/env bash',
    'set -euo pipefail',
    ...lines,
    ...names.map((name) => scriptText(__dirname, `${name}.sh`).trimEnd()),
    '',
  ].join('\n');
}

function invalid(message: string, fix: string): Problem {
  return { code: 'FORGE-HOST-011', message, fix };
}
