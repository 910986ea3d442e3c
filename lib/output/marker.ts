import { ForgeError, quoted } from '../support';
import { doubleQuoted } from './scalar';

/**
 * A managed scalar that consists of a value and the Flux setter for the value. Examples are `{ value:
 * 'git.example.com/a/b:1.0.0', setter: 'flux-system:b' }` and `{ value: '1.0.0', setter: 'flux-system:b:tag' }`.
 *
 * @jsii ignore
 */
export interface ManagedScalar {
  /** The current value in the file. */
  readonly value: string;

  /** The setter in the format `<namespace>:<policy>`, with `:tag`, `:name` or `:digest` for a single part. */
  readonly setter: string;
}

type Mapping = Record<string, unknown>;

const SETTER = /^[a-z0-9][-.a-z0-9]*(?::[a-z0-9][-.a-z0-9]*){1,2}$/;

/**
 * Printable ASCII without quotes, backslash and `#`. These characters are more than sufficient for any image reference.
 */
const MANAGED_VALUE = /^[!$-[\]-~]*$/;

/**
 * The annotations that Flux's file reader uses internally. If such an annotation already exists, the run stops or the
 * annotation is lost.
 */
const READER_ANNOTATIONS = [
  ...['path', 'index', 'id', 'seqindent', 'annotations-migration-resource-id'].map(
    (name) => `internal.config.kubernetes.io/${name}`,
  ),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
];

/** The reader annotations in canonical text, as an entry of the annotations of the root. */
const READER_ANNOTATION_TEXT =
  /^metadata:\n(?:(?: .*)?\n)*? {2}annotations:\n(?:(?: {4}.*)?\n)*? {4}((?:internal\.)?config\.k(?:ubernetes|8s)\.io\/(?:path|index|id|seqindent|annotations-migration-resource-id)):/m;

/** The key that makes Flux's file reader unwrap a document to the list below the key. */
const WRAPPED_LIST = /^bareSeqNodeWrappingKey:/m;

/** The kinds that Flux reads as a list of items. Flux writes each item to a separate file. */
const LISTS = ['List', 'ResourceList'];

/**
 * Returns a marked scalar, always in double quotes. With double quotes, a numeric tag stays a string and the setter
 * preserves the style.
 */
export function markedScalar({ value, setter }: ManagedScalar, path: () => string): string {
  if (SETTER.test(setter) && MANAGED_VALUE.test(value)) {
    return `${doubleQuoted(value, path)} # {"$imagepolicy": "${setter}"}`;
  }
  throw ForgeError.of({
    code: 'FORGE-YAML-008',
    message: `${path()} cannot be managed by Flux: value ${quoted(value)}, setter ${quoted(setter)}`,
    allowed:
      'an image reference or a part of one, and a setter `<namespace>:<policy>` or `<namespace>:<policy>:<part>`',
    fix: 'take both from the image policy',
  });
}

/** Returns whether metadata has annotations that are all without a value. */
export function isNoAnnotation(metadata: Mapping): boolean {
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw notAMapping('metadata', metadata);
  }
  const annotations = metadata.annotations;
  if (annotations === undefined) {
    return Object.values(metadata).every((value) => value === undefined);
  }
  if (annotations === null) {
    return true;
  }
  if (typeof annotations !== 'object' || Array.isArray(annotations)) {
    throw notAMapping('metadata.annotations', annotations);
  }
  return Object.values(annotations).every((value) => value === undefined);
}

/** Rejects an object that Flux's file reader would not write back to its original place. */
export function assertMarkersWork(root: Mapping): void {
  const annotations = ((root.metadata as Mapping | undefined)?.annotations ?? {}) as Mapping;
  const taken = READER_ANNOTATIONS.find((name) => annotations[name] !== undefined);
  if (taken) {
    throw readerAnnotation(taken);
  }
  if (!LISTS.includes(root.kind as string)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-YAML-009',
    message: `kind is ${quoted(root.kind)} in a document with an image policy marker`,
    allowed: 'one document an object',
    fix: 'emit the items of the list as documents of their own',
    symptom: 'Flux leaves the file alone and commits new files named <kind>_<name>.yaml',
  });
}

/**
 * Rejects a file with a marker if any of its documents stops Flux or would be rewritten. Documents without a marker are
 * also checked.
 */
export function assertFluxReads(text: string): void {
  if (!text.includes('"$imagepolicy"')) {
    return;
  }
  const found = text.includes('config.k') && READER_ANNOTATION_TEXT.exec(text);
  if (found) {
    throw readerAnnotation(found[1]);
  }
  if (!WRAPPED_LIST.test(text)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-YAML-009',
    message: 'a document has the key "bareSeqNodeWrappingKey" in a file with an image policy marker',
    allowed: 'any other key',
    fix: "rename the key: Flux's file reader uses it for itself, and would write the list below it alone",
  });
}

function readerAnnotation(name: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-YAML-009',
    message: `metadata.annotations has ${quoted(name)} in a file with an image policy marker`,
    allowed: `annotations other than ${READER_ANNOTATIONS.join(', ')}`,
    fix: "remove the annotation: Flux's file reader keeps its own notes under that name",
    symptom: 'mismatched legacy and internal path annotations',
  });
}

function notAMapping(path: string, value: unknown): ForgeError {
  return ForgeError.of({
    code: 'FORGE-YAML-007',
    message: `${path} is a ${Array.isArray(value) ? 'list' : typeof value}, not a mapping: Flux skips a file with such a document`,
    allowed: 'a mapping',
    fix: `give ${path} as an object, or leave it out`,
  });
}
