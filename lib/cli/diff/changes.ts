import { FieldChange, fieldChanges } from './fields';
import { Harm, harmOf } from './harm';
import { refusedField } from './immutable';
import { AppliedObject, ClusterState, keyOf, Manifest } from './platform';
import { isCascading, isIgnored, isKept, isMarked, simulate, Standstill, State, waitsFor } from './simulation';

/**
 * An effect of Flux on an object.
 *
 * - `create`, `update`, `delete`: as the words say.
 * - `replace`: the object is deleted and created again, because a field cannot change and `force` is set.
 * - `refuse`: a field cannot change. The Kustomization applies nothing until the field is back or the object is gone.
 * - `move`: another Kustomization applies the object from now on.
 * - `keep`: no Kustomization applies the object any more, and it stays in the cluster.
 */
export type Action = 'create' | 'update' | 'replace' | 'refuse' | 'delete' | 'move' | 'keep';

/** A change of an object in a cluster. */
export interface Change {
  readonly cluster: string;
  readonly action: Action;
  /** The object as it will be, or as it was if it is not applied any more. */
  readonly object: AppliedObject;
  /** The object as it was, if it moves. */
  readonly from?: AppliedObject;
  /** The Kustomization that acts, in the format `namespace/name`. */
  readonly kustomization: string;
  /** The Kustomization to which the object moves. */
  readonly to?: string;
  /** `yes` if the object is deleted, `maybe` if the order of two Kustomizations decides. @default - it is not deleted */
  readonly deletes?: 'yes' | 'maybe';
  /** The effect of the deletion besides the object itself. */
  readonly harm?: Harm;
  /** The fields that change. */
  readonly fields?: readonly FieldChange[];
  /** The field that cannot change. If `deletes` is `maybe`, the API server refuses the object if nobody deletes it first. */
  readonly refused?: string;
  /** The Kustomization that holds this change up, and why. */
  readonly waits?: { readonly for: string; readonly reason: Standstill };
}

/** A Kustomization that does not follow the next revision. */
export interface Halt {
  readonly cluster: string;
  readonly kustomization: string;
  readonly reason: Standstill;
}

/** The differences of a cluster. */
export interface ClusterChanges {
  readonly changes: readonly Change[];
  readonly halts: readonly Halt[];
}

/** Returns what Flux does in a cluster of a state, when it follows the next revision. */
export function changesOf(live: State, next: ClusterState): ClusterChanges {
  const blocked = new Map<string, Standstill>();
  const refusals = new Map<string, Change>();
  let wanted: Change[] | undefined;
  for (;;) {
    const state = simulate(next, live, blocked);
    const now = new Comparison(next.name, live, state).changes();
    wanted ??= now;
    now.filter(({ action }) => action === 'refuse').forEach((one) => refusals.set(keyOf(one.object.id), one));
    const size = blocked.size;
    refusals.forEach(({ to, kustomization }) => blocked.set(to ?? kustomization, 'refused'));
    waiting(state).forEach((key) => !blocked.has(key) && blocked.set(key, 'waits'));
    if (blocked.size === size) {
      const others = (changes: readonly Change[]): Change[] =>
        changes.filter(({ object }) => !refusals.has(keyOf(object.id)));
      return {
        changes: [...refusals.values(), ...withLater(others(now), others(wanted), blocked)],
        halts: haltsOf(next.name, state),
      };
    }
  }
}

/**
 * Returns the changes that are made now, and those that are made when nothing holds Kustomizations up any more. An object that is
 * deleted now and created again then is one change.
 */
function withLater(
  now: readonly Change[],
  wanted: readonly Change[],
  blocked: ReadonlyMap<string, Standstill>,
): Change[] {
  const later = new Map(wanted.map((change) => [keyOf(change.object.id), change]));
  const known = new Set(now.map(({ object }) => keyOf(object.id)));
  const held = [...later].flatMap(([key, change]) => {
    const holder = [change.to, change.kustomization].find((one) => one !== undefined && blocked.has(one));
    if (known.has(key) || holder === undefined) {
      return [];
    }
    const reason = blocked.get(holder)!;
    // Flux deletes an object with `force` while it asks the API server, before it knows that another object is refused.
    const deletes = change.action === 'replace' && reason === 'refused' ? ('maybe' as const) : undefined;
    return [{ ...change, deletes, waits: { for: holder, reason } }];
  });
  const made = now.map((change) => {
    const { action, to } = later.get(keyOf(change.object.id)) ?? {};
    return change.action === 'delete' && action === 'move' ? { ...change, to } : change;
  });
  return [...made, ...held];
}

/** Kustomizations whose dependencies do not follow the revision, or are gone. */
function waiting(state: State): string[] {
  return [...state].flatMap(([key, { spec }]) =>
    spec.dependsOn.some((one) => !state.has(one) || state.get(one)!.standstill !== undefined) ? [key] : [],
  );
}

function haltsOf(cluster: string, state: State): Halt[] {
  return [...state].flatMap(([kustomization, { standstill }]) =>
    standstill === undefined || standstill === 'suspended' ? [] : [{ cluster, kustomization, reason: standstill }],
  );
}

/** The comparison of two states of a cluster. */
class Comparison {
  private readonly before: Map<string, [string, AppliedObject]>;
  private readonly after: Map<string, [string, AppliedObject][]>;

