import { IConstruct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import { ForgeError, quoted } from '../support';
import { ignoredPart } from './flux-ignored';

/** A file of the output, as far as its place matters. */
interface PlacedFile extends IConstruct {
  readonly path: string;
}

/** Names that kustomize reads instead of the manifests beside it, and a list of files that Flux leaves out. */
const SPECIAL_NAME = /^(kustomization(\.yml)?|\.sourceignore)$/i;

/** Returns whether Flux applies what is in the directory of a file. */
const isAmongManifests = (path: string): boolean => /^clusters\//i.test(path);

/**
 * Checks that a file does not change what Flux applies of the manifests beside it.
 *
 * @throws FORGE-OUT-012
 */
export function checkName(file: PlacedFile): void {
  checkSeen(file);
  const name = file.path.replace(/^.*\//, '');
  const isSpecial = SPECIAL_NAME.test(name) && (isAmongManifests(file.path) || /^\.sourceignore$/i.test(file.path));
  if (isSpecial) {
    throw ForgeError.at(file, {
      code: 'FORGE-OUT-012',
      message: `${quoted(file.path)} is among manifests, and Flux or kustomize treats its name specially`,
      allowed: 'another name, or a path outside of "clusters/"',
      fix: 'describe the objects in charts; to leave objects out, leave their charts out of the cluster',
      symptom: 'no error: Flux applies what the file says, and prunes the other objects of the directory',
    });
  }
}

/** Checks that Flux does not leave the file out. */
function checkSeen(file: PlacedFile): void {
  const part = isAmongManifests(file.path) ? ignoredPart(file.path) : undefined;
  if (part !== undefined) {
    throw ForgeError.at(file, {
      code: 'FORGE-OUT-012',
      message: `${quoted(file.path)} is among manifests, and Flux leaves out what has the name ${quoted(part)}`,
      allowed: 'another name, or a path outside of "clusters/"',
      fix: `rename ${quoted(part)}, or write the file to another directory, for example "files/"`,
      symptom: 'no error: Flux does not apply the file',
    });
  }
}

/**
 * Checks that a `.yml` file among manifests is one: Flux applies it too.
 *
 * @throws FORGE-OUT-012
 */
export function checkAsManifest(file: PlacedFile, content: string): void {
  if (!isAmongManifests(file.path) || !/\.yml$/.test(file.path) || isManifest(content)) {
    return;
  }
  throw ForgeError.at(file, {
    code: 'FORGE-OUT-012',
    message: `${quoted(file.path)} is among manifests, and holds a document that is no Kubernetes object`,
    allowed: 'documents with apiVersion, kind and metadata.name, or a path outside of "clusters/"',
    fix: 'write the file to another directory, for example "files/"',
    symptom: 'failed to decode Kubernetes YAML',
  });
}

function isManifest(content: string): boolean {
  const documents = parseAllDocuments(content);
  return Array.from(documents).every((document) => document.errors.length === 0 && isObject(document.toJS()));
}

function isObject(data: unknown): boolean {
  if (data === null || data === undefined) {
    return true;
  }
  const { apiVersion, kind, metadata, items } = data as Record<string, { name?: unknown } | undefined>;
  // A list of objects has no name.
  const name = Array.isArray(items) ? 'list' : metadata?.name;
  return [apiVersion, kind, name].every((field) => typeof field === 'string' && field !== '');
}
