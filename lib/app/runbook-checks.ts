import { ByHand, Check, codeSpan, command, Command, PrivateAuthority, Symptom, TokenUse } from '../support';
import { CREATED_BY_APP } from '../secret';
import { Model } from '../model';
import { shell, table } from './runbook-text';

/**
 * Single-line command that reads an API token. If a user pastes several lines, the shell reads the next line as the
 * token.
 */
const READ_TOKEN = Command.ofText(
  'printf \'API token: \'; read -rs TOKEN; echo; printf \'Authorization: token %s\\n\' "$TOKEN" > "$HEADER"; unset TOKEN',
);

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
    ...(prints.length === 0
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

/** Returns the manual tasks that the list of secrets does not contain. */
export function byHand({ advice, secrets }: Model): string[] {
  const isMade = ({ creates }: ByHand) =>
    creates !== undefined &&
    secrets.some(
      ({ namespace, secretName, origin = '' }) =>
        namespace === creates.namespace && secretName === creates.name && origin.startsWith(CREATED_BY_APP),
    );
  const all = distinct(advice.flatMap((of): readonly ByHand[] => of.byHand ?? []).filter((step) => !isMade(step)));
  return all.flatMap(({ title, text, commands = [] }, i) => [
    ...(all[i - 1]?.title === title ? [] : [`### ${title}`, '']),
    text,
    '',
    ...(commands.length > 0 ? [...shell(commands), ''] : []),
  ]);
}

/** Returns the commands that verify the setup, grouped by subject. */
export function checks({ advice }: Model): string[] {
  const all = distinct(
    advice.flatMap(({ checks: of = [] }) =>
      of.map(({ about, title, good, commands }) => ({ about, title, good, commands })),
    ),
  );
  const subjects = [...new Set(all.map(({ about }) => about))];
  if (subjects.length === 0) {
    return [];
  }
  return [
    '## Verify',
    '',
    '`npx cdk8s-forge verify` runs all checks of this chapter. Or run them by hand: the text after the colon is the expected result.',
    '',
    ...subjects.flatMap((subject) => [
      `### ${subject}`,
      '',
      ...all.filter(({ about }) => about === subject).flatMap(checkLines),
    ]),
  ];
}

function checkLines({ title, good, commands = [] }: Pick<Check, 'title' | 'good' | 'commands'>): string[] {
  return [
    `- ${title}: ${good}.`,
    '',
    ...(commands.length > 0 ? [...shell(commands).map((line) => `  ${line}`), ''] : []),
  ];
}

/** Returns the symptoms of problems, with their meaning and the place to look. */
export function symptoms(list: readonly Symptom[]): string[] {
  if (list.length === 0) {
    return [];
  }
  const seen = [...new Set(list.map((symptom) => symptom.seen))];
  const row = (text: string) => {
    const alike = list.filter((symptom) => symptom.seen === text);
    const sentences = (texts: string[]) => [...new Set(texts)].join('<br>');
    const look = [...new Set(alike.flatMap((symptom) => (symptom.look ?? []).map(codeSpan)))];
    const more = look.length > MOST_COMMANDS ? [`and ${look.length - MOST_COMMANDS} more of the same form`] : [];
    return [
      text,
      sentences(alike.map(({ cause }) => cause)),
      [...look.slice(0, MOST_COMMANDS), ...more].join('<br>') || '-',
      sentences(alike.map(({ fix }) => fix)),
    ];
  };
  const words = [
    'The commands under "Diagnose" change nothing. Commands under "Fix" that delete something say so.',
    '',
  ];
  return ['## Troubleshooting', '', ...words, ...table(['Symptom', 'Cause', 'Diagnose', 'Fix'], seen.map(row)), ''];
}

function distinct<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()];
}
