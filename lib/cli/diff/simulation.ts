import {
  AppliedObject,
  ClusterState,
  GROUP,
  identityOf,
  isKustomization,
  keyOf,
  KustomizationSpec,
  Manifest,
  objectsIn,
  specOf,
} from './platform';

/** A reason for which a Kustomization keeps what it applied last. */
export type Standstill = 'suspended' | 'no such directory' | 'refused' | 'waits';

/** A Kustomization with the objects that it applies. */
export interface Applied {
  readonly spec: KustomizationSpec;
  /** The objects by key. */
  readonly objects: ReadonlyMap<string, AppliedObject>;
  /** The reason why the objects are those of the last revision. @default - the objects are those of this revision */
  readonly standstill?: Standstill;
}

/** The Kustomizations of a cluster, by key. */
export type State = ReadonlyMap<string, Applied>;

/** The key of what nobody but the operator applies: an entry without a Kustomization for itself. */
export const BY_HAND = '';

/** Returns what Flux has applied when a cluster has followed a revision from the beginning. */
export function stateOf(cluster: ClusterState): State {
  return simulate(cluster, new Map(), new Map());
}

/**
 * Returns what Flux has applied when a cluster in a state has followed the next revision. Kustomizations are reconciled as
 * Flux does it: with the specification that is in the cluster, until a reconciliation changes it.
 *
 * @param blocked the Kustomizations that apply nothing, with the reason
 */
export function simulate(next: ClusterState, live: State, blocked: ReadonlyMap<string, Standstill>): State {
  return new Simulation(next, live, blocked).run();
}

class Simulation {
  private readonly specs: Map<string, KustomizationSpec>;
  private readonly done = new Map<string, Applied>();

  constructor(
    private readonly next: ClusterState,
    private readonly live: State,
    private readonly blocked: ReadonlyMap<string, Standstill>,
  ) {
    this.specs = new Map([...live].map(([key, { spec }]) => [key, spec]));
  }

  run(): State {
    this.rootsOf().forEach((spec) => this.reconcile(spec));
    return this.done;
  }

  /** Kustomizations that no other one applies. A new cluster has its entry, which the operator applies. */
  private rootsOf(): KustomizationSpec[] {
    if (this.live.size > 0) {
      const owned = new Set(
        [...this.live].flatMap(([key, { objects }]) =>
          kustomizationsIn(objects.values())
            .map(({ key: inner }) => inner)
            .filter((inner) => inner !== key),
        ),
      );
      return [...this.live].filter(([key]) => !owned.has(key)).map(([, { spec }]) => spec);
    }
    const entry = objectsIn(this.next.tree, this.next.entry) ?? [];
    const own = kustomizationsIn(entry).find(({ directory }) => directory === this.next.entry);
    return [own ?? byHand(this.next.entry)];
  }

  private reconcile(spec: KustomizationSpec): void {
    this.specs.set(spec.key, spec);
    const applied = this.applied(spec);
    this.done.set(spec.key, applied);
    const inner = kustomizationsIn(applied.objects.values());
    for (const one of inner) {
      const known = this.done.get(one.key)?.spec;
      if (known === undefined || JSON.stringify(known) !== JSON.stringify(one)) {
        this.reconcile(one);
      }
    }
    this.keepOrphans(spec, new Set(inner.map(({ key }) => key)));
  }

  private applied(spec: KustomizationSpec): Applied {
    const wanted = spec.suspend ? undefined : wantedBy(this.next, spec);
    const standstill =
      this.blocked.get(spec.key) ?? (spec.suspend ? 'suspended' : wanted ? undefined : 'no such directory');
    return standstill === undefined
      ? { spec, objects: wanted! }
      : { spec, objects: this.live.get(spec.key)?.objects ?? new Map(), standstill };
  }

  /** A Kustomization whose object stays in the cluster goes on, although nobody applies it any more. */
  private keepOrphans(owner: KustomizationSpec, present: ReadonlySet<string>): void {
    for (const object of this.live.get(owner.key)?.objects.values() ?? []) {
      const key = isKustomization(object.id) ? specOf(object.manifest).key : undefined;
      if (key !== undefined && !present.has(key) && !this.done.has(key) && (isKept(object.manifest) || !owner.prune)) {
        this.reconcile(specOf(object.manifest));
      }
    }
  }
}

/** Returns the objects that a Kustomization applies when it has followed the revision, or undefined without the directory. */
export function wantedBy(
  { tree }: ClusterState,
  spec: KustomizationSpec,
): ReadonlyMap<string, AppliedObject> | undefined {
  const objects = objectsIn(tree, spec.directory);
  return objects && new Map(objects.map((one) => renamed(one, spec)).map((one) => [spec.remote + keyOf(one.id), one]));
}

function renamed(object: AppliedObject, { targetNamespace, namePrefix, nameSuffix }: KustomizationSpec): AppliedObject {
  if (targetNamespace === undefined && namePrefix === '' && nameSuffix === '') {
    return object;
  }
  const { metadata } = object.manifest;
  const namespace = metadata.namespace === undefined ? undefined : (targetNamespace ?? metadata.namespace);
  const isFixed = ['Namespace', 'CustomResourceDefinition'].includes(object.id.kind);
  const name = isFixed ? metadata.name : `${namePrefix}${metadata.name}${nameSuffix}`;
  const manifest: Manifest = {
    ...object.manifest,
    metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) },
  };
  return { ...object, manifest, id: identityOf(manifest) };
}

function kustomizationsIn(objects: Iterable<AppliedObject>): KustomizationSpec[] {
  return [...objects].filter(({ id }) => isKustomization(id)).map(({ manifest }) => specOf(manifest));
}

function byHand(directory: string): KustomizationSpec {
  return {
    key: BY_HAND,
    directory,
    prune: false,
    force: false,
    suspend: false,
    deletionPolicy: 'Orphan',
    dependsOn: [],
    remote: '',
    namePrefix: '',
    nameSuffix: '',
    changes: '',
  };
}

/** Returns whether an object has a label or annotation of Flux with a value. Flux compares both without case. */
export function isMarked({ metadata }: Manifest, name: string, value: string): boolean {
  return [metadata.labels, metadata.annotations].some(
    (marks) => String(marks?.[`${GROUP}/${name}`] ?? '').toLowerCase() === value.toLowerCase(),
  );
}

/** Returns whether Flux never deletes the object. */
export function isKept(manifest: Manifest): boolean {
  return isMarked(manifest, 'prune', 'disabled') || isIgnored(manifest);
}

/** Returns whether Flux never changes the object. */
export function isIgnored(manifest: Manifest): boolean {
  return isMarked(manifest, 'reconcile', 'disabled') || isMarked(manifest, 'ssa', 'Ignore');
}

/** Returns whether the deletion of a Kustomization deletes its objects. */
export function isCascading({ spec, objects }: Applied): boolean {
  if (spec.suspend || objects.size === 0) {
    return false;
  }
  return spec.deletionPolicy === 'MirrorPrune'
    ? spec.prune
    : ['Delete', 'WaitForTermination'].includes(spec.deletionPolicy);
}

/** Returns whether a Kustomization waits for another one, directly or through others. */
export function waitsFor(state: State, key: string, other: string): boolean {
  const seen = new Set<string>();
  const visit = (one: string): boolean =>
    (state.get(one)?.spec.dependsOn ?? []).some((before) => {
      if (before === other) {
        return true;
      }
      const isNew = !seen.has(before);
      seen.add(before);
      return isNew && visit(before);
    });
  return visit(key);
}
