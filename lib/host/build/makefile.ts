import { ImageCatalogue, wordOf } from '../../pipeline';
import { shellWord } from '../../support';
import { targetOf } from './bake';

/** The parts of a Makefile. */
export interface MakefileParts {
  /** The name of the builds, for the help. */
  readonly name: string;
  readonly images: ImageCatalogue;
  /** Returns the name of an image, with host and owner. */
  readonly nameOf: (image: string) => string;
  readonly prePull: readonly string[];
  /** The host of the registry. */
  readonly host: string;
  /** The environment variables with the name and the token of the registry's user. */
  readonly credentials: readonly [string, string];
  /** Whether to have a target that installs the private CA of the registry. */
  readonly isPrivate: boolean;
}

/** Returns the Makefile. A file of make has no YAML, and runs where people run it: progress stays visible. */
export function makefile({ name, images, nameOf, prePull, host, credentials, isPrivate }: MakefileParts): string {
  const { names } = images;
  const [user, token] = credentials;
  const targets = names.map((image) => `image-${wordOf(image)}`);
  return [
    `# Builds the images of ${name} on this machine: make images; make push.`,
    'SHELL := /bin/bash',
    '.DEFAULT_GOAL := help',
    '.NOTPARALLEL:',
    'SOURCE ?= .',
    'TAG ?= dev',
    'export SOURCE TAG',
    ...(isPrivate ? ['CERTS ?= /etc/docker/certs.d'] : []),
    'HERE := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))',
    // In the directory of the sources: bake asks for a permission to read other directories.
    "BAKE := cd '$(SOURCE)' && docker buildx bake --file '$(HERE)docker-bake.json'",
    '',
    `.PHONY: help prereqs login ${isPrivate ? 'trust ' : ''}${prePull.length > 0 ? 'bases ' : ''}images push ${targets.join(' ')} ${names.map((image) => `push-${wordOf(image)}`).join(' ')}`,
    '',
    'help: ## List the targets',
    `\t@sed -n 's/^\\([a-zA-Z0-9_-]*\\):.*## /\\1: /p' '$(HERE)Makefile'`,
    '',
    'prereqs: ## Check the machine: Docker, buildx, sources, registry',
    "\t@bash '$(HERE)prereqs.sh'",
    '',
    ...(isPrivate
      ? [
          'trust: ## Let the Docker daemon trust the registry: sudo make trust',
          `\tmkdir -p '$(CERTS)/${host}' && cp '$(HERE)certs/ca.crt' '$(CERTS)/${host}/ca.crt'`,
          '',
        ]
      : []),
    `login: ## Log in to the registry, with ${user} and ${token} of the environment`,
    `\t@printf %s "$$${token}" | docker login ${shellWord(host)} --username "$$${user}" --password-stdin`,
    '',
    ...(prePull.length > 0
      ? ['bases: prereqs ## Pull the base images, with retries', "\t@bash '$(HERE)pre-pull.sh'", '']
      : []),
    ...imageTargets({ images, nameOf, before: prePull.length > 0 ? 'bases' : 'prereqs' }),
  ].join('\n');
}

/** Returns the targets that build and push. */
function imageTargets({
  images: { names },
  nameOf,
  before,
}: Pick<MakefileParts, 'images' | 'nameOf'> & { readonly before: string }): string[] {
  return [
    `images: ${before} ## Build all images: make images SOURCE=<directory> TAG=<tag>`,
    '\t$(BAKE)',
    '',
    ...names.flatMap((image) => [
      `image-${wordOf(image)}: ${before} ## Build ${image}`,
      `\t$(BAKE) ${targetOf(image)}`,
      '',
    ]),
    `push: ${names.map((image) => `push-${wordOf(image)}`).join(' ')} ## Push all images that are built: make push TAG=<tag>`,
    '',
    ...names.flatMap((image) => [
      `push-${wordOf(image)}: ## Push ${image}`,
      `\tdocker push ${shellWord(nameOf(image))}:'$(TAG)'`,
      '',
    ]),
  ];
}
