import { ApiObject, IResolver, LazyResolver, ResolutionContext } from 'cdk8s';
import { checkConstruction, ForgeError, Problem } from '../support';
import { assertPatchesKept, withHelmNulls } from './lost';

/**
 * The rendered form of an object, before managed values are inserted.
 *
 * @jsii ignore
 */
export interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: {
    readonly name?: unknown;
    readonly namespace?: unknown;
    readonly generateName?: unknown;
    readonly labels?: Record<string, unknown>;
    readonly annotations?: Record<string, unknown>;
  };
  readonly [key: string]: unknown;
}

/** Problems that resolvers found in an object that cdk8s is rendering, by object. */
const carried = new WeakMap<ApiObject, Problem[]>();

/**
 * A resolver that runs other resolvers and keeps the problems of their ForgeErrors beside the object. cdk8s re-throws
 * an error of a lazy value as text, in which code and fix are lost. The value is left out, so that the rest of the
 * object is rendered and all of its problems are found.
 *
 * @jsii ignore
 */
export class CarryingResolver implements IResolver {
  private readonly resolvers: readonly IResolver[];

  constructor(resolvers: readonly IResolver[] = []) {
    checkConstruction(CarryingResolver, new.target, arguments);
    this.resolvers = [...resolvers, new LazyResolver()];
  }

  // cdk8s calls this, in every version with its own context: a property, so that no argument check applies.
  readonly resolve = (context: ResolutionContext): void => {
    try {
      for (const resolver of this.resolvers) {
        resolver.resolve(context);
        if (context.replaced) {
          return;
        }
      }
    } catch (e) {
      if (!(e instanceof ForgeError)) {
        throw e;
      }
      carried.set(context.obj, [...(carried.get(context.obj) ?? []), ...e.problems]);
      context.replaceValue(undefined);
    }
  };
}

/**
 * Returns the rendered form of an object.
 *
 * @throws FORGE-APP-006 for an object that cdk8s cannot render, FORGE-APP-017 for JSON patches that its class loses; the
 * problems of lazy values, all at once
 * @jsii ignore
 */
export function renderObject(object: ApiObject): Manifest {
  carried.delete(object);
  let manifest: Manifest | undefined;
  let failure: unknown;
  try {
    manifest = object.toJson() as Manifest;
  } catch (e) {
    failure = e;
  }
  const found = carried.get(object);
  if (found) {
    throw new ForgeError(found.map((problem) => ({ ...problem, path: problem.path ?? object.node.path })));
  }
  if (manifest) {
    assertPatchesKept(object, manifest);
    return withHelmNulls(object, manifest);
  }
  throw ForgeError.at(object, {
    code: 'FORGE-APP-006',
    message: `the object cannot be rendered: ${failure instanceof Error ? failure.message : String(failure)}`,
    fix: 'use only plain objects, arrays, strings, numbers and booleans in manifests',
  });
}

/**
 * The rendered forms of objects. Each object is rendered once, whoever asks.
 *
 * @jsii ignore
 */
export class Manifests {
  private readonly rendered = new Map<ApiObject, { readonly manifest?: Manifest; readonly problems: Problem[] }>();

  /**
   * Returns the rendered form of an object.
   *
   * @throws the problems of the object, each time
   */
  of(object: ApiObject): Manifest {
    const { manifest, problems } = this.entryOf(object);
    if (manifest) {
      return manifest;
    }
    throw new ForgeError(problems);
  }

  /** Returns the rendered form of an object, or undefined if the object cannot be rendered. */
  tryOf(object: ApiObject): Manifest | undefined {
    return this.entryOf(object).manifest;
  }

  /** Forgets the rendered form of objects that may have changed because constructs were added. */
  forget(isStale: (manifest: Manifest) => boolean): void {
    for (const [object, { manifest }] of this.rendered) {
      if (manifest === undefined || isStale(manifest)) {
        this.rendered.delete(object);
      }
    }
  }

  private entryOf(object: ApiObject): { readonly manifest?: Manifest; readonly problems: Problem[] } {
    let entry = this.rendered.get(object);
    if (!entry) {
      let manifest: Manifest | undefined;
      const problems = ForgeError.problemsIn(() => {
        manifest = renderObject(object);
      }, object.node.path);
      entry = { manifest, problems };
      this.rendered.set(object, entry);
    }
    return entry;
  }
}
