import { CREATED_MANUALLY, SecretHome, SecretRequirement } from './secret-need';

/**
 * A secret that is listed together with all of its uses.
 *
 * @jsii ignore
 */
export interface InventoryRow {
  readonly place: string;
  readonly uses: readonly SecretRequirement[];
}

/**
 * Sections of the inventory, in order. Each section has a kind of secret, a description, and a column name for the
 * location.
 */
const CHAPTERS: { home: SecretHome; title: string; words: string; place: string }[] = [
  {
    home: SecretHome.KUBERNETES,
    title: 'Secrets',
    words:
      'The output contains no value of these Secrets. A pod starts when its Secrets exist. The commands are in the chapters that follow.',
    place: 'Namespace/name',
  },
  {
    home: SecretHome.ACTIONS,
    title: 'Actions secrets',
    words: 'Workflows read these secrets. Create them on the page in the last column.',
    place: 'Owner/name',
  },
  {
    home: SecretHome.ENVIRONMENT,
    title: 'Environment variables',
    words: 'Commands on machines outside the cluster read these variables.',
    place: 'Name',
  },
];

/**
 * A chapter of the inventory: the secrets of one kind, in the order of their places.
 *
 * @jsii ignore
 */
export interface InventoryChapter {
  readonly heading: string;
  readonly words: string;
  readonly rows: readonly InventoryRow[];
  /** Returns the table of rows and what to do to replace their values, as Markdown. */
  lines(rows: readonly InventoryRow[]): string[];
}

/**
 * Returns the inventory of every secret that a cdk8s app needs. Each secret is listed with its purpose, type, token scope,
 * origin and rotation.
 *
 * @param needed requirements for secrets
 * @param clusterOf returns the name of the cluster of a requirement, for a column of Secrets; without it, there is no column
 *
 * @jsii ignore
 */
export function secretInventory(
  needed: readonly SecretRequirement[],
  clusterOf?: (use: SecretRequirement) => string | undefined,
): InventoryChapter[] {
  return CHAPTERS.map(({ home, title, words, place }) => ({
    heading: `## ${title}`,
    words,
    rows: rowsOf(needed.filter((secret) => (secret.home ?? SecretHome.KUBERNETES) === home)),
    lines: (rows: readonly InventoryRow[]) => [
      ...(home === SecretHome.KUBERNETES && clusterOf !== undefined
        ? [
            `| ${place} | Cluster | Type | Keys | Purpose | Token scope | Created by |`,
            '|---|---|---|---|---|---|---|',
            ...rows.map((row) => `| \`${row.place}\` | ${clusters(row, clusterOf)} ${rest(row)}`),
          ]
        : [
            `| ${place} | Type | Keys | Purpose | Token scope | Created by |`,
            '|---|---|---|---|---|---|',
            ...rows.map((row) => `| \`${row.place}\` ${rest(row)}`),
          ]),
      '',
      'To replace a value without an outage:',
      '',
      ...rotations(rows),
      '',
    ],
  }));
}

function rowsOf(needed: readonly SecretRequirement[]): InventoryRow[] {
  const rows = new Map<string, SecretRequirement[]>();
  for (const secret of needed) {
    const place =
      secret.home === SecretHome.ENVIRONMENT ? secret.secretName : `${secret.namespace}/${secret.secretName}`;
    appended(rows, place, secret);
  }
  return [...rows].map(([place, uses]) => ({ place, uses })).sort((a, b) => (a.place < b.place ? -1 : 1));
}

function clusters({ uses }: InventoryRow, clusterOf: (use: SecretRequirement) => string | undefined): string {
  const names = [...new Set(uses.flatMap((use) => clusterOf(use) ?? []))].sort();
  return names.map((name) => `\`${name}\``).join(', ') || '-';
}

/** Returns the columns of a row after its place. */
function rest({ uses }: InventoryRow): string {
  const distinct = (values: (string | undefined)[]) => [
    ...new Set(values.filter((value): value is string => value !== undefined)),
  ];
  const type = distinct(uses.map((use) => use.type)).find((name) => name !== 'Opaque') ?? 'Opaque';
  const keys = distinct(uses.flatMap((use) => use.keys))
    .map((key) => `\`${key}\``)
    .join(', ');
  const hosts = distinct(uses.flatMap((use) => use.registryHosts ?? [])).sort();
  const purposes =
    distinct(uses.map((use) => use.purpose)).join('; ') +
    (hosts.length > 0 ? `; one entry each for ${hosts.map((host) => `\`${host}\``).join(', ')}` : '');
  const scopes =
    distinct(uses.map((use) => use.tokenScope))
      .sort()
      .map((scope) => `\`${scope}\``)
      .join(', ') || '-';
  return `| \`${type}\` | ${keys} | ${purposes} | ${scopes} | ${distinct(uses.map((use) => use.origin))[0] ?? CREATED_MANUALLY} |`;
}

function rotations(rows: readonly InventoryRow[]): string[] {
  const names = new Map<string, string[]>();
  for (const { place, uses } of rows) {
    const advice =
      uses.find((use) => use.rotation)?.rotation ??
      'replace the Secret, restart the pods that read it, then revoke the old value';
    appended(names, advice, `\`${place}\``);
  }
  return [...names].map(([advice, places]) => `- ${places.join(', ')}: ${advice}.`);
}

/** Adds a value to the list of a key. */
function appended<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const present = lists.get(key);
  if (present === undefined) {
    lists.set(key, [value]);
  } else {
    present.push(value);
  }
}
