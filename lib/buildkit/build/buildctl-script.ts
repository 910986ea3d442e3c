import { DockerConfigJson } from '../../registry';
import { ForgeError, hasControlCharacter, quoted, ScriptSpec, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { BuildCache } from './build-cache';
import { ImageBuild } from './image-build';

/**
 * A script that builds and pushes an image with `buildctl`.
 *
 * @example
 *
 * BuildctlScript.of({
 *   registry, image: 'hello-app', context: '.', dockerfile: 'Dockerfile',
 *   branch: Expression.REF_NAME, commit: Expression.SHA,
 *   username: Expression.secret('REGISTRY_USER'), token: Expression.secret('REGISTRY_TOKEN'),
 * });
 */
export class BuildctlScript {
  /**
   * Creates the script for an image.
   *
   * @param build the image
   * @param connection the connection to buildkitd; if omitted, the job's environment must have `BUILDKIT_HOST`
   * @throws FORGE-BK-019 for a context or Dockerfile that is a URL, or a platform, build argument or stage that buildctl cannot read, FORGE-REG-002 for a name that is none
   */
  static of(build: ImageBuild, connection?: BuilderConnection): ScriptSpec {
    const { cache = BuildCache.registry(), registry } = build;
    checked(build.context, NO_URL, CONTEXT);
    checked(build.dockerfile, NO_URL, DOCKERFILE);
    const image = registry.pushName(build.image);
    return {
      name: `Build ${build.image}`,
      script: [
        scriptText(__dirname, 'buildctl-check.sh'),
        DockerConfigJson.script,
        scriptText(__dirname, 'buildctl-build.sh'),
      ].join('\n'),
      tools: ['buildctl'],
      env: {
        ...connection?.environment,
        IMAGE: image,
        CACHE_FROM: cache.imports(image).join('\n'),
        CACHE_TO: cache.exports(image).join('\n'),
        CONTEXT: build.context,
        DOCKERFILE: build.dockerfile,
        ...options(build),
        BRANCH: build.branch,
        COMMIT: build.commit,
        REGISTRY_HOSTS: DockerConfigJson.ofHosts([registry.push.host]).hosts.join(' '),
        REGISTRY_USER: build.username,
        REGISTRY_TOKEN: build.token,
      },
    };
  }

  private constructor() {}
}

/** Returns the variables of what only some builds ask for. */
function options({ platforms = [], buildArgs = {}, target }: ImageBuild): Record<string, string> {
  platforms.forEach((platform) => checked(platform, /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, PLATFORM));
  Object.keys(buildArgs).forEach((name) => checked(name, /^[A-Za-z_][A-Za-z0-9_]*$/, ARGUMENT));
  Object.entries(buildArgs)
    .filter(([, value]) => hasControlCharacter(value))
    .forEach(([name]) => refuse(`the value of build argument ${name}`, buildArgs[name], ONE_LINE));
  if (target !== undefined) {
    checked(target, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, STAGE);
  }
  const lines = Object.entries(buildArgs).map(([name, value]) => `${name}=${value}`);
  return {
    ...(platforms.length > 0 ? { PLATFORMS: [...new Set(platforms)].join(',') } : {}),
    ...(lines.length > 0 ? { BUILD_ARGS: lines.join('\n') } : {}),
    ...(target === undefined ? {} : { TARGET: target }),
  };
}

interface Grammar {
  readonly what: string;
  readonly allowed: string;
  readonly fix: string;
}

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
const STAGE = {
  what: 'target',
  allowed: 'the name of a stage: letters, digits, "_", "-" and "."',
  fix: 'set target to the name after AS in the Dockerfile',
};
/** A path; `--local` reads no URL. */
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

function refuse(what: string, value: string, words: { allowed: string; fix: string }): never {
  throw ForgeError.of({ code: 'FORGE-BK-019', message: `${what} is ${quoted(value)}`, ...words });
}
