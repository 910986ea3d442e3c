import { ForgeError } from '../../support';
import { Kubectl } from '../run/kubectl';
import { CommandResult } from '../run/process';
import { Change, ClusterChanges } from './changes';
import { AppliedObject, GROUP, identityOf, keyOf, Manifest, specOf } from './platform';
import { Applied, State } from './simulation';

/** The field manager of Flux. A dry run with another one would report conflicts that Flux does not have. */
const MANAGER = 'kustomize-controller';

/** The part of kubectl that answers questions. */
export type Ask = Pick<Kubectl, 'try'>;

interface Entry {
  readonly id: string;
  readonly v: string;
}

/**
 * Returns what Flux has applied in the cluster of kubectl's context: the objects of its inventories. An object that the
 * commit has too keeps the content of the commit, without what the cluster adds.
 *
 * @throws FORGE-CLI-023 if kubectl fails
 */
export async function liveState(kubectl: Ask, committed: State): Promise<State> {
  const list = asked<{ items: (Manifest & { status?: { inventory?: { entries?: Entry[] } } })[] }>(
    await kubectl.try(['get', `kustomizations.${GROUP}`, '--all-namespaces', '--output', 'json']),
  );
  const known = new Map([...committed.values()].flatMap(({ objects }) => [...objects]));
  const own = list.items.filter((one) => committed.has(specOf(one).key));
  const state = new Map<string, Applied>();
  for (const one of own) {
    const spec = { ...specOf(one), changes: committed.get(specOf(one).key)!.spec.changes };
    const entries = one.status?.inventory?.entries ?? [];
    const unknown = await objectsOf(
      kubectl,
      entries.filter(({ id }) => !known.has(spec.remote + id)),
    );
    const objects = entries.flatMap(({ id }): [string, AppliedObject][] => {
      const object = known.get(spec.remote + id) ?? unknown.get(id);
      return object === undefined ? [] : [[spec.remote + id, object]];
    });
    state.set(spec.key, { spec, objects: new Map(objects) });
  }
  return state;
}

/** Reads objects that only the cluster has, for their annotations. */
async function objectsOf(kubectl: Ask, entries: readonly Entry[]): Promise<Map<string, AppliedObject>> {
  if (entries.length === 0) {
    return new Map();
  }
  const items = entries.map(({ id, v }) => {
    const [namespace, name, group, kind] = id.split('_').length === 4 ? id.split('_') : splitLong(id);
    const apiVersion = group === '' ? v : `${group}/${v}`;
    return {
      apiVersion,
      kind,
      metadata: { name: name.replace(/__/g, ':'), ...(namespace === '' ? {} : { namespace }) },
    };
  });
  const found = asked<{ items: Manifest[] }>(
    await kubectl.try(['get', '--filename', '-', '--ignore-not-found', '--output', 'json'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items, ...items.slice(0, 1)] }),
    }),
  );
  return new Map(
    found.items.map((manifest) => [keyOf(identityOf(manifest)), { id: identityOf(manifest), manifest, file: '' }]),
  );
}

/** A colon in a name is two low lines in an inventory. */
function splitLong(id: string): string[] {
  const [, namespace, name, group, kind] = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id) ?? ['', '', id, '', ''];
  return [namespace, name, group, kind];
}

/** Returns the changes with the answer of the API server to each object that is created or updated. */
export async function askServer(kubectl: Ask, { changes, halts }: ClusterChanges): Promise<ClusterChanges> {
  const asked: Change[] = [];
  for (const change of changes) {
    const refused = isAsked(change) ? await refusalOf(kubectl, change) : undefined;
    asked.push(refused === undefined ? change : { ...change, action: 'refuse', refused });
  }
  return { changes: asked, halts };
}

/** A file that SOPS has encrypted is decrypted by Flux only. */
function isAsked({ action, object, waits }: Change): boolean {
  return ['create', 'update'].includes(action) && waits === undefined && object.manifest.sops === undefined;
}

async function refusalOf(kubectl: Ask, { object }: Change): Promise<string | undefined> {
  const owner = ['--server-side', '--dry-run=server', '--force-conflicts', `--field-manager=${MANAGER}`];
  const { code, stderr } = await kubectl.try(['apply', ...owner, '--filename', '-'], {
    input: JSON.stringify(object.manifest),
  });
  return code === 0 || isMissing(stderr) ? undefined : stderr.trim().split('\n')[0];
}

/** A namespace or kind that the same commit creates is not there yet. */
function isMissing(message: string): boolean {
  return /namespaces ".*" not found|no matches for kind/.test(message);
}

function asked<T>({ code, stdout, stderr }: CommandResult): T {
  if (code !== 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-023',
      message: `kubectl failed: ${stderr.trim().split('\n')[0]}`,
      allowed: 'a context of kubectl that can read the objects of the cluster',
      fix: 'check `kubectl config current-context`, or run the command without --live',
    });
  }
  return JSON.parse(stdout) as T;
}
