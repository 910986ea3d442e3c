import { Construct } from 'constructs';
import { Cluster } from '../../flux';
import { buildArgumentWarnings, CatalogueImage } from '../../pipeline';
import {
  advise,
  command,
  constructed,
  handedOver,
  markOutside,
  Problems,
  quoted,
  scriptText,
  succeeds,
} from '../../support';
import { assertPushable } from '../build/push-endpoint';
import { fixedValue, secretProblems } from '../build/targets';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { isWithin, LiveUpdate, plainPath, word } from './live-update';
import { TiltProps } from './tilt-props';

/**
 * A development loop with Tilt: `host/<name>/Tiltfile` of the output builds the images of a catalogue when their sources
 * change, and applies the manifests of a cluster without what needs Flux.
 *
 * @see https://docs.tilt.dev/api.html
 *
 * @example
 *
 * new Tilt(app, 'tilt', { images: ImageCatalogue.of(registry, [{ name: 'web' }]), manifests: home });
 */
export class Tilt extends Construct {
  /** Name of the directory below `host/`. */
  readonly name: string;

  /**
   * @throws FORGE-HOST-009 for what only a workflow can build; FORGE-HOST-010 for a registry that the machine cannot push to;
   * FORGE-HOST-015 for a live update of an image that is not in the catalogue, or of files outside of its context; FORGE-HOST-019
   * for a cluster of another app
   */
  constructor(scope: Construct, id: string, props: TiltProps) {
    const made = constructed(Tilt, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    const problems = new Problems(this.node.path);
    secretProblems(props.images).forEach((problem) => problems.add(problem));
    // Tilt loads images into the nodes of kind and k3d; to other clusters it pushes them.
    if (props.localCluster === undefined) {
      problems.collect(() => assertPushable(props.images.registry.pull));
    }
    this.checkUpdates(props, problems);
    checkApp(this, props.manifests, problems);
    problems.throwIfAny();
    new HostFiles(this, this.name).add('Tiltfile', this.tiltfile(props));
    const run = command`SOURCE="$SOURCE" tilt`;
    const file = command`--file ${`dist/host/${this.name}/Tiltfile`}`;
    advise(this, () => ({
      warnings: buildArgumentWarnings(props.images.images),
      byHand: [
        {
          title: `Development with Tilt: \`${this.name}\``,
          text: 'Set `SOURCE` to the absolute path of the sources. Do not run Tilt at a cluster that Flux applies the same manifests to.',
          commands: [command`${run} up ${file}`],
        },
      ],
      checks: [
        {
          about: `Development with Tilt: \`${this.name}\``,
          title: 'The Tiltfile',
          good: 'JSON with the manifests',
          commands: [command`SOURCE="$SOURCE" tilt alpha tiltfile-result ${file}`],
          expect: succeeds(),
        },
      ],
    }));
  }

  private checkUpdates({ images, liveUpdates = [] }: TiltProps, problems: Problems): void {
    for (const update of liveUpdates) {
      const image = images.images.find(({ name }) => name === update.image);
      const context = plainPath(image?.context ?? '.');
      const outside = update._sources.find((path) => !isWithin(path, context));
      const twice = liveUpdates.find((one) => one.image === update.image) !== update;
      if (image === undefined || outside !== undefined || twice) {
        problems.add({
          code: 'FORGE-HOST-015',
          message:
            image === undefined
              ? `the catalogue has no image ${quoted(update.image)}, which has a live update`
              : twice
                ? `image ${quoted(update.image)} has two live updates`
                : `the live update of ${quoted(update.image)} watches ${quoted(outside!)}, which is outside of its context ${quoted(context)}`,
          allowed: images.names.join(', '),
          fix: 'set one live update per image of the catalogue, with paths below its context',
          symptom: 'sync step source … must be a child of one of the watched filepaths',
        });
      }
    }
  }

  private tiltfile({ images, manifests, localCluster, liveUpdates = [] }: TiltProps): string {
    const nameOf = (name: string) => images.registry.pullName(name);
    return [
      `CLUSTER = ${word(`../../clusters/${manifests.name}`)}`,
      `CONTEXT = ${word(localCluster?.context ?? '')}`,
      scriptText(__dirname, 'tiltfile.star'),
      ...images.images.map((image) =>
        build(image, { nameOf, update: liveUpdates.find((one) => one.image === image.name) }),
      ),
      'k8s_yaml(manifests(CLUSTER))',
      '',
    ].join('\n');
  }
}

/** Reports a cluster of another app: its manifests are in another output directory. */
function checkApp(tilt: Tilt, manifests: Cluster, problems: Problems): void {
  if (manifests.node.root !== tilt.node.root) {
    problems.add({
      code: 'FORGE-HOST-019',
      message: `manifests is cluster ${quoted(manifests.name)} of another app, which is in another output directory`,
      fix: 'set manifests to a cluster of the same app',
      symptom: `no such file or directory: clusters/${manifests.name}`,
    });
  }
}

/** Returns the statement that builds an image. */
function build(
  image: CatalogueImage,
  { nameOf, update }: { readonly nameOf: (name: string) => string; readonly update?: LiveUpdate },
): string {
  const { name, dockerfile = 'Dockerfile', platforms = [], target } = image;
  const context = plainPath(image.context ?? '.');
  const args = [
    ...Object.entries(image.buildArgs ?? {}).map(([key, value]) => [key, fixedValue(name, key, value)]),
    ...Object.entries(image.baseImages ?? {}).map(([key, base]) => [key, nameOf(base)]),
  ];
  const lines = [
    word(nameOf(name)),
    `source(${word(context)})`,
    `dockerfile=source(${word(context === '.' ? dockerfile : `${context}/${dockerfile}`)})`,
    ...(args.length > 0
      ? [`build_args={${args.map(([key, value]) => `${word(key)}: ${word(value)}`).join(', ')}}`]
      : []),
    ...(target === undefined ? [] : [`target=${word(target)}`]),
    ...(image.pull ? ['pull=True'] : []),
    ...(platforms.length === 1 ? [`platform=${word(platforms[0].name)}`] : []),
    ...(update === undefined
      ? []
      : [`live_update=[\n${update._steps.map((step) => `        ${step},\n`).join('')}    ]`]),
  ];
  return `docker_build(\n${lines.map((line) => `    ${line},\n`).join('')})\n`;
}
