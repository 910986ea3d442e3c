import { Advice, command, PINS, pinnedImage, succeeds, Symptom } from '../../support';
import { ImageCatalogue } from '../../pipeline';

/**
 * Returns the advice for builds on a machine.
 *
 * @jsii ignore
 */
export function hostBuildAdvice(
  { name, images }: { readonly name: string; readonly images: ImageCatalogue },
  prePull: readonly string[],
): Advice {
  const make = command`make --directory ${`dist/host/${name}`}`;
  const about = `Builds on a machine: \`${name}\``;
  const hasPlatforms = images.images.some(({ platforms = [] }) => platforms.length > 0);
  return {
    byHand: [
      {
        title: `Images built directly on a machine: \`${name}\``,
        text: 'Set `SOURCE` to the absolute path of the sources, and `TAG` to the tag:',
        commands: [command`${make} images push SOURCE="$SOURCE" TAG="$TAG"`],
      },
    ],
    checks: [
      {
        about,
        title: 'The targets',
        good: 'one line per target',
        commands: [command`${make} help`],
        expect: succeeds(),
      },
    ],
    symptoms: [...(prePull.length > 0 ? pulls() : []), ...(hasPlatforms ? platforms() : [])],
  };
}

function pulls(): Symptom[] {
  return [
    {
      seen: '`unpigz: skipping: <stdin>: corrupted -- incomplete deflate data` or `failed to register layer` at a pull',
      cause: 'The download of a layer ended early, or the data of Docker is on a shared file system such as virtiofs.',
      fix: 'Run `make bases` again: complete layers stay. If the error persists, move the data of Docker to a local disk.',
      look: [command`docker info --format '{{.Driver}} {{.DockerRootDir}}'`],
    },
  ];
}

function platforms(): Symptom[] {
  const look = [command`docker buildx inspect`];
  return [
    {
      seen: '`no matching manifest for linux/arm64` at a pull',
      cause: 'The base image does not exist for the platform of the machine.',
      fix: 'Set `platforms` of the image, and `prePullPlatform` of the HostBuild. Then synth.',
    },
    {
      seen: '`exec format error` in a build',
      cause: 'The image is for another platform, and the machine does not emulate the platform.',
      fix: `Run \`docker run --privileged --rm ${pinnedImage(PINS.images.binfmt)} --install all\`.`,
      look,
    },
    {
      seen: '`runtime: lfstack.push invalid packing` or `JavaScript heap out of memory` in a build',
      cause: 'A build of Node.js runs under emulation, or needs more memory than it has.',
      fix: 'Build for the platform of the machine, or set `NODE_OPTIONS` in `buildArgs`.',
      look,
    },
  ];
}
