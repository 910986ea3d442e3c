import { spawnSync } from 'node:child_process';
import { ForgeError } from '../../support';
import { Change, ClusterChanges } from './changes';
import { AppliedObject, GROUP, identityOf, keyOf, Manifest, specOf } from './platform';
import { Applied, State } from './simulation';

/** The field manager of Flux. A dry run with another one would report conflicts that Flux does not have. */
const MANAGER = 'kustomize-controller';

/** Returns the output of kubectl, with its input. */
export type Kubectl = (args: readonly string[], input?: string) => { code: number; stdout: string; stderr: string };

/** Runs kubectl with its current context. */
export function kubectl(args: readonly string[], input?: string): ReturnType<Kubectl> {
  const { status, stdout, stderr, error } = spawnSync('kubectl', [...args], {
    input,
    env: process.env,
    maxBuffer: 2 ** 30,
    timeout: 120_000,
  });
  return { code: status ?? 1, stdout: String(stdout ?? ''), stderr: error?.message ?? String(stderr ?? '') };
}

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
export function liveState(run: Kubectl, committed: State): State {
  const list = asked<{ items: (Manifest & { status?: { inventory?: { entries?: Entry[] } } })[] }>(
    run(['get', `kustomizations.${GROUP}`, '--all-namespaces', '--output', 'json']),
  );
  const known = new Map([...committed.values()].flatMap(({ objects }) => [...objects]));
  const own = list.items.filter((one) => committed.has(specOf(one).key));
  return new Map(
    own.map((one): [string, Applied] => {
      const spec = { ...specOf(one), changes: committed.get(specOf(one).key)!.spec.changes };
      const entries = one.status?.inventory?.entries ?? [];
      const unknown = objectsOf(
        run,
        entries.filter(({ id }) => !known.has(spec.remote + id)),
      );
      const objects = entries.flatMap(({ id }): [string, AppliedObject][] => {
        const object = known.get(spec.remote + id) ?? unknown.get(id);
        return object === undefined ? [] : [[spec.remote + id, object]];
      });
      return [spec.key, { spec, objects: new Map(objects) }];
    }),
  );
}

/** Reads objects that only the cluster has, for their annotations. */
function objectsOf(run: Kubectl, entries: readonly Entry[]): Map<string, AppliedObject> {
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
    run(
      ['get', '--filename', '-', '--ignore-not-found', '--output', 'json'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items, ...items.slice(0, 1)] }),
    ),
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
export function askServer(run: Kubectl, { changes, halts }: ClusterChanges): ClusterChanges {
  const asked = changes.map((change): Change => {
    const isEncrypted = change.object.manifest.sops !== undefined;
    if (!['create', 'update'].includes(change.action) || change.waits !== undefined || isEncrypted) {
      return change;
    }
    const answer = run(
      [
        'apply',
        '--server-side',
        '--dry-run=server',
        '--force-conflicts',
        `--field-manager=${MANAGER}`,
        '--filename',
        '-',
      ],
      JSON.stringify(change.object.manifest),
    );
    return answer.code === 0 || isMissing(answer.stderr)
      ? change
      : { ...change, action: 'refuse', refused: answer.stderr.trim().split('\n')[0] };
  });
  return { changes: asked, halts };
}

/** A namespace or kind that the same commit creates is not there yet. */
function isMissing(message: string): boolean {
  return /namespaces ".*" not found|no matches for kind/.test(message);
}

function asked<T>({ code, stdout, stderr }: ReturnType<Kubectl>): T {
  if (code !== 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-023',
      message: `kubectl failed: ${stderr.trim().split('\n')[0]}`,
      allowed: 'a context of kubectl that can read the objects of the cluster',
      fix: 'check kubectl config current-context, or run the command without --live',
    });
  }
  return JSON.parse(stdout) as T;
}
