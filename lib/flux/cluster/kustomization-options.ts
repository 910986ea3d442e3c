import * as path from 'node:path';
import { IConstruct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import { ForgeError, quoted } from '../../support';

/**
 * A set of CEL expressions that decide the health of a kind of custom resources.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions
 */
export interface HealthCheckExpression {
  /** API version of the custom resources, for example `cert-manager.io/v1`. */
  readonly apiVersion: string;
  /**
   * Kind of the custom resources.
   *
   * @default - all kinds of the API version
   */
  readonly kind?: string;
  /** Expression that is true if an object is ready, for example `status.phase == 'Running'`. */
  readonly current: string;
  /**
   * Expression that is true while an object is not ready yet.
   *
   * @default - an object that is neither ready nor failed is in progress
   */
  readonly inProgress?: string;
  /**
   * Expression that is true if an object has failed.
   *
   * @default - an object does not fail before the timeout
   */
  readonly failed?: string;
}

/** A selection of objects that a patch changes. Names and selectors are regular expressions and label selectors. */
export interface PatchTarget {
  /** API group. @default - any group */
  readonly group?: string;
  /** API version without group. @default - any version */
  readonly version?: string;
  /** Kind. @default - any kind */
  readonly kind?: string;
  /** Regular expression for the whole name. @default - any name */
  readonly name?: string;
  /** Regular expression for the whole namespace. @default - any namespace */
  readonly namespace?: string;
  /** Label selector, for example `app=web`. @default - any labels */
  readonly labelSelector?: string;
  /** Annotation selector, for example `team=web`. @default - any annotations */
  readonly annotationSelector?: string;
}

/**
 * A patch that Flux applies to objects before it applies them to the cluster.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#patches
 */
export interface KustomizationPatch {
  /** The patch, as YAML: part of an object (strategic merge), or a list of operations (JSON 6902). */
  readonly patch: string;
  /**
   * The objects to change. A list of operations needs a target.
   *
   * @default - the object that the patch names by kind and name
   */
  readonly target?: PatchTarget;
}

/**
 * Checks health check expressions, and returns them in the format of a spec.
 *
 * @throws FORGE-FLUX-047 for expressions that Flux does not evaluate, or cannot
 * @jsii ignore
 */
export function healthCheckExprs(
  construct: IConstruct,
  expressions: readonly HealthCheckExpression[] | undefined,
  isEvaluated: boolean,
): { healthCheckExprs?: HealthCheckExpression[] } {
  if (!expressions?.length) {
    return {};
  }
  if (!isEvaluated) {
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-047',
      message:
        '`healthCheckExprs` is set, but Flux waits for no objects: `wait` is false and there are no health checks',
      fix: 'remove `wait: false`, or set healthChecks',
      symptom: 'no error: the Kustomization is ready before its objects are',
    });
  }
  const keys = expressions.map(({ apiVersion, kind }) => `${apiVersion} ${kind ?? ''}`);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-047',
      message: `\`healthCheckExprs\` has ${quoted(twice.trim())} twice`,
      fix: 'use one entry for each kind',
    });
  }
  return {
    healthCheckExprs: expressions.map(({ apiVersion, kind, current, inProgress, failed }) => ({
      apiVersion,
      ...(kind === undefined ? {} : { kind }),
      current: checkedCel(construct, 'current', current),
      ...(inProgress === undefined ? {} : { inProgress: checkedCel(construct, 'inProgress', inProgress) }),
      ...(failed === undefined ? {} : { failed: checkedCel(construct, 'failed', failed) }),
    })),
  };
}

/** String literals and comments of CEL: raw strings have no escapes. */
const CEL_TEXT =
  /[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*/g;

/**
 * Returns a CEL expression, if its brackets and quotes are closed.
 *
 * @throws FORGE-FLUX-047 otherwise
 * @jsii ignore
 */
export function checkedCel(construct: IConstruct, what: string, expression: string): string {
  const code = expression.replace(CEL_TEXT, (text) => (text.startsWith('//') ? '' : 's'));
  const open: string[] = [];
  const isBalanced = [...code].every((character) => {
    if ('([{'.includes(character)) {
      open.push(character);
    }
    const closes = ')]}'.indexOf(character);
    return closes === -1 || open.pop() === '([{'[closes];
  });
  if (code.trim() !== '' && isBalanced && open.length === 0 && !/['"]/.test(code)) {
    return expression;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-047',
    message: `${what} ${quoted(expression)} is no CEL expression`,
    allowed: "an expression with closed brackets and quotes, for example status.phase == 'Running'",
    fix: `correct the expression of ${what}`,
    symptom: 'failed to parse the CEL expression',
  });
}

/**
 * Returns the paths of components.
 *
 * @throws FORGE-FLUX-021 for a path that is absolute or outside of the source
 * @jsii ignore
 */
export function checkedComponents(construct: IConstruct, folder: string, components: readonly string[]): string[] {
  for (const component of components) {
    const reached = path.posix.join(folder, component);
    if (component === '' || /^\/|^[a-z+]+:\/\/|[\\\s]/.test(component) || reached.split('/')[0] === '..') {
      throw ForgeError.at(construct, {
        code: 'FORGE-FLUX-021',
        message: `component ${quoted(component)} is no directory of the source`,
        allowed: `a path relative to ${folder}, inside the source`,
        fix: "write e.g. '../components/tls'",
        symptom: 'component path must be local and relative',
      });
    }
  }
  return [...components];
}

/**
 * Returns patches in the format of a spec.
 *
 * @throws FORGE-FLUX-050 for a patch that kustomize does not accept
 * @jsii ignore
 */
export function checkedPatches(construct: IConstruct, patches: readonly KustomizationPatch[]): KustomizationPatch[] {
  return patches.map(({ patch, target }) => {
    const problem = patchProblem(patch, target !== undefined);
    if (problem === undefined) {
      return { patch, ...(target ? { target: { ...target } } : {}) };
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-FLUX-050',
      message: `a patch ${problem}`,
      allowed: 'a part of an object with kind and metadata.name, or a list of operations with a target',
      fix: "set patch to YAML, and target to the objects: { patch: '…', target: { kind: 'Deployment', name: 'web' } }",
      symptom: 'kustomize build failed: unable to parse SM or JSON patch',
    });
  });
}

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

function patchProblem(patch: string, hasTarget: boolean): string | undefined {
  const documents = parseAllDocuments(patch);
  if (documents.some(({ errors }) => errors.length > 0)) {
    return 'is no YAML';
  }
  const values = documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
  if (values.length === 0) {
    return 'is empty';
  }
  if (Array.isArray(values[0])) {
    const isValid = values[0].every((each) => OPERATIONS.includes(each?.op) && /^(\/.*)?$/.test(each?.path ?? '!'));
    return isValid ? (hasTarget ? undefined : 'has operations, but no target') : 'has an operation without op and path';
  }
  return values.every((value) => typeof value === 'object' && (hasTarget || namesObject(value as object)))
    ? undefined
    : 'names no object: it has no target, and no kind and metadata.name';
}

function namesObject({ kind, metadata }: { kind?: unknown; metadata?: { name?: unknown } }): boolean {
  return typeof kind === 'string' && typeof metadata?.name === 'string';
}
