import { CREATED_MANUALLY, SecretHome, SecretRequirement } from './secret-need';

/** A secret that is listed together with all of its uses. */
interface Row {
  readonly place: string;
  readonly uses: SecretRequirement[];
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
 * Returns the inventory of every secret that a cdk8s app needs, as Markdown. Each secret is listed with its purpose,
 * type, token scope, origin and rotation.
 *
 * @jsii ignore
 */
export function secretInventory(needed: readonly SecretRequirement[]): string[] {
  const chapters = CHAPTERS.map((chapter) => ({
    chapter,
    rows: rowsOf(needed.filter(({ home }) => (home ?? SecretHome.KUBERNETES) === chapter.home)),
  }));
  return chapters
    .filter(({ rows }) => rows.length > 0)
    .flatMap(({ chapter, rows }) => [
      `## ${chapter.title}`,
      '',
      chapter.words,
      '',
      `| ${chapter.place} | Type | Keys | Purpose | Token scope | Created by |`,
      '|---|---|---|---|---|---|',
      ...rows.map(line),
      '',
      'To replace a value without an outage:',
      '',
      ...rotations(rows),
      '',
    ])
    .slice(0, -1);
}

function rowsOf(needed: readonly SecretRequirement[]): Row[] {
  const rows = new Map<string, SecretRequirement[]>();
  for (const secret of needed) {
    const place =
      secret.home === SecretHome.ENVIRONMENT ? secret.secretName : `${secret.namespace}/${secret.secretName}`;
    rows.set(place, [...(rows.get(place) ?? []), secret]);
  }
  return [...rows].map(([place, uses]) => ({ place, uses })).sort((a, b) => (a.place < b.place ? -1 : 1));
}

function line({ place, uses }: Row): string {
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
  return `| \`${place}\` | \`${type}\` | ${keys} | ${purposes} | ${scopes} | ${distinct(uses.map((use) => use.origin))[0] ?? CREATED_MANUALLY} |`;
}

function rotations(rows: readonly Row[]): string[] {
  const names = new Map<string, string[]>();
  for (const { place, uses } of rows) {
    const advice =
      uses.find((use) => use.rotation)?.rotation ??
      'replace the Secret, restart the pods that read it, then revoke the old value';
    names.set(advice, [...(names.get(advice) ?? []), `\`${place}\``]);
  }
  return [...names].map(([advice, places]) => `- ${places.join(', ')}: ${advice}.`);
}
