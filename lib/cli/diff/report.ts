import { FieldChange } from './fields';
import { Change, ClusterChanges, Halt } from './changes';
import { GROUP } from './platform';
import { isMarked } from './simulation';

/** The differences of all clusters, in the order of their names. */
export interface Difference {
  /** The commit that is compared, as the caller names it. */
  readonly since: string;
  readonly clusters: readonly (ClusterChanges & { readonly name: string })[];
  /** The clusters that only the old side has. Flux finds no directory there and deletes nothing. */
  readonly gone: readonly string[];
}

/** The urgency with which a person should look at a change. */
export type Severity = 'danger' | 'deletion' | 'change';

/** Returns the severity of a change: danger for lost data and for refusals, deletion for what stops. */
export function severityOf({ action, deletes, harm, refused }: Change): Severity {
  const isRefused = refused !== undefined && action !== 'replace';
  if (isRefused || (deletes !== undefined && harm?.losesData)) {
    return 'danger';
  }
  return deletes === undefined ? 'change' : 'deletion';
}

/** Returns the highest severity of a difference, or undefined without changes. */
export function highestSeverity({ clusters }: Difference): Severity | undefined {
  const all = new Set(
    clusters.flatMap(({ changes, halts }) => [...changes.map(severityOf), ...halts.map((): Severity => 'danger')]),
  );
  return (['danger', 'deletion', 'change'] as const).find((severity) => all.has(severity));
}

/** Returns the name of an object as kubectl writes it, with its namespace. */
export function nameOf({ object: { id } }: Change): string {
  return `${id.kind} ${id.namespace === '' ? '' : `${id.namespace}/`}${id.name}`;
}

/** Returns the effect of a change in words. */
export function effectOf(change: Change): string {
  const { deletes, harm, waits, refused, to } = change;
  const effect = {
    create: 'is created',
    update: 'is updated',
    replace:
      waits && deletes
        ? `is deleted, because ${refused} cannot change, and created again only when ${waits.for} applies its objects`
        : `is deleted and created again, because ${refused} cannot change`,
    refuse: `cannot be updated: ${refused} cannot change. ${to ?? change.kustomization} applies and deletes nothing until this is solved: ${cureOf(change)}`,
    delete:
      deletes === 'maybe' ? 'may be deleted' : to ? `is deleted, and ${to} does not create it again yet` : 'is deleted',
    move: movement(change),
    keep: 'stays in the cluster, and Flux does not apply it any more',
  }[change.action];
  const held = waits === undefined ? '' : ` (not yet: ${waits.for} ${WAITS[waits.reason]})`;
  return `${effect}${deletes !== undefined && harm ? `: ${harm.text}` : ''}${held}`;
}

/** Returns the way out of a field that cannot change. */
function cureOf({ object: { id } }: Change): string {
  switch (id.kind) {
    case 'StatefulSet':
      return `kubectl --namespace ${id.namespace} delete statefulset ${id.name} --cascade=orphan keeps pods and claims, and Flux creates it again`;
    case 'PersistentVolumeClaim':
      return 'give the claim another name, and copy its data';
    default:
      return `give it another name, or let Flux delete and create it by the annotation ${GROUP}/force: enabled`;
  }
}

function movement(change: Change): string {
  const { to, deletes, object, refused } = change;
  if (deletes !== undefined && isMarked(object.manifest, 'ssa', 'IfNotPresent')) {
    return `moves to ${to}, and is deleted: ${to} leaves alone what is there, and creates it at its next interval`;
  }
  switch (deletes) {
    case 'yes':
      return `moves to ${to}, and is deleted before ${to} creates it again`;
    case 'maybe':
      if (refused !== undefined) {
        return `moves to ${to}: if ${to} is the first of the two, the API server refuses it, because ${refused} cannot change, and ${to} applies and deletes nothing; otherwise it is deleted and created again. Move it in one commit, and change the field in another`;
      }
      return `moves to ${to}, and is deleted and created again if ${to} is not the first of the two`;
    default:
      return `moves to ${to}, without a deletion`;
  }
}

