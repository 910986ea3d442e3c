import * as path from 'node:path';
import { parseDocument } from 'yaml';
import { ForgeError, quoted } from '../support';
import { canonicalDocument } from './canonical-yaml';
import { readIfPresent } from './write-file';

/** The annotation with which Flux keeps an object that its Kustomization does not apply any more. */
const ANNOTATION = 'kustomize.toolkit.fluxcd.io/prune';

const KEYS = ['directory', 'group', 'kind', 'namespace', 'name'] as const;

const HEADER = [
  'Flux keeps these objects when they leave their directory. `cdk8s-forge diff --migrate` writes this file, each synth reads it.',
  'Delete the file when Flux has applied the commit in which the objects have left.',
];

/**
 * An object that Flux keeps when the object leaves its directory.
 *
 * @jsii ignore
 */
export interface KeptObject {
  /** The directory that a Kustomization applies, relative to the root of the repository, for example `dist/clusters/home/apps`. */
  readonly directory: string;
  /** The group of the object's API. @default - the core group */
  readonly group?: string;
  readonly kind: string;
  /** The namespace. @default - the object has none */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * A list of objects that are about to move from one Kustomization to another, or to leave Flux: `migration.yaml`, beside the
 * image lock. Each of them is rendered with the annotation that keeps Flux from deleting it.
 *
 * @jsii ignore
 */
export class MigrationFile {
  /** The file's name. */
  static readonly NAME = 'migration.yaml';

  /**
   * Reads the file of a directory. Without a file, nothing is kept.
   *
   * @throws FORGE-OUT-011 for a file of another form
   */
  static in(directory: string): MigrationFile {
    const text = readIfPresent(path.join(directory, MigrationFile.NAME));
    return new MigrationFile(text === undefined ? [] : parse(text));
  }

  private readonly keys: ReadonlySet<string>;

  constructor(readonly kept: readonly KeptObject[]) {
    this.keys = new Set(kept.map(keyOf));
  }

  /** Returns the text of the file. */
  render(): string {
    const sorted = [...this.kept].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return canonicalDocument(
      { version: 1, keep: sorted.map((one) => Object.fromEntries(KEYS.map((key) => [key, one[key]]))) },
      { header: HEADER },
    );
  }

  /** Returns the object with the annotation, if the file lists the object. */
  applied<T extends Rendered>(manifest: T, directory?: string): T {
    if (directory === undefined || this.keys.size === 0 || !this.keys.has(keyOf(identified(manifest, directory)))) {
      return manifest;
    }
    const { metadata } = manifest;
    return {
      ...manifest,
      metadata: { ...metadata, annotations: { ...metadata?.annotations, [ANNOTATION]: 'disabled' } },
    };
  }
}

interface Rendered {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown; readonly annotations?: object };
}

function identified({ apiVersion, kind, metadata }: Rendered, directory: string): KeptObject {
  const [group] = String(apiVersion).includes('/') ? String(apiVersion).split('/') : [undefined];
  const namespace = metadata?.namespace === undefined ? undefined : String(metadata.namespace);
  return { directory, group, kind: String(kind), namespace, name: String(metadata?.name) };
}

function keyOf(object: KeptObject): string {
  return KEYS.map((key) => object[key] ?? '').join('|');
}

function parse(text: string): KeptObject[] {
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw invalid(document.errors[0].message.split('\n')[0]);
  }
  const root: unknown = document.toJS();
  const { version, keep, ...rest } = (isMapping(root) ? root : {}) as { version?: unknown; keep?: unknown };
  if (version !== 1 || !Array.isArray(keep) || Object.keys(rest).length > 0) {
    throw invalid('the file needs the keys version: 1 and keep, a list, and no others');
  }
  return keep.map((entry: unknown, i) => {
    const wrong = !isMapping(entry)
      ? 'a mapping'
      : Object.keys(entry).find((key) => !KEYS.includes(key as never) || typeof entry[key] !== 'string');
    const missing = ['directory', 'kind', 'name'].find((key) => isMapping(entry) && entry[key] === undefined);
    if (wrong !== undefined || missing !== undefined) {
      throw invalid(`entry ${i + 1} of keep needs ${quoted(missing ?? String(wrong))} as text`);
    }
    return entry as unknown as KeptObject;
  });
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-OUT-011',
    message: `${MigrationFile.NAME} cannot be used: ${reason}`,
    allowed: `entries of keep with ${KEYS.join(', ')}`,
    fix: `restore its last commit with \`git checkout HEAD -- ${MigrationFile.NAME}\`, or write it again with \`npx cdk8s-forge diff --migrate\``,
  });
}
