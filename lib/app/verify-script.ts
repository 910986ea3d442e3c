import { Check, hostOfUrl, hostSuffix, shellWord, Symptom, symptomTexts } from '../support';
import { PlacedCheck } from './check-cluster';

/** The path of the script in the output directory. */
export const VERIFY_SCRIPT = 'host/verify.sh';

/**
 * Returns checks as a Bash script, for machines without Node.js. The script needs only what the checks need, for example
 * kubectl and curl. It reads a token from `FORGE_TOKEN`, prints passed, failed or skipped, and under a failure the advice for
 * each symptom that the output shows. If the checks ask several clusters, `CLUSTER` chooses one.
 *
 * @jsii ignore
 */
export function verifyScript(checks: readonly PlacedCheck[], symptoms: readonly Symptom[]): string {
  const variables = variablesOf(checks);
  const clusters = [...new Set(checks.flatMap(({ cluster }) => cluster ?? []))].sort();
  const lines = checks.map((check) => placedLine(check, variables));
  const head = [headOf([...new Set(variables.values())]), ...choice(clusters)];
  return [...head, ...adviceFunction(symptoms), ...lines, TAIL].join('\n');
}

/** Returns the variable of the token for each page on which users create tokens: a token goes to its own forge only. */
function variablesOf(checks: readonly Check[]): Map<string, string> {
  const pages = checks.flatMap(({ token }) => (token === undefined ? [] : [token.page]));
  const isOne = new Set(pages.map(hostOfUrl)).size <= 1;
  return new Map(pages.map((page) => [page, isOne ? TOKEN : `${TOKEN}${hostSuffix(hostOfUrl(page))}`]));
}

const TOKEN = 'FORGE_TOKEN';

/** Returns the beginning of the script, for the variables with tokens. */
function headOf(variables: readonly string[]): string {
  return variables.length <= 1
    ? HEAD.replace(PLACE, () => ONE_TOKEN)
    : HEAD.replace(PLACE, () => severalTokens(variables));
}

const PLACE = '# tokens';

const ONE_TOKEN = `export HEADER=/dev/null
if [ -n "\${FORGE_TOKEN:-}" ]; then
  HEADER=$work/header
  printf 'Authorization: token %s\\n' "$FORGE_TOKEN" > "$HEADER"
fi
token=\${FORGE_TOKEN:-}
unset FORGE_TOKEN`;

function severalTokens(variables: readonly string[]): string {
  return `# The tokens of the forges are in ${variables.join(', ')}: none goes to another server.
export -n ${variables.join(' ')}
unset FORGE_TOKEN
export HEADER=/dev/null
token=''
# login <variable>: checks from here on read this token
login() {
  HEADER=/dev/null token=\${!1:-}
  if [ -n "$token" ]; then
    HEADER=$work/header
    printf 'Authorization: token %s\\n' "$token" > "$HEADER"
  fi
}`;
}

/** Returns the lines that require the name of the cluster; nothing if the checks name none. */
function choice(clusters: readonly string[]): string[] {
  const names = clusters.join(' or ');
  return clusters.length === 0
    ? []
    : [
        `# CLUSTER is the cluster of kubectl's current context: ${names}.`,
        'case ${CLUSTER:-} in',
        `  ${clusters.map(shellWord).join(' | ')}) ;;`,
        `  *) printf '%s\\n' ${shellWord(`set CLUSTER to the cluster of kubectl's current context: ${names}`)} >&2; exit 2 ;;`,
        'esac',
        '',
      ];
}

function placedLine({ cluster, ...check }: PlacedCheck, variables: ReadonlyMap<string, string>): string {
  const line = lineOf(check, variables);
  return cluster === undefined ? line : `if [ "$CLUSTER" = ${shellWord(cluster)} ]; then\n${line}\nfi`;
}

