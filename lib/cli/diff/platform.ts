import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { apiGroupOf, isClusterScoped } from '../../kube';
import { ForgeError, quoted } from '../../support';
import { Tree } from './tree';

/** The name that Flux gives its group of annotations, labels and kinds. */
export const GROUP = 'kustomize.toolkit.fluxcd.io';

/** A Kubernetes object as it stands in a file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/** The identity of an object in a cluster. Its version of the API is not part of it. */
export interface Identity {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object of a directory, with the file that contains it. */
export interface AppliedObject {
  readonly id: Identity;
  readonly manifest: Manifest;
  readonly file: string;
}

/** The properties of a Kustomization that decide what is applied and deleted. */
export interface KustomizationSpec {
  /** The key, in the format `namespace/name`. */
  readonly key: string;
  /** The directory, relative to the root of the repository. */
  readonly directory: string;
  readonly prune: boolean;
  readonly force: boolean;
  readonly suspend: boolean;
  readonly deletionPolicy: string;
  readonly dependsOn: readonly string[];
  /** The cluster whose objects it applies: that of the controller, or another one by `kubeConfig`. */
  readonly remote: string;
  readonly targetNamespace?: string;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  /** The settings that change the objects after they are read, as one text. */
  readonly changes: string;
}

/** The Kustomizations and objects of a cluster. */
export interface ClusterState {
  readonly name: string;
  /** The directory of the cluster's entry, relative to the root of the repository. */
  readonly entry: string;
  readonly tree: Tree;
}

/** Returns the identity as one text. It is a key, and Flux's inventory uses the same one. */
export function keyOf({ group, kind, namespace, name }: Identity): string {
  return `${namespace}_${name.replace(/:/g, '__')}_${group}_${kind}`;
}

/** Returns the identity of an object of a Kubernetes API. */
export function identityOf({ apiVersion, kind, metadata }: Manifest): Identity {
  const group = apiGroupOf(apiVersion);
  const namespace = isClusterScoped(group, kind) ? '' : (metadata.namespace ?? '');
  return { group, kind, namespace, name: metadata.name };
}

/**
 * Returns the clusters of an output directory: by the plan file of the directory, or, if there is none, by the directories
 * that are there.
 *
 * @param output the output directory relative to the root of the repository
 * @jsii ignore
 */
export function clustersOf(tree: Tree, output: string): ClusterState[] {
  const planned = plannedClusters(tree.file(`${output}/.cdk8s-forge.json`));
  const entries =
    planned ??
    [...(tree.filesBelow(`${output}/clusters`)?.keys() ?? [])].flatMap((name) => {
      const [entry, cluster] = new RegExp(`^.*/clusters/([^/]+)/flux(?=/)`).exec(name) ?? [];
      return entry === undefined ? [] : [{ name: cluster, entry }];
    });
  return [...new Map(entries.map((entry) => [entry.name, { ...entry, tree }])).values()];
}

function plannedClusters(text: string | undefined): { name: string; entry: string }[] | undefined {
  try {
    const { clusters } = JSON.parse(text ?? '') as { clusters?: unknown };
    return Array.isArray(clusters)
      ? clusters.flatMap(({ name, entry }) => (typeof entry === 'string' ? [{ name: String(name), entry }] : []))
      : undefined;
  } catch {
    return undefined; // a directory of an older version has no plan
  }
}

/**
 * Returns what Flux reads in a directory: all objects of its YAML files, with the directories below it.
 *
 * @returns undefined if there is no such directory
 * @throws FORGE-CLI-021 for a file that is not YAML, FORGE-CLI-022 for a directory that kustomize builds
 * @jsii ignore
 */
export function objectsIn(tree: Tree, directory: string): AppliedObject[] | undefined {
  const files = tree.filesBelow(directory);
  const own = [...(files?.keys() ?? [])].find((file) => /^kustomization\.ya?ml$/i.test(path.posix.basename(file)));
  if (own !== undefined) {
    throw ForgeError.of({
      code: 'FORGE-CLI-022',
      message: `${quoted(own)} tells kustomize what to build, and only kustomize knows the result`,
      allowed: 'directories that Flux applies as they are',
      fix: 'compare the objects of this directory with `flux diff kustomization`, or move the directory out of the Kustomization',
    });
  }
  return files && [...files].flatMap(([file, text]) => (/\.ya?ml$/.test(file) ? objectsOf(text, file) : []));
}

function objectsOf(text: string, file: string): AppliedObject[] {
  const documents = parseAllDocuments(text, { version: '1.2', prettyErrors: false, logLevel: 'silent' });
  const found = 'empty' in documents ? [] : documents;
  return found.flatMap((document) => {
    if (document.errors.length > 0) {
      throw ForgeError.of({
        code: 'FORGE-CLI-021',
        message: `${quoted(file)} is not readable as YAML: ${document.errors[0].message.split('\n')[0]}`,
        fix: 'correct the file, or synthesize again',
      });
    }
    return itemsOf(document.toJS({ maxAliasCount: -1 })).map((manifest) => ({
      id: identityOf(manifest),
      manifest,
      file,
    }));
  });
}

/** Returns the objects of a document: one, the items of a List, or none. */
function itemsOf(value: unknown): Manifest[] {
  const manifest = value as (Partial<Manifest> & { items?: unknown }) | null;
  if (typeof manifest?.apiVersion !== 'string' || typeof manifest.kind !== 'string') {
    return [];
  }
  if (manifest.kind.endsWith('List') && Array.isArray(manifest.items)) {
    return manifest.items.flatMap(itemsOf);
  }
  return typeof manifest.metadata?.name === 'string' ? [manifest as Manifest] : [];
}

/** Returns whether an object is a Kustomization of Flux. */
export function isKustomization({ group, kind }: Identity): boolean {
  return group === GROUP && kind === 'Kustomization';
}

/** Returns the properties of a Kustomization that decide what is applied and deleted. */
export function specOf({ metadata, spec = {} }: Manifest): KustomizationSpec {
  const namespace = metadata.namespace ?? '';
  const dependsOn = (spec.dependsOn as { name: string; namespace?: string }[] | undefined) ?? [];
  const { commonMetadata, patches, images, postBuild, components } = spec;
  return {
    key: `${namespace}/${metadata.name}`,
    directory: path.posix.join('/', String(spec.path ?? '.')).replace(/^\/|\/$/g, ''),
    prune: spec.prune === true,
    force: spec.force === true,
    suspend: spec.suspend === true,
    deletionPolicy: String(spec.deletionPolicy ?? 'MirrorPrune'),
    dependsOn: dependsOn.map((one) => `${one.namespace ?? namespace}/${one.name}`),
    remote: spec.kubeConfig === undefined ? '' : JSON.stringify(spec.kubeConfig),
    targetNamespace: spec.targetNamespace as string | undefined,
    namePrefix: String(spec.namePrefix ?? ''),
    nameSuffix: String(spec.nameSuffix ?? ''),
    changes: JSON.stringify({ commonMetadata, patches, images, postBuild, components }),
  };
}
