import { BuildCache, buildScriptOf, CacheKind, IBuilder, ImageBuild } from '../../buildkit';
import { Repository } from '../../forge';
import { Checkout, ImageTags, stepOf } from '../../recipe';
import { Registry } from '../../registry';
import { ForgeError, quoted, ScriptSpec } from '../../support';
import { Condition, Expression, readsJobToken, secretsInText, Step } from '../../workflow';
import { CatalogueImage } from '../catalogue/image-options';
import { sizeSettings } from '../catalogue/image-size';
import { Tags } from '../tags/tags';
import { PushLogins } from './login';

/**
 * The facts that all build jobs of a pipeline share.
 *
 * @jsii ignore
 */
export interface BuildContext {
  readonly repository: Repository;
  readonly registry: Registry;
  readonly builder: IBuilder;
  readonly branch: string;
  readonly logins: PushLogins;
}

/**
 * The values that a build gets from earlier steps and jobs.
 *
 * @jsii ignore
 */
export interface BuildReferences {
  readonly tags: string;
  readonly version: string;
  readonly created: string;
  /** Variables with access to the cache of GitHub. */
  readonly cacheAccess?: Record<string, string>;
  /** References of base images, by the name of the image. */
  readonly bases: ReadonlyMap<string, string>;
}

/** Scope of the cache mounts of a pull request: what one leaves there, no other build reads. */
const PULL_REQUEST_SCOPE = `pull-request-${Expression.event('pull_request.number')}`;

/**
 * Returns the script that builds and pushes an image.
 *
 * @jsii ignore
 */
export function pushScript(context: BuildContext, image: CatalogueImage, values: BuildReferences): ScriptSpec {
  const { username, token } = context.logins.of(context.registry);
  const secrets = Object.fromEntries((image.secrets ?? []).map((secret) => [secret.id, secret._value]));
  return buildScriptOf(context.builder, {
    ...commonBuild(context, image),
    buildArgs: {
      ...image.buildArgs,
      ...Object.fromEntries(
        Object.entries(image.baseImages ?? {}).map(([argument, base]) => [argument, values.bases.get(base)!]),
      ),
    },
    secrets,
    cacheAccess: values.cacheAccess,
    tags: values.tags,
    version: values.version,
    created: values.created,
    username,
    token,
    mirrors: image.mirrors?.map((registry) => {
      const login = context.logins.of(registry);
      return { registry, username: login.username, token: login.token };
    }),
    reproducible: image.reproducible,
    compression: image.compression,
    provenance: image.provenance,
    sbom: image.sbom,
  });
}

/**
 * Returns the names of the secrets of the forge that a script reads.
 *
 * @jsii ignore
 */
export function secretsIn({ env = {} }: ScriptSpec): string[] {
  return Object.values(env).flatMap(secretsInText);
}

/**
 * Returns the script that builds an image of a pull request: without secrets, and without anything that another build reads.
 *
 * @jsii ignore
 */
export function pullRequestScript(
  context: BuildContext,
  image: CatalogueImage,
  access?: Record<string, string>,
): ScriptSpec {
  const spec = buildScriptOf(context.builder, {
    ...commonBuild(context, image),
    buildArgs: image.buildArgs,
    push: false,
    cacheAccess: access,
    cacheScope: PULL_REQUEST_SCOPE,
  });
  const [secret] = secretsIn(spec);
  const isToken = Object.values(image.buildArgs ?? {}).some(readsJobToken);
  const name = secret ?? (isToken ? Expression.JOB_TOKEN : undefined);
  if (name === undefined) {
    return spec;
  }
  throw ForgeError.of({
    code: 'FORGE-PIPE-014',
    message: `the build of image ${quoted(image.name)} needs the secret ${name}, which builds of pull requests do not get`,
    fix: 'remove pullRequests; or use a builder without secrets, and BuildSecret instead of a build argument',
    symptom: 'no error: code that nobody has reviewed reads the secret',
  });
}

function commonBuild({ registry, repository, builder }: BuildContext, image: CatalogueImage): ImageBuild {
  const { context = '.', dockerfile = 'Dockerfile', target, platforms, size, cache, pull } = image;
  return {
    registry,
    image: image.name,
    context,
    dockerfile,
    target,
    pull,
    platforms: platforms?.map(({ name }) => name),
    // A builder without a separate cache keeps its own.
    cache: cache ?? (builder.cacheKinds.includes(CacheKind.REGISTRY) ? sizeSettings(size).cache : BuildCache.none()),
    commit: Expression.SHA,
    source: `${repository.forge.url}/${repository.fullName}`,
  };
}

/**
 * Returns the step that computes the tags of an image.
 *
 * @jsii ignore
 */
export function tagsStep(tags: Tags, branch: string, settings: { version?: string; if?: Condition }): Step {
  return ImageTags.step({
    id: 'tags',
    form: tags._form,
    also: tags._also.map((tag) => tag._extra),
    branch,
    sorted: tags._also.length > 0 ? tags._sorted(branch) : undefined,
    ...settings,
  });
}

/**
 * Returns the checkout of a build.
 *
 * @jsii ignore
 */
export function checkoutStep(condition?: Condition): Step {
  return Checkout.git(condition ? { if: condition } : {});
}

/**
 * Returns the step of a build script.
 *
 * @jsii ignore
 */
export function buildStep(spec: ScriptSpec, condition?: Condition): Step {
  return stepOf(spec, { id: 'build', ...(condition ? { if: condition } : {}) });
}
