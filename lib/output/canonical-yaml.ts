import { ForgeError, quoted } from '../support';
import { assertMarkersWork, assertFluxReads, isNoAnnotation, markedScalar, ManagedScalar } from './marker';
import { deriveSequenceStyle, SequenceStyle } from './sequence-style';
import { keyScalar, numberScalar, stringScalar } from './scalar';

/**
 * A function that finds the managed value of a placeholder string. The function is called for each string value, so the
 * most common result, undefined, must be fast.
 *
 * @jsii ignore
 */
export type ResolveScalar = (text: string) => ManagedScalar | undefined;

/**
 * A set of options for writing a document.
 *
 * @jsii ignore
 */
export interface CanonicalOptions {
  /** The function that finds managed values. @default - there are none */
  readonly resolve?: ResolveScalar;

  /** Whether to sort mapping keys by code unit, with apiVersion, kind and metadata first at the root. @default false */
  readonly sortKeys?: boolean;

  /** Comment lines directly above the first key, without `# `. @default - none */
  readonly header?: string[];
}

/** The maximum nesting depth. Deeper values are treated as a mistake. Kubernetes objects stay below a depth of 60. */
const DEEPEST = 500;

/** The root keys that precede the sorted keys. */
const ROOT_KEYS = ['apiVersion', 'kind', 'metadata'];

const SEPARATOR = '---\n';

type Mapping = Record<string, unknown>;

/**
 * Returns a YAML document in the form that Flux's setter leaves byte-identical. The document ends in exactly one line
 * feed.
 *
 * @throws ForgeError FORGE-YAML-001 to 010 for what has no such form
 * @jsii ignore
 */
export function canonicalDocument(value: object, options: CanonicalOptions = {}): string {
  const root = withoutEmptyAnnotations(assertRoot(value));
  const header = (options.header ?? []).map(commentLine).join('');
  let writer = new Writer(options, 'compact');
  let text = header + writer.document(root);
  if (writer.marked) {
    assertMarkersWork(root);
  }
  if (writer.hasSequence && deriveSequenceStyle(text) === 'wide') {
    writer = new Writer(options, 'wide');
    text = header + writer.document(root);
    if (deriveSequenceStyle(text) !== 'wide') {
      throw noStableStyle();
    }
  }
  return text;
}

/**
 * Returns the text of a file that contains the given documents.
 *
 * @throws ForgeError FORGE-YAML-009 for a document that stops Flux in a file with markers
 * @jsii ignore
 */
export function canonicalFile(documents: string[]): string {
  const text = documents.join(SEPARATOR);
  assertFluxReads(text);
  return text;
}

/** A writer that writes a value in a single sequence style. */
class Writer {
  marked = false;
  hasSequence = false;
  private out = '';
  private readonly keys: (string | number)[] = [];
  private readonly ancestors: object[] = [];
  private readonly path = () => renderPath(this.keys);

  constructor(
    private readonly options: CanonicalOptions,
    private readonly style: SequenceStyle,
  ) {}

  document(root: Mapping): string {
    this.mapping(root, definedKeys(root), '');
    return this.out;
  }

  /**
   * Writes mapping entries at `indent`. The caller must already have written the indentation, or the `- `, of the first
   * entry.
   */
  private mapping(value: Mapping, keys: string[], indent: string): void {
    this.enter(value);
    if (this.options.sortKeys) {
      sortKeys(keys, this.ancestors.length === 1);
    }
    for (let i = 0; i < keys.length; i++) {
      this.out += `${i === 0 ? '' : indent}${keyScalar(keys[i], this.path)}:`;
      this.keys.push(keys[i]);
      this.valueOfKey(value[keys[i]], indent);
      this.keys.pop();
    }
    this.ancestors.pop();
  }

  /** Writes sequence items at `indent`. The caller must already have written the first indentation. */
  private sequence(items: unknown[], indent: string): void {
    this.enter(items);
    this.hasSequence = true;
    for (let i = 0; i < items.length; i++) {
      this.out += i === 0 ? '-' : `${indent}-`;
      this.keys.push(i);
      this.item(items[i], indent);
      this.keys.pop();
    }
    this.ancestors.pop();
  }

  private valueOfKey(value: unknown, indent: string): void {
    const inner = `${indent}  `;
    if (isSequence(value)) {
      const start = this.style === 'wide' ? inner : indent;
      this.out += `\n${start}`;
      this.sequence(value, start);
    } else if (isCollection(value)) {
      const keys = definedKeys(this.assertMapping(value));
      this.out += keys.length === 0 ? ' {}\n' : `\n${inner}`;
      if (keys.length > 0) {
        this.mapping(value as Mapping, keys, inner);
      }
    } else {
      this.scalar(value, indent);
    }
  }

  private item(value: unknown, indent: string): void {
    const inner = `${indent}  `;
    if (isSequence(value)) {
      this.out += ' ';
      this.sequence(value, inner);
    } else if (isCollection(value)) {
      const keys = definedKeys(this.assertMapping(value));
      this.out += keys.length === 0 ? ' {}\n' : ' ';
      if (keys.length > 0) {
        this.mapping(value as Mapping, keys, inner);
      }
    } else {
      this.scalar(value, indent);
    }
  }

