import { Endpoint } from '../../registry';
import { CatalogueImage, ImageCatalogue } from '../../pipeline';
import { shellWord } from '../../support';
import { targetOf } from './bake';
import { fixedValue } from './targets';

/** Returns the script that builds images with Podman, each after the images that it is built from. */
export function buildScript(images: ImageCatalogue, nameOf: (image: string) => string): string {
  return [
    '#!/usr/bin/env bash',
    '# Builds images with Podman: build.sh [target]... Without targets, it builds all. Reads SOURCE and TAG.',
    'set -euo pipefail',
    'cd "$SOURCE"',
    'build() {',
    '  case $1 in',
    ...images.images.flatMap((image) => command(image, nameOf)),
    '    *) printf \'there is no image %s\\n\' "$1" >&2; exit 2 ;;',
    '  esac',
    '}',
    '# An image comes after the images that it is built from.',
    'needs() {',
    '  case $1 in',
    ...images.names.map((name) => {
      const needed = withBases(name, images).map(targetOf).join(' ');
      return `    ${targetOf(name)}) printf '%s\\n' ${needed} ;;`;
    }),
    '    *) printf \'%s\\n\' "$1" ;;',
    '  esac',
    '}',
    `(($# > 0)) || set -- ${images.names.map(targetOf).join(' ')}`,
    "built=' '",
    'for target; do',
    '  while IFS= read -r name; do',
    '    [[ $built != *" $name "* ]] || continue',
    '    build "$name" </dev/null',
    '    built+="$name "',
    '  done <<<"$(needs "$target")"',
    'done',
    '',
  ].join('\n');
}

/** Returns the names of an image's base images, of theirs, and of the image itself, in the order in which they are built. */
function withBases(name: string, images: ImageCatalogue): string[] {
  const bases = Object.values(images.image(name).baseImages ?? {}).flatMap((base) => withBases(base, images));
  return [...new Set([...bases, name])];
}

function command(image: CatalogueImage, nameOf: (image: string) => string): string[] {
  const { name, context = '.', dockerfile = 'Dockerfile', platforms = [], buildArgs = {}, baseImages = {} } = image;
  const tag = `${shellWord(nameOf(name))}:"$TAG"`;
  const isList = platforms.length > 1;
  const flags = [
    `--file ${shellWord(context === '.' ? dockerfile : `${context}/${dockerfile}`)}`,
    ...(platforms.length > 0 ? [`--platform ${platforms.map((platform) => platform.name).join(',')}`] : []),
    ...(image.target ? [`--target ${shellWord(image.target)}`] : []),
    ...(image.pull ? ['--pull=always'] : []),
    ...Object.entries(buildArgs).map(
      ([key, value]) => `--build-arg ${shellWord(`${key}=${fixedValue(name, key, value)}`)}`,
    ),
    ...Object.entries(baseImages).map(([key, base]) => `--build-arg ${key}=${shellWord(nameOf(base))}:"$TAG"`),
    isList ? `--manifest ${tag}` : `--tag ${tag}`,
    shellWord(context),
  ];
  return [
    `    ${targetOf(name)})`,
    // A list keeps the images of earlier builds.
    ...(isList ? [`      podman manifest rm ${tag} >/dev/null 2>&1 || true`] : []),
    '      podman build \\',
    ...flags.map((flag, i) => `        ${flag}${i < flags.length - 1 ? ' \\' : ''}`),
    '      ;;',
  ];
}

/** The script that pushes an image, or a list of images of several platforms. */
export const PUSH_SCRIPT = [
  '#!/usr/bin/env bash',
  '# Pushes an image with Podman: push.sh <name>.',
  'set -euo pipefail',
  'if podman manifest exists "$1" 2>/dev/null; then podman manifest push --all "$1" "docker://$1"; else podman push "$1"; fi',
  '',
].join('\n');

/** Returns the settings of Podman for registries with plain HTTP and for mirrors of Docker Hub; undefined if it needs none. */
export function registriesConf(endpoint: Endpoint, mirrors: readonly Endpoint[]): string | undefined {
  const plain = endpoint.isPlainHttp
    ? ['[[registry]]', `location = ${JSON.stringify(endpoint.host)}`, 'insecure = true', '']
    : [];
  const hub = ['[[registry]]', 'location = "docker.io"', ''];
  const each = mirrors.flatMap(({ host, isPlainHttp }) => [
    '[[registry.mirror]]',
    `location = ${JSON.stringify(host)}`,
    `insecure = ${isPlainHttp}`,
    '',
  ]);
  const lines = [...plain, ...(mirrors.length > 0 ? [...hub, ...each] : [])];
  return lines.length > 0 ? lines.join('\n') : undefined;
}