  constructor(
    private readonly cluster: string,
    private readonly live: State,
    private readonly state: State,
  ) {
    this.before = new Map(
      [...live].flatMap(([key, { objects }]) =>
        [...objects].map(([id, object]): [string, [string, AppliedObject]] => [id, [key, object]]),
      ),
    );
    this.after = new Map();
    for (const [key, { objects, standstill }] of state) {
      for (const [id, object] of objects) {
        // One that follows the revision stands before one that holds what it applied last.
        const owners = this.after.get(id) ?? [];
        this.after.set(id, standstill === undefined ? [[key, object], ...owners] : [...owners, [key, object]]);
      }
    }
  }

  changes(): Change[] {
    const created = [...this.after].flatMap(([id, [[key, object]]]) =>
      this.before.has(id) || isIgnored(object.manifest) ? [] : [this.change('create', key, { object })],
    );
    const changed = [...this.before].flatMap(([id, [key, object]]) => {
      const owners = this.after.get(id);
      if (owners === undefined) {
        return this.removed(key, object);
      }
      const same = owners.find(([owner]) => owner === key);
      const stays = same !== undefined && (this.state.get(key)!.standstill === undefined || owners.length === 1);
      return stays ? this.updated(key, [object, same[1]]) : this.moved(key, object, owners[0]);
    });
    return [...changed, ...created];
  }

  private change(action: Action, kustomization: string, rest: Pick<Change, 'object'> & Partial<Change>): Change {
    return { cluster: this.cluster, action, kustomization, ...rest };
  }

  private removed(key: string, object: AppliedObject): Change[] {
    const deletes = this.deletes(key, object.manifest);
    return [
      deletes === undefined
        ? this.change('keep', key, { object })
        : this.change('delete', key, { object, deletes, harm: harmOf(object.manifest) }),
    ];
  }

  /** Returns whether the Kustomization that applied an object deletes it, if it does not apply it any more. */
  private deletes(key: string, manifest: Manifest): 'yes' | 'maybe' | undefined {
    if (isKept(manifest)) {
      return undefined;
    }
    const [old, next] = [this.live.get(key)!, this.state.get(key)];
    if (next === undefined) {
      return isCascading(old) ? 'yes' : undefined;
    }
    if (next.standstill !== undefined) {
      return undefined;
    }
    return old.spec.prune === next.spec.prune ? (next.spec.prune ? 'yes' : undefined) : 'maybe';
  }

  private moved(key: string, object: AppliedObject, [to, next]: [string, AppliedObject]): Change[] {
    if (isIgnored(next.manifest)) {
      return this.removed(key, object); // the new owner does not apply it
    }
    const deletes = this.deletes(key, object.manifest) && this.order(key, to, next.manifest);
    const [update] = this.updated(to, [object, next]);
    // In whatever order the two act, an object with `force` does not survive.
    const isReplaced = deletes === 'maybe' && update?.action === 'replace';
    if (deletes !== undefined && !isReplaced) {
      const fields = fieldChanges(object.manifest, next.manifest);
      const refused = deletes === 'maybe' ? update?.refused : undefined;
      const harm = harmOf(object.manifest);
      return [this.change('move', key, { object: next, from: object, to, deletes, fields, refused, harm })];
    }
    const isStopped = update?.action === 'refuse' || update?.action === 'replace';
    return [
      isStopped
        ? { ...update, kustomization: key, to }
        : this.change('move', key, { object: next, from: object, to, fields: update?.fields }),
    ];
  }

  /** Returns whether the old owner deletes an object before the new one takes it over. */
  private order(key: string, to: string, next: Manifest): 'yes' | 'maybe' | undefined {
    if (isMarked(next, 'ssa', 'IfNotPresent')) {
      return 'yes'; // the new owner leaves the object that is there to the old one
    }
    // A Kustomization may see the objects of the commit before it sees its own new specification, so both have to wait.
    const waits = (one: string, other: string): boolean =>
      waitsFor(this.state, one, other) && (!this.live.has(one) || waitsFor(this.live, one, other));
    if (!this.state.has(key)) {
      return 'maybe';
    }
    return waits(key, to) ? undefined : waits(to, key) ? 'yes' : 'maybe';
  }

  private updated(key: string, [old, next]: [AppliedObject, AppliedObject]): Change[] {
    const { spec } = this.state.get(key)!;
    const isUntouched = [old.manifest, next.manifest].some(isIgnored) || isMarked(next.manifest, 'ssa', 'IfNotPresent');
    const fields = isUntouched ? [] : fieldChanges(old.manifest, next.manifest);
    if (fields.length === 0) {
      return isUntouched || spec.changes === (this.live.get(key)?.spec.changes ?? spec.changes)
        ? []
        : [this.change('update', key, { object: next, fields: [] })];
    }
    const refused = refusedField(old.manifest, next.manifest);
    if (refused === undefined) {
      return [this.change('update', key, { object: next, fields })];
    }
    const isForced = spec.force || [old.manifest, next.manifest].some((one) => isMarked(one, 'force', 'enabled'));
    return [
      isForced
        ? this.change('replace', key, { object: next, fields, refused, deletes: 'yes', harm: harmOf(old.manifest) })
        : this.change('refuse', key, { object: next, fields, refused }),
    ];
  }
}
