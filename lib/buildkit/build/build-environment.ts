import { DockerConfigJson, Registry } from '../../registry';
import { ForgeError, hasControlCharacter, quoted, ScriptSpec, scriptText } from '../../support';
import { BuildCache, CacheCompression, CacheKind } from './build-cache';
import { ImageBuild, Provenance } from './image-build';

/** The parts of a build script that differ between builders. */
interface BuilderParts {
  /** Programs that the script needs. */
  readonly tools: string[];
  /** Checks, before anything is written. */
  readonly check: string;
  /** The build. */
  readonly build: string;
  /** Variables of the builder. */
  readonly env?: Record<string, string>;
}

/**
 * Returns the script of a build: the builder's own parts, between the parts that every builder needs.
 *
 * @throws FORGE-BK-019, FORGE-REG-002
 */
export function assembled(build: ImageBuild, parts: BuilderParts): ScriptSpec {
  const { push = true, image } = build;
  const part = (name: string): string => scriptText(__dirname, `${name}.sh`);
  const access = build.cache?.kind === CacheKind.GITHUB ? [part('cache-access')] : [];
  const mirrored = (build.mirrors ?? []).length > 0 ? [part('mirrors')] : [];
  const login = push ? [DockerConfigJson.script, part('mask-credential'), ...mirrored] : [];
  return {
    name: `Build ${image}`,
    script: [part('build-check'), ...access, parts.check, ...login, parts.build, part('build-result')].join('\n'),
    tools: parts.tools,
    outputs: push ? ['digest', 'reference'] : [],
    env: { ...parts.env, ...environmentOf(build) },
  };
}

/** Returns the registries that a build pushes to. */
export function registriesOf({ registry, mirrors = [] }: ImageBuild): Registry[] {
  return [registry, ...mirrors.map((mirror) => mirror.registry)];
}

function environmentOf(build: ImageBuild): Record<string, string> {
  const { push = true, registry, cache = BuildCache.registry() } = build;
  checked(build.context, NO_URL, CONTEXT);
  checked(build.dockerfile, NO_URL, DOCKERFILE);
  const image = registry.pushName(build.image);
  return {
    IMAGE: image,
    PUSH: push ? 'yes' : 'no',
    ...given({ TAGS: push ? build.tags : undefined }),
    CACHE_FROM: cache.imports(image).join('\n'),
    ...(push ? { CACHE_TO: cache.exports(image).join('\n'), OUTPUT: outputAttributes(build) } : {}),
    ...given({ CACHE_SCOPE: build.cacheScope }),
    ...(cache.kind === CacheKind.GITHUB ? build.cacheAccess : {}),
    CONTEXT: build.context,
    DOCKERFILE: build.dockerfile,
    ...options(build),
    COMMIT: build.commit,
    ...given({ SOURCE_URL: build.source, VERSION: build.version, CREATED: build.created }),
    ...(push ? { ...loginOf(build), ...mirrorsOf(build) } : {}),
  };
}

