import { ByHand, Check, codeSpan, command, Command, PrivateAuthority, Symptom, TokenUse } from '../support';
import { CREATED_BY_APP } from '../secret';
import { Model, NeededSecret } from '../model';
import { asksCluster, clustersAt, clusterWords } from './check-cluster';
import { Chapter, Entry } from './runbook-chapter';
import { grouped, shell, table } from './runbook-text';

/**
 * Single-line command that reads an API token. If a user pastes several lines, the shell reads the next line as the
 * token.
 */
const READ_TOKEN = Command.ofText(
  'printf \'API token: \'; read -rs TOKEN; echo; printf \'Authorization: token %s\\n\' "$TOKEN" > "$HEADER"; unset TOKEN',
);

const ONE_AT_A_TIME =
  'The file contains the token of one server. Before a command that calls another server, run these commands again with its token.';

/** Maximum number of example commands. The examples show the form of the other commands. */
const MOST_COMMANDS = 8;

/**
 * Returns the instructions to create the file from which commands read a forge's token, with the required scopes. Each
 * forge has one instruction.
 */
export function apiTokens({ advice }: Model): string[] {
  const looking = tokens(advice.flatMap(({ checks = [] }) => checks));
  const asking = tokens(advice.flatMap(({ byHand = [] }) => byHand));
  const pages = [...new Set([...looking, ...asking].map(({ page }) => page))];
  if (pages.length === 0) {
    return [];
  }
  const scopes = (uses: readonly TokenUse[], page: string) =>
    [...new Set(uses.filter((use) => use.page === page).map(({ scope }) => `\`${scope}\``))].sort().join(', ');
  const line = (page: string) => {
    const [look, ask] = [scopes(looking, page), scopes(asking, page)];
    return `- <${page}>: ${[...(look === '' ? [] : [`to verify, ${look}`]), ...(ask === '' ? [] : [`to get a registration token, ${ask}`])].join('; ')}`;
  };
  return [
    '## API token',
    '',
    'Some commands call the API with a token of yours. They read the token from the file `$HEADER`, so that no list of processes contains it.',
    'Create a token with these scopes. A scope of `admin` needs an administrator. Afterwards, delete the file with `rm "$HEADER"`, and delete the token on the same page.',
    '',
    ...pages.map(line),
    '',
    ...(pages.length === 1 ? [] : [ONE_AT_A_TIME, '']),
    ...shell([command`HEADER=$(mktemp)`, READ_TOKEN]),
    '',
  ];
}

function tokens(list: readonly { readonly token?: TokenUse }[]): TokenUse[] {
  return list.map(({ token }) => token).filter((token) => token !== undefined);
}

/**
 * Returns the instructions to create the file from which commands read the certificates of private CAs. All commands read the
 * same file, so that the file contains the certificates of each CA.
 */
export function authorities({ advice }: Model): string[] {
  const commands = advice.flatMap(({ checks = [], byHand = [] }) => [...checks, ...byHand]);
  const all = commands
    .flatMap(({ token, authority }: { readonly token?: TokenUse; readonly authority?: PrivateAuthority }) => [
      token?.authority,
      authority,
    ])
    .filter((authority) => authority !== undefined);
  const names = [...new Set(all.map(({ name }) => name))].sort();
  if (names.length === 0) {
    return [];
  }
  const prints = names.flatMap((name) => all.find((authority) => authority.name === name && authority.print) ?? []);
  const missing = names.filter((name) => !prints.some((authority) => authority.name === name));
  return [
    '## Certificates of private CAs',
    '',
    `Some commands below read CA certificates from the file \`$CA\`. The CAs are ${names.map(codeSpan).join(', ')}:`,
    '',
    ...shell([command`CA=$(mktemp)`, ...prints.map(({ print }) => command`${print!} >> "$CA"`)]),
    '',
    ...(prints.every(({ print }) => !print!.text.startsWith('kubectl '))
      ? []
      : [
          'The commands fail until the CAs are in the cluster. For a new cluster, apply the output first: pods wait for their Secrets.',
          '',
        ]),
    ...(missing.length === 0
      ? []
      : [`Add the certificates of ${missing.map(codeSpan).join(', ')} to the file \`$CA\`.`, '']),
  ];
}

/** Returns the steps on machines that come before everything else. */
export function machines({ advice }: Model): Chapter<ByHand> {
  return {
    heading: '## Machines',
    intro: [
      'Do these steps first. Run the commands in one Bash, in the root directory of the repository of this cdk8s app.',
      '',
    ],
    entries: stepEntries(advice, (step) => step.isFirst === true),
    body: stepLines,
  };
}

/** Returns the manual tasks that the list of secrets does not contain. */
export function byHand(model: Model, secrets: readonly NeededSecret[]): Chapter<ByHand & Placed> {
  const made = new Set(
    secrets
      .filter(({ origin = '' }) => origin.startsWith(CREATED_BY_APP))
      .map(({ namespace, secretName }) => `${namespace}/${secretName}`),
  );
  return {
    headingOnPages: '## Manual steps',
    entries: stepEntries(
      model.advice,
      ({ isFirst, creates }) => isFirst !== true && (!creates || !made.has(`${creates.namespace}/${creates.name}`)),
    ).map((entry) => placedEntry(model, entry)),
    body: stepLines,
  };
}