  private scalar(value: unknown, indent: string): void {
    switch (typeof value) {
      case 'string':
        this.out += ` ${this.string(value, indent)}\n`;
        return;
      case 'number':
        this.out += ` ${numberScalar(value, this.path)}\n`;
        return;
      case 'boolean':
        this.out += value ? ' true\n' : ' false\n';
        return;
      case 'object':
        this.out += value === null ? ' null\n' : ' []\n';
        return;
      default:
        throw notData(this.path(), value);
    }
  }

  private string(text: string, indent: string): string {
    const managed = this.options.resolve?.(text);
    if (managed === undefined) {
      return stringScalar(text, indent, this.path);
    }
    this.marked = true;
    return markedScalar(managed, this.path);
  }

  private assertMapping(value: object): Mapping {
    if (!isPlainObject(value)) {
      throw notData(this.path(), value);
    }
    return value as Mapping;
  }

  private enter(value: object): void {
    const cyclic = this.ancestors.includes(value);
    if (cyclic || this.ancestors.length >= DEEPEST) {
      const first = cyclic ? this.keys.slice(0, this.ancestors.indexOf(value)) : [];
      throw ForgeError.of({
        code: 'FORGE-YAML-002',
        message: cyclic
          ? `${this.path()} contains itself: it is ${renderPath(first)} again`
          : `${renderPath(this.keys.slice(0, 5))}… is nested more than ${DEEPEST} levels deep`,
        allowed: `a tree of at most ${DEEPEST} levels`,
        fix: 'give plain data, not an object that refers back to its parents',
      });
    }
    this.ancestors.push(value);
  }
}

function isSequence(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Returns whether a value is a mapping. An empty sequence is written like a scalar. */
function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function definedKeys(value: Mapping): string[] {
  const keys = Object.keys(value);
  return keys.some((key) => value[key] === undefined) ? keys.filter((key) => value[key] !== undefined) : keys;
}

function sortKeys(keys: string[], isRoot: boolean): void {
  keys.sort();
  if (!isRoot) {
    return;
  }
  const head = ROOT_KEYS.filter((key) => keys.includes(key));
  const rest = keys.filter((key) => !ROOT_KEYS.includes(key));
  keys.splice(0, keys.length, ...head, ...rest);
}

/**
 * Returns whether a value is a plain object. Objects from another realm are also plain, because their prototype ends
 * the chain.
 */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function assertRoot(value: object): Mapping {
  if (isCollection(value)) {
    if (!isPlainObject(value)) {
      throw notData('the document', value);
    }
    if (definedKeys(value as Mapping).length > 0) {
      return value as Mapping;
    }
  }
  throw ForgeError.of({
    code: 'FORGE-YAML-007',
    message: `the document is ${Array.isArray(value) ? 'a list' : 'empty'}: Flux drops an empty document and skips a file that holds a list or a scalar`,
    allowed: 'a mapping with at least one entry',
    fix: 'leave the document out, or put the value below a key',
  });
}

/** Removes an empty `metadata.annotations`, and then an empty `metadata`, as Flux's YAML library does. */
function withoutEmptyAnnotations(root: Mapping): Mapping {
  if (!('metadata' in root) || root.metadata === undefined) {
    return root;
  }
  const metadata = (root.metadata ?? {}) as Mapping;
  const empty = isNoAnnotation(metadata);
  if (!empty && root.metadata !== null) {
    return root;
  }
  const kept = Object.fromEntries(
    definedKeys(metadata)
      .filter((key) => key !== 'annotations')
      .map((key) => [key, metadata[key]]),
  );
  const result = { ...root, metadata: kept };
  return definedKeys(kept).length > 0 ? result : assertRoot({ ...result, metadata: undefined });
}

function commentLine(line: string): string {
  if (/[^\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(line) || / $/.test(line)) {
    throw ForgeError.of({
      code: 'FORGE-YAML-010',
      message: `the header line ${quoted(line)} has a control character, a line break or a trailing space`,
      allowed: 'one line of printable text',
      fix: 'give each line as its own string',
    });
  }
  return line === '' ? '#\n' : `# ${line}\n`;
}

function notData(path: string, value: unknown): ForgeError {
  return ForgeError.of({
    code: 'FORGE-YAML-001',
    message: `${path} is ${describe(value)}, which YAML cannot hold`,
    allowed:
      'strings, finite numbers, booleans, null, arrays and plain objects; undefined as the value of a key leaves the key out',
    fix: "give plain data: call the object's own rendering first, and leave out what is not there",
  });
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return `an object of class ${value.constructor?.name || '(anonymous)'}`;
  }
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

function renderPath(keys: (string | number)[]): string {
  if (keys.length === 0) {
    return 'the document';
  }
  return keys
    .map((key, i) => {
      if (typeof key === 'number') {
        return `[${key}]`;
      }
      return /^[A-Za-z_$][\w$-]*$/.test(key) ? `${i === 0 ? '' : '.'}${key}` : `[${quoted(key)}]`;
    })
    .join('');
}

function noStableStyle(): ForgeError {
  return ForgeError.of({
    code: 'FORGE-YAML-006',
    message:
      "the document has no stable indentation: Flux's YAML library takes it for one style and would rewrite it in the other",
    allowed: 'a first list whose own key holds neither ":" nor "#"',
    fix: 'rename that key, or put a list with a plain key before it',
  });
}