const WAITS: Record<Halt['reason'], string> = {
  suspended: 'is suspended',
  'no such directory': 'finds no directory',
  refused: 'has an object that cannot be updated',
  waits: 'waits for another Kustomization',
};

/** Returns the sentence that explains a halt. */
export function haltText({ kustomization, reason }: Halt): string {
  return {
    'no such directory': `${kustomization} finds its directory no more. It keeps what it applied last, and reports an error`,
    refused: `${kustomization} applies and deletes nothing, because an object cannot be updated`,
    waits: `${kustomization} waits for a Kustomization that does not become ready with this commit`,
    suspended: `${kustomization} is suspended`,
  }[reason];
}

/** The longest value that is printed. */
const MAX_VALUE = 60;

/** The largest number of fields that are printed for an object. */
const MAX_FIELDS = 6;

/** Returns the changed fields in words. Values of Secrets and long values are left out. */
export function fieldsOf({ fields = [], object, action }: Change): string[] {
  if (action === 'create' || action === 'delete') {
    return [];
  }
  const isSecret = object.id.kind === 'Secret';
  const lines = fields.slice(0, MAX_FIELDS).map((field) => (isSecret ? field.path : fieldText(field)));
  const rest = fields.length - MAX_FIELDS;
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}

function fieldText({ path, old, next }: FieldChange): string {
  if (old === undefined || next === undefined) {
    return `${path}: ${old === undefined ? 'added' : 'removed'}`;
  }
  const [before, after] = [old, next].map(valueText);
  return before === undefined || after === undefined ? path : `${path}: ${before} → ${after}`;
}

function valueText(value: unknown): string | undefined {
  const text = typeof value === 'object' && value !== null ? undefined : JSON.stringify(value);
  return text !== undefined && text.length <= MAX_VALUE ? text : undefined;
}

/** Returns the number of changes by action, in words, for example `2 created, 1 deleted`. */
export function totalOf(changes: readonly Change[]): string {
  const words: [string, (change: Change) => boolean][] = [
    ['created', ({ action }) => action === 'create'],
    ['updated', ({ action }) => action === 'update'],
    ['replaced', ({ action }) => action === 'replace'],
    ['refused', ({ action }) => action === 'refuse'],
    ['deleted', ({ action }) => action === 'delete'],
    ['moved', ({ action }) => action === 'move'],
    ['no longer applied', ({ action }) => action === 'keep'],
  ];
  const parts = words.flatMap(([word, test]) => {
    const count = changes.filter(test).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return parts.length === 0 ? 'nothing changes' : parts.join(', ');
}

const ORDER: readonly Severity[] = ['danger', 'deletion', 'change'];

/** Returns changes, those that need attention first, then by name. */
export function inOrder(changes: readonly Change[]): Change[] {
  const rank = (change: Change): string =>
    [ORDER.indexOf(severityOf(change)), change.kustomization, nameOf(change)].join('|');
  return [...changes].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

/** Returns the difference as text for a terminal. */
export function textOf({ since, clusters, gone }: Difference): string {
  const lines = clusters.flatMap(({ name, changes, halts }) => [
    `Cluster ${name}, since ${since}: ${totalOf(changes)}`,
    ...halts.map((halt) => `! ${haltText(halt)}`),
    ...inOrder(changes).flatMap((change) => [
      `${severityOf(change) === 'change' ? ' ' : '!'} ${nameOf(change)} ${effectOf(change)}`,
      ...fieldsOf(change).map((field) => `      ${field}`),
    ]),
  ]);
  return [...lines, ...gone.map(goneText)].map((line) => `${printable(line)}\n`).join('');
}

/** Returns the sentence about a cluster that the new output does not have. */
export function goneText(name: string): string {
  return `Cluster ${name} has no output any more: Flux reports an error there and deletes nothing`;
}

/** Returns text in which control characters are visible, so that no name moves the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