function stepEntries(advice: Model['advice'], isWanted: (step: ByHand) => boolean): Entry<ByHand>[] {
  const steps = advice.flatMap(({ path, byHand: own = [] }) => own.map((value) => ({ path, value })));
  return entriesOf(
    steps.filter(({ value }) => isWanted(value)),
    ({ title, text }) => `${title} ${text}`,
    ({ creates, mint, token, commands = [], ...texts }) =>
      JSON.stringify([creates, mint, token, textsOf(commands), texts]),
  );
}

function stepLines(values: readonly (ByHand & Placed)[]): string[] {
  return values.flatMap(({ title, text, commands = [], clusters = [] }, i) => [
    ...(values[i - 1]?.title === title ? [] : [`### ${title}`, '']),
    clusters.length === 0 ? text : `In ${clusterWords(clusters)}. ${text}`,
    '',
    ...(commands.length > 0 ? [...shell(commands), ''] : []),
  ]);
}

/** Returns the commands that verify the setup, grouped by subject. */
export function checks(model: Model): Chapter<ShownCheck> {
  const all = model.advice.flatMap(({ path, checks: of = [] }) =>
    of.map(({ about, title, good, commands }) => ({ path, value: { about, title, good, commands } })),
  );
  return {
    heading: '## Verify',
    intro: [
      '`npx cdk8s-forge verify` runs all checks of this chapter. Or run them by hand: the text after the colon is the expected result.',
      '',
    ],
    entries: entriesOf(
      all,
      ({ about, title }) => `${about} ${title}`,
      ({ about, title, good, commands = [] }) => [about, title, good, ...textsOf(commands)].join('\0'),
    ).map((entry) => placedEntry(model, entry)),
    body: (values) =>
      [...grouped(values, ({ about }) => about)].flatMap(([subject, own]) => [
        `### ${subject}`,
        '',
        ...own.flatMap(checkLines),
      ]),
  };
}

/** The parts of a check that the runbook shows. */
type ShownCheck = Pick<Check, 'about' | 'title' | 'good' | 'commands'> & Placed;

function checkLines({ title, good, commands = [], clusters = [] }: ShownCheck): string[] {
  const where = clusters.length === 0 ? '' : ` (${clusterWords(clusters)})`;
  return [
    `- ${title}${where}: ${good}.`,
    '',
    ...(commands.length > 0 ? [...shell(commands).map((line) => `  ${line}`), ''] : []),
  ];
}

/** A symptom with the path of the construct that says so. */
export interface SaidSymptom {
  readonly path: string;
  readonly value: Symptom;
}

/** Returns the symptoms of problems, with their meaning and the place to look. */
export function symptoms(list: readonly SaidSymptom[]): Chapter<Symptom> {
  return {
    heading: '## Troubleshooting',
    intro: ['The commands under "Diagnose" change nothing. Commands under "Fix" that delete something say so.', ''],
    entries: list.map(({ path, value }) => ({ owners: [path], name: value.seen, value })),
    body: (values) => symptomLines(values, (count) => `and ${count} more of the same form`),
    // A number would change a page when a construct of another page is added.
    bodyIfDivided: (values) => symptomLines(values, () => 'and others of the same form'),
    keyOf: ({ seen, cause, fix }) => [seen, cause, fix].join('\0'),
  };
}

function symptomLines(list: readonly Symptom[], more: (count: number) => string): string[] {
  const sentences = (texts: string[]) => [...new Set(texts)].join('<br>');
  const row = ([text, alike]: [string, Symptom[]]) => {
    const look = [...new Set(alike.flatMap((symptom) => (symptom.look ?? []).map(codeSpan)))];
    const shown = look.slice(0, MOST_COMMANDS);
    return [
      text,
      sentences(alike.map(({ cause }) => cause)),
      [...shown, ...(look.length > shown.length ? [more(look.length - shown.length)] : [])].join('<br>') || '-',
      sentences(alike.map(({ fix }) => fix)),
    ];
  };
  return [...table(['Symptom', 'Cause', 'Diagnose', 'Fix'], [...grouped(list, ({ seen }) => seen)].map(row)), ''];
}

/** The clusters whose context the commands need. */
interface Placed {
  readonly clusters?: readonly string[];
}

function placedEntry<T extends ShownCheck | ByHand>(model: Model, entry: Entry<T>): Entry<T & Placed> {
  const clusters = asksCluster(entry.value) ? clustersAt(model, entry.owners) : [];
  return { ...entry, value: { ...entry.value, ...(clusters.length === 0 ? {} : { clusters }) } };
}

/** Returns an entry for each distinct value, with the constructs that say so. */
function entriesOf<T>(
  said: readonly { path: string; value: T }[],
  nameOf: (value: T) => string,
  keyOf: (value: T) => string,
): Entry<T>[] {
  return [...grouped(said, ({ value }) => keyOf(value)).values()].map((same) => ({
    owners: same.map(({ path }) => path),
    name: nameOf(same[0].value),
    value: same[same.length - 1].value,
  }));
}

function textsOf(commands: readonly Command[]): string[] {
  return commands.map(({ text }) => text);
}