const HEAD = `#!/usr/bin/env bash
# The checks of the runbook, as \`npx cdk8s-forge verify\` runs them. Exit code 1 if a check fails.
# FORGE_TOKEN is a token for the API of the forge. CA is a file with the certificates of private CAs.
# shellcheck disable=SC2016 # the checks are texts that another Bash runs
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
# tokens
passed=0 failed=0 skipped=0
skip() {
  skipped=$((skipped + 1))
  printf 'skipped: %s\\n  %s\\n' "$1" "$2"
}
hint() {
  printf '  cause: %s\\n  fix: %s\\n' "$1" "$2"
}
# macOS has neither timeout nor grep -P.
if ! command -v timeout > /dev/null; then
  timeout() { perl -e 'alarm shift; exec @ARGV or exit 127' "$@"; }
fi
# matches <pattern of Perl> <file>
matches() {
  if printf x | grep -Pq x 2> /dev/null; then
    grep -Pzq -- "$1" "$2"
  else
    PATTERN=$1 perl -0777 -ne 'exit(/$ENV{PATTERN}/ ? 0 : 1)' "$2"
  fi
}
# check <title> <expected, in words> <exit code> <pattern of Perl, or nothing> <symptom, or nothing> <script>
check() {
  local code=0
  timeout 90 bash -c "set -eo pipefail
$6" > "$work/out" 2> "$work/err" < /dev/null || code=$?
  if [ "$code" = "$3" ] && { [ -z "$4" ] || matches "$4" "$work/out"; }; then
    passed=$((passed + 1))
    printf 'passed: %s\\n' "$1"
    return
  fi
  failed=$((failed + 1))
  printf 'failed: %s\\n  expected: %s\\n' "$1" "$2"
  cat "$work/out" "$work/err" | tail -c 800 | while IFS= read -r line || [ -n "$line" ]; do
    [ -z "$token" ] || line=\${line//"$token"/***}
    printf '  | %s\\n' "$line"
  done
  advice "$(cat "$work/out" "$work/err") $5"
}
`;

const TAIL = `
printf '%s passed, %s failed, %s skipped\\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
`;

/** Returns the function that prints cause and fix of each symptom that an output shows. */
function adviceFunction(symptoms: readonly Symptom[]): string[] {
  const lines = symptoms.flatMap(({ seen, cause, fix }) => {
    const patterns = symptomTexts(seen).map((parts) => `[[ $1 == *${parts.map(shellWord).join('*')}* ]]`);
    return patterns.length === 0
      ? []
      : [`  if ${patterns.join(' || ')}; then hint ${shellWord(plain(cause))} ${shellWord(plain(fix))}; fi`];
  });
  return ['advice() {', ...lines, '  return 0', '}', ''];
}

function lineOf(check: Check, variables: ReadonlyMap<string, string>): string {
  const { about, title, good, commands = [], run = commands, expect, symptom = '', token } = check;
  const name = shellWord(plain(`${about}: ${title}`));
  if (run.length === 0 || expect === undefined) {
    return `skip ${name} ${shellWord(`no command shows it; expected: ${plain(good)}`)}`;
  }
  const script = shellWord([...authorityCommands(check), ...run].join('\n'));
  const words = [name, shellWord(plain(good)), expect.exitCode ?? 0];
  const call = ['check', ...words, shellWord(expect.stdoutMatches ?? ''), shellWord(symptom), script].join(' ');
  const conditions = [
    ...(token === undefined
      ? []
      : [
          [
            '[ "$HEADER" != /dev/null ]',
            `${variables.get(token.page)} is not set: create a token with the scope ${token.scope} at ${token.page}`,
          ],
        ]),
    ...(authoritiesOf(check).every(({ print }) => print !== undefined)
      ? []
      : [['[ -n "${CA:-}" ]', 'CA is not set: set it to a file with the certificates']]),
  ];
  const line = conditions.reduceRight(
    (inner, [condition, reason]) => `if ${condition}; then\n${inner}\nelse\nskip ${name} ${shellWord(reason)}\nfi`,
    call,
  );
  const variable = token && variables.get(token.page);
  return variable === undefined || variable === TOKEN ? line : `login ${variable}\n${line}`;
}

function authoritiesOf({ token, authority }: Check) {
  return [token?.authority, authority].filter((one) => one !== undefined);
}

/** Returns the commands that read the certificates of private CAs from the cluster, unless the user has a file of them. */
function authorityCommands(check: Check): string[] {
  const prints = authoritiesOf(check).flatMap(({ print }) => (print === undefined ? [] : [print.text]));
  return prints.length === 0
    ? []
    : [
        `if [ -z "\${CA:-}" ]; then CA=$(mktemp); trap 'rm -f "$CA"' EXIT; { ${prints.join('; ')}; } > "$CA"; fi; export CA`,
      ];
}

/** Returns Markdown without the marks of code. */
function plain(markdown: string): string {
  return markdown.replace(/`/g, '');
}
