import { ForgeError, hostOfUrl } from '../../support';
import { PlannedSecret, PlanFile } from '../plan';

/** The key of a Docker configuration. */
export const DOCKER_CONFIG = '.dockerconfigjson';

/** A secret with everything that its users need. */
export interface WantedSecret {
  /** `namespace/name` of the Secret, `owner/NAME` of an Actions secret, or the name of a variable. */
  readonly place: string;
  readonly home: 'kubernetes' | 'actions' | 'environment';
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly keys: string[];
  readonly hosts: string[];
  readonly scopes: string[];
  readonly forge?: string;
  readonly mint?: { readonly url: string; readonly key: string };
  readonly purposes: string[];
  readonly rotation?: string;
  readonly restart: boolean;
  /** The origin, if this command does not create the secret. */
  readonly elsewhere?: string;
}

const BY_HAND = /^created by hand/;

/**
 * Returns the secrets of a plan, each once, for one cluster.
 *
 * @throws FORGE-CLI-009 if the plan has several clusters and none is chosen, FORGE-CLI-010 for a secret that the plan
 * does not have
 */
export function wantedSecrets(
  plan: PlanFile,
  { cluster, only }: { readonly cluster?: string; readonly only?: readonly string[] },
): WantedSecret[] {
  const chosen = clusterOf(plan, cluster);
  const secrets = new Map<string, WantedSecret>();
  for (const each of plan.secrets) {
    if (each.home !== 'kubernetes' || each.cluster === undefined || each.cluster === chosen) {
      // Two forges can have owners of one name.
      const key = each.home === 'actions' ? `${each.forge ?? ''} ${placeOf(each)}` : placeOf(each);
      secrets.set(key, merged(secrets.get(key), each));
    }
  }
  const all = withHosts([...secrets.values()]).sort((a, b) => (a.place < b.place ? -1 : 1));
  const unknown = (only ?? []).filter((place) => all.every((each) => each.place !== place));
  if (unknown.length > 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-010',
      message: `the program needs no secret ${unknown.join(', ')}`,
      allowed: all.map(({ place }) => place).join(', ') || 'no secret',
      fix: 'use a name that npx cdk8s-forge secrets prints',
    });
  }
  return all.filter(({ place }) => only === undefined || only.includes(place));
}

/**
 * Returns the name of the chosen cluster; undefined if the plan has no cluster.
 *
 * @throws FORGE-CLI-009 if there is no such cluster, or several and none is chosen
 */
export function clusterOf({ clusters }: PlanFile, wanted: string | undefined): string | undefined {
  const names = clusters.map(({ name }) => name);
  if (wanted === undefined ? names.length <= 1 : names.includes(wanted)) {
    return wanted ?? names[0];
  }
  throw ForgeError.of({
    code: 'FORGE-CLI-009',
    message: wanted === undefined ? 'the program has several clusters' : `the program has no cluster ${wanted}`,
    allowed: names.join(', ') || 'no cluster',
    fix: "set --cluster to the cluster of kubectl's context",
  });
}

function placeOf({ home, namespace, name }: PlannedSecret): string {
  return home === 'environment' || namespace === undefined ? name : `${namespace}/${name}`;
}

/** Returns secrets of which each has a place of its own: Actions secrets of one name at two forges begin with the host. */
function withHosts(secrets: readonly WantedSecret[]): WantedSecret[] {
  const count = (place: string) => secrets.filter((each) => each.place === place).length;
  return secrets.map((secret) => {
    const { place, home, forge } = secret;
    const isShared = home === 'actions' && forge !== undefined && count(place) > 1;
    return isShared ? { ...secret, place: `${hostOfUrl(forge)}/${place}` } : secret;
  });
}

/** Adds a use of a secret to its other uses. */
function merged(before: WantedSecret | undefined, secret: PlannedSecret): WantedSecret {
  const first = before ?? unused(secret);
  return {
    ...first,
    type: first.type === 'Opaque' ? secret.type : first.type,
    keys: distinct(first.keys, secret.keys),
    hosts: distinct(first.hosts, secret.hosts ?? []).sort(),
    scopes: distinct(first.scopes, secret.tokenScope === undefined ? [] : [secret.tokenScope]).sort(),
    forge: first.forge ?? secret.forge,
    mint: first.mint ?? secret.mint,
    purposes: distinct(first.purposes, secret.purpose === undefined ? [] : [secret.purpose]),
    rotation: first.rotation ?? secret.rotation,
    restart: first.restart || secret.restart === true,
    elsewhere: first.elsewhere ?? (BY_HAND.test(secret.origin) ? undefined : secret.origin),
  };
}

function unused(secret: PlannedSecret): WantedSecret {
  const { namespace = '', name, type, home } = secret;
  const lists = { keys: [], hosts: [], scopes: [], purposes: [] };
  return {
    place: placeOf(secret),
    home: home as WantedSecret['home'],
    namespace,
    name,
    type,
    restart: false,
    ...lists,
  };
}

function distinct(one: readonly string[], two: readonly string[]): string[] {
  return [...new Set([...one, ...two])];
}