function given(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

/** Returns the attributes of the image, without name. All of them are stated: their defaults differ between versions. */
function outputAttributes(build: ImageBuild): string {
  const { compression = CacheCompression.GZIP, reproducible, provenance = Provenance.NONE, sbom } = build;
  return [
    'oci-mediatypes=true',
    // Since BuildKit 0.32, an attestation refers to its image otherwise, and some registries refuse one that comes before the image.
    ...(provenance !== Provenance.NONE || sbom ? ['oci-artifact=false'] : []),
    `compression=${compression}`,
    // Without this attribute, layers that exist in another compression keep it. New layers are enough.
    ...(reproducible ? ['rewrite-timestamp=true'] : []),
  ].join(',');
}

function loginOf({ registry, username, token }: ImageBuild): Record<string, string> {
  if (username === undefined || token === undefined) {
    throw ForgeError.of({
      code: 'FORGE-BK-019',
      message: 'the image is to be pushed, and there is no user or no token',
      fix: "set username and token, for example Expression.secret('REGISTRY_TOKEN'), or set push to false",
      symptom: 'unexpected status from POST request: 401 Unauthorized',
    });
  }
  return {
    REGISTRY_HOSTS: DockerConfigJson.ofHosts([registry.push.host]).hosts.join(' '),
    REGISTRY_USER: username,
    REGISTRY_TOKEN: token,
  };
}

/** Returns the variables of further registries. A host has one login. */
function mirrorsOf({ registry, image, mirrors = [] }: ImageBuild): Record<string, string> {
  const known = [registry.push.host];
  return Object.assign(
    {},
    ...mirrors.map(({ registry: mirror, username, token }, i) => {
      const name = `MIRROR_${i + 1}`;
      const isNew = !known.includes(mirror.push.host);
      known.push(mirror.push.host);
      if (!isNew) {
        return { [name]: mirror.pushName(image) };
      }
      if (username === undefined || token === undefined) {
        refuse('the login of a further registry', mirror.push.host, {
          allowed: 'a user and a token for each host',
          fix: "set username and token of the mirror, for example Expression.secret('GHCR_TOKEN')",
        });
      }
      const [host] = DockerConfigJson.ofHosts([mirror.push.host]).hosts;
      return {
        [name]: mirror.pushName(image),
        [`${name}_HOST`]: host,
        [`${name}_USER`]: username,
        [`${name}_TOKEN`]: token,
      };
    }),
  );
}

/**
 * Checks the names of build arguments and of the stage of a build, whatever runs the build.
 *
 * @throws FORGE-BK-019 for a name that no Dockerfile has
 *
 * @jsii ignore
 */
export function checkNames({ buildArgs = {}, target }: Pick<ImageBuild, 'buildArgs' | 'target'>): void {
  Object.keys(buildArgs).forEach((name) => checked(name, NAME, ARGUMENT));
  if (target !== undefined) {
    checked(target, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, STAGE);
  }
}

/** Returns the variables of what only some builds ask for. */
function options(build: ImageBuild): Record<string, string> {
  const { platforms = [], buildArgs = {}, target, secrets = {}, reproducible, created, pull } = build;
  checkNames({ buildArgs, target });
  platforms.forEach((platform) => checked(platform, /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, PLATFORM));
  Object.keys(secrets).forEach((name) => checked(name, NAME, SECRET));
  Object.entries(buildArgs)
    .filter(([, value]) => hasControlCharacter(value))
    .forEach(([name]) => refuse(`the value of build argument ${name}`, buildArgs[name], ONE_LINE));
  if (reproducible && created === undefined) {
    refuse('created', created, { allowed: 'the time of the commit', fix: 'set created, or remove reproducible' });
  }
  const lines = Object.entries(buildArgs).map(([name, value]) => `${name}=${value}`);
  const mounts = Object.keys(secrets).map((name) => `id=${name},env=BUILD_SECRET_${name}`);
  return {
    ...(platforms.length > 0 ? { PLATFORMS: [...new Set(platforms)].join(',') } : {}),
    ...(lines.length > 0 ? { BUILD_ARGS: lines.join('\n') } : {}),
    // A value that is known only in the run may have lines, and each of them would be an argument of its own.
    ...(lines.some((line) => line.includes('${{')) ? { BUILD_ARG_NAMES: Object.keys(buildArgs).join(' ') } : {}),
    ...(target === undefined ? {} : { TARGET: target }),
    ...(reproducible ? { REPRODUCIBLE: 'yes' } : {}),
    ...(pull ? { PULL: 'yes' } : {}),
    ...attestations(build),
    ...(mounts.length > 0 ? { SECRETS: mounts.join('\n') } : {}),
    ...Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`BUILD_SECRET_${name}`, value])),
  };
}

function attestations({ push = true, provenance = Provenance.NONE, sbom }: ImageBuild): Record<string, string> {
  const lines = [
    ...(provenance === Provenance.NONE ? [] : [`provenance=mode=${provenance}`]),
    ...(sbom ? ['sbom='] : []),
  ];
  return push && lines.length > 0 ? { ATTESTATIONS: lines.join('\n') } : {};
}

interface Grammar {
  readonly what: string;
  readonly allowed: string;
  readonly fix: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PLATFORM = {
  what: 'platform',
  allowed: "os/architecture, e.g. 'linux/arm64' or 'linux/arm/v7'",
  fix: 'set platforms to such values',
};
const ARGUMENT = {
  what: 'build argument',
  allowed: 'letters, digits and "_", as in ARG of a Dockerfile',
  fix: 'rename it in buildArgs and in the Dockerfile',
};
const SECRET = {
  what: 'build secret',
  allowed: 'letters, digits and "_"',
  fix: 'rename it in secrets and in the Dockerfile: --mount=type=secret,id=NAME',
};
const STAGE = {
  what: 'target',
  allowed: 'the name of a stage: letters, digits, "_", "-" and "."',
  fix: 'set target to the name after AS in the Dockerfile',
};
const NO_URL = /^(?![a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:)[^\0-\x1f]+$/i;
const CONTEXT = {
  what: 'context',
  allowed: 'a directory of the job, for example "." or "app"',
  fix: 'check out the repository in an earlier step, and set context to a directory of it',
};
const DOCKERFILE = {
  what: 'dockerfile',
  allowed: 'a path relative to the context',
  fix: "write it relative to the context, e.g. 'docker/Dockerfile'",
};
const ONE_LINE = { allowed: 'text on one line', fix: 'put longer text into a file of the build context' };

function checked(value: string, grammar: RegExp, { what, ...words }: Grammar): void {
  if (!grammar.test(value)) {
    refuse(what, value, words);
  }
}

function refuse(what: string, value: unknown, words: { allowed: string; fix: string }): never {
  throw ForgeError.of({ code: 'FORGE-BK-019', message: `${what} is ${quoted(value)}`, ...words });
}
