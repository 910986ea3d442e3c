import { ImageCatalogue, wordOf } from '../../pipeline';
import { shellWord } from '../../support';
import { targetOf } from './bake';
import { EngineCommands } from './engine';

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
  /** True if the registry has a private CA: a target installs it. */
  readonly isPrivate: boolean;
  readonly engine: EngineCommands;
}

/**
 * Returns the Makefile. A file of make has no YAML, and runs where people run it: progress stays visible. Recipes read paths
 * from the environment, so that the paths can have blanks.
 */
export function makefile(parts: MakefileParts): string {
  const { name, images, prePull, host, credentials, isPrivate, engine } = parts;
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
    // The list begins with a blank, and make splits words at the blanks of a path.
    "HERE := $(shell file='$(subst ','\\'',$(MAKEFILE_LIST))'; [[ $$file != ' '* ]] || file=$${file:1}; cd \"$$(dirname \"$$file\")\" && pwd)",
    ...engine.variables,
    ...(isPrivate ? [`CERTS ?= ${engine.certificates}`, 'export CERTS'] : []),
    'export SOURCE TAG HERE',
    '',
    `.PHONY: help prereqs login ${isPrivate ? 'trust ' : ''}${prePull.length > 0 ? 'bases ' : ''}images push ${targets.join(' ')} ${names.map((image) => `push-${wordOf(image)}`).join(' ')}`,
    '',
    'help: ## List the targets',
    `\t@sed -n 's/^\\([a-zA-Z0-9_-]*\\):.*## /\\1: /p' "$$HERE/Makefile"`,
    '',
    `prereqs: ## Check the machine: ${engine.title}, sources, registry`,
    '\t@bash "$$HERE/prereqs.sh"',
    '',
    ...(isPrivate
      ? [
          `trust: ## Let ${engine.title} trust the registry: ${engine.isOfRoot ? 'sudo make trust' : 'make trust'}`,
          `\tmkdir -p "$$CERTS"/${host} && cp "$$HERE/certs/ca.crt" "$$CERTS"/${host}/ca.crt`,
          ...engine.trustInMachine(host),
          '',
        ]
      : []),
    `login: ## Log in to the registry, with ${user} and ${token} of the environment`,
    `\t@printf %s "$$${token}" | ${engine.program} login ${shellWord(host)} --username "$$${user}" --password-stdin`,
    '',
    ...(prePull.length > 0
      ? ['bases: prereqs ## Pull the base images, with retries', '\t@bash "$$HERE/pre-pull.sh"', '']
      : []),
    ...imageTargets(parts, prePull.length > 0 ? 'bases' : 'prereqs'),
  ].join('\n');
}

/** Returns the targets that build and push. */
function imageTargets({ images: { names }, nameOf, engine }: MakefileParts, before: string): string[] {
  return [
    `images: ${before} ## Build all images: make images SOURCE=<directory> TAG=<tag>`,
    `\t${engine.build}`,
    '',
    ...names.flatMap((image) => [
      `image-${wordOf(image)}: ${before} ## Build ${image}`,
      `\t${engine.build} ${targetOf(image)}`,
      '',
    ]),
    `push: ${names.map((image) => `push-${wordOf(image)}`).join(' ')} ## Push all images that are built: make push TAG=<tag>`,
    '',
    ...names.flatMap((image) => [
      `push-${wordOf(image)}: ## Push ${image}`,
      `\t${engine.push} ${shellWord(nameOf(image))}:"$$TAG"`,
      '',
    ]),
  ];
}
