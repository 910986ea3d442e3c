import { shellWord } from '../support';
import { PlannedCheck, PlanFile } from './plan';

/**
 * Returns the checks of a plan as a Bash script, for machines without Node.js. The script needs only what the checks
 * need, for example kubectl and curl. It reads a token from `FORGE_TOKEN`, and prints passed, failed or skipped.
 *
 * @jsii ignore
 */
export function verifyScript({ checks }: PlanFile): string {
  return [HEAD, ...checks.map(lineOf), TAIL].join('\n');
}

const HEAD = `#!/usr/bin/env bash
# Written by cdk8s-forge verify --script: the checks of the runbook. Exit code 1 if a check fails.
# FORGE_TOKEN is a token for the API of the forge. CA is a file with the certificates of private CAs.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
export HEADER=/dev/null
if [ -n "\${FORGE_TOKEN:-}" ]; then
  HEADER=$work/header
  printf 'Authorization: token %s\\n' "$FORGE_TOKEN" > "$HEADER"
fi
token=\${FORGE_TOKEN:-}
unset FORGE_TOKEN
passed=0 failed=0 skipped=0
skip() {
  skipped=$((skipped + 1))
  printf 'skipped: %s\\n  %s\\n' "$1" "$2"
}
# check <title> <expected, in words> <exit code> <pattern of grep -P, or nothing> <script>
check() {
  local code=0
  timeout 90 bash -c "set -eo pipefail
$5" > "$work/out" 2> "$work/err" < /dev/null || code=$?
  if [ "$code" = "$3" ] && { [ -z "$4" ] || grep -Pzq -- "$4" "$work/out"; }; then
    passed=$((passed + 1))
    printf 'passed: %s\\n' "$1"
    return
  fi
  failed=$((failed + 1))
  printf 'failed: %s\\n  expected: %s\\n' "$1" "$2"
  cat "$work/out" "$work/err" | tail -c 800 | while IFS= read -r line; do
    [ -z "$token" ] || line=\${line//"$token"/***}
    printf '  | %s\\n' "$line"
  done
}
`;

const TAIL = `
printf '%s passed, %s failed, %s skipped\\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
`;

function lineOf(check: PlannedCheck): string {
  const { about, title, good, run, expect, token, authorities = [] } = check;
  const name = shellWord(`${about}: ${title}`.replace(/\`/g, ''));
  const wanted = shellWord(good.replace(/\`/g, ''));
  if (run === undefined || expect === undefined) {
    return `skip ${name} ${shellWord(`no command shows it; expected: ${good.replace(/\`/g, '')}`)}`;
  }
  const script = shellWord([...authoritiesOf(check), ...run].join('\n'));
  const call = `check ${name} ${wanted} ${expect.exitCode ?? 0} ${shellWord(expect.stdoutMatches ?? '')} ${script}`;
  const conditions = [
    ...(token === undefined
      ? []
      : [
          [
            '[ "$HEADER" != /dev/null ]',
            `FORGE_TOKEN is not set: create a token with the scope ${token.scope} at ${token.page}`,
          ],
        ]),
    ...(authorities.every(({ print }) => print !== undefined)
      ? []
      : [['[ -n "${CA:-}" ]', 'CA is not set: set it to a file with the certificates']]),
  ];
  return conditions.reduceRight(
    (line, [condition, reason]) => `if ${condition}; then\n${line}\nelse\nskip ${name} ${shellWord(reason)}\nfi`,
    call,
  );
}

/** Returns the commands that read the certificates of private CAs from the cluster, unless the user has a file of them. */
function authoritiesOf({ authorities = [] }: PlannedCheck): string[] {
  const prints = authorities.flatMap(({ print }) => (print === undefined ? [] : [print]));
  return prints.length === 0
    ? []
    : [
        `if [ -z "\${CA:-}" ]; then CA=$(mktemp); trap 'rm -f "$CA"' EXIT; { ${prints.join('; ')}; } > "$CA"; fi; export CA`,
      ];
}
