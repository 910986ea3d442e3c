import { Construct } from 'constructs';
import { Builder } from '../../buildkit';
import { ImageCatalogue } from '../../pipeline';
import { DaemonJson, Endpoint, ImageName } from '../../registry';
import {
  advise,
  constructed,
  ForgeError,
  handedOver,
  markOutside,
  pinnedImage,
  PINS,
  Problems,
  quoted,
  scriptText,
  shellWord,
} from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { HostProfile } from '../profile/host-profile';
import { hostBuildAdvice } from './advice';
import { bakeFile } from './bake';
import { HostBuildProps } from './host-build-props';
import { makefile } from './makefile';
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

  private readonly prePull: readonly string[];

  /**
   * @throws FORGE-HOST-001 for a machine that cannot build; FORGE-HOST-009 for what only a workflow can build; FORGE-HOST-010 for a
   * registry that the machine does not reach or that limits uploads; FORGE-HOST-011 for base images or attempts that are invalid
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
    problems.collect(() => (props.profile ?? HostProfile.linux()).assertCanBuild(Builder.docker()));
    secretProblems(props.images).forEach((problem) => problems.add(problem));
    this.checkPull(props, problems);
    this.endpoint = reachable(registry);
    problems.collect(() => assertPushable(this.endpoint));
    problems.throwIfAny();
    this.make(props);
    advise(this, () => hostBuildAdvice(this, this.prePull));
  }

  private checkPull({ pullAttempts = 5 }: HostBuildProps, problems: Problems): void {
    for (const image of this.prePull) {
      problems.collect(() => {
        const { tag, digest } = ImageName.parse(image);
        if (tag === undefined && digest === undefined) {
          throw invalid(
            `prePull has ${quoted(image)}, which has neither tag nor digest`,
            `set a tag: '${image}:<tag>'`,
          );
        }
      });
    }
    if (!Number.isInteger(pullAttempts) || pullAttempts < 1 || pullAttempts > 20) {
      problems.collect(() => {
        throw invalid(`pullAttempts is ${pullAttempts}`, 'set a whole number from 1 to 20');
      });
    }
  }

  private make({ pullAttempts = 5, prePullPlatform }: HostBuildProps): void {
    const { images, endpoint, prePull, name } = this;
    const { registry } = images;
    const files = new HostFiles(this, name);
    const bundle = endpoint.trust.caBundle;
    if (bundle) {
      files.add('certs/ca.crt', pemOf(this, endpoint));
    }
    const names = registry.credentials?.environmentNames ?? [];
    const credentials: [string, string] =
      names.length === 2 ? [names[0], names[1]] : ['REGISTRY_USER', 'REGISTRY_TOKEN'];
    const nameOf = (image: string) =>
      endpoint === registry.push ? registry.pushName(image) : registry.pullName(image);
    files.add('docker-bake.json', bakeFile(images, nameOf));
    files.add(
      'Makefile',
      makefile({ name, images, nameOf, prePull, host: endpoint.host, credentials, isPrivate: bundle !== undefined }),
    );
    const daemon = new DaemonJson({ registries: [registry] }).render();
    if (daemon !== '{}\n') {
      files.add('daemon.json', daemon);
    }
    const contexts = images.images.map(({ context = '.' }) => context);
    files.add(
      'prereqs.sh',
      script('prereqs', {
        REGISTRY: endpoint.host,
        SCHEME: endpoint.isPlainHttp ? 'http' : 'https',
        CONTEXTS: [...new Set(contexts)].join('\n'),
        PLATFORMS: platformsOf(images).join('\n'),
        EMULATION: pinnedImage(PINS.images.binfmt),
      }),
    );
    if (prePull.length > 0) {
      const settings = {
        IMAGES: prePull.join('\n'),
        PLATFORM: prePullPlatform?.name ?? platformOf(images),
        ATTEMPTS: `${pullAttempts}`,
        PAUSE: '5',
      };
      files.add('pre-pull.sh', script('pre-pull', settings));
    }
  }
}

function pemOf(construct: Construct, { trust, host }: Endpoint): string {
  // A bundle of the cluster is an error outside of it.
  trust.caBundle!._volume(construct);
  return trust.caBundle!.pem ?? host;
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

function script(name: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${shellWord(value)}`);
  return ['#!/usr/bin/env bash', 'set -euo pipefail', ...lines, scriptText(__dirname, `${name}.sh`)].join('\n');
}

function invalid(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-HOST-011', message, fix });
}
