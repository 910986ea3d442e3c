import { ForgeError, perText, quoted } from '../support';
import { OPENING } from './expression/template';

const DEPRECATED = /::(set-output|save-state|set-env|add-path)\b/;
const INSTEAD: Record<string, string> = {
  'set-output': '"$GITHUB_OUTPUT"',
  'save-state': '"$GITHUB_STATE"',
  'set-env': '"$GITHUB_ENV"',
  'add-path': '"$GITHUB_PATH"',
};

/** Characters that some YAML readers reject, even inside quotes. */
const UNREADABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Returns a character that some YAML readers reject, even inside quotes; undefined if there is none. A lone carriage return is
 * one too.
 *
 * @jsii ignore
 */
export const unreadableIn = perText((text) => (UNREADABLE.exec(text) ?? /\r/.exec(text))?.[0]);

/**
 * Returns a script in the form that Gitea preserves: dedented, without blank lines around it, and only with line feeds.
 *
 * @throws FORGE-WF-002 if it holds an expression, FORGE-WF-022 if it is empty or would not survive
 * @jsii ignore
 */
export function normalScript(script: string, step: string): string {
  if (script.includes(OPENING)) {
    throw ForgeError.of({
      code: 'FORGE-WF-002',
      message: `the script of step ${quoted(step)} holds "\${{": its text would become code, also inside a comment`,
      fix: 'pass the expression by `env` and read the variable, quoted: env: { MSG: … } and "$MSG"',
    });
  }
  const text = dedented(script);
  if (text === '\n') {
    throw bad(step, 'is empty', 'say what the step does');
  }
  const unreadable = unreadableIn(text);
  if (unreadable) {
    throw bad(
      step,
      `holds the character ${quoted(unreadable)}, which some reader of the file refuses`,
      "write it as an escape: printf '\\033[0m'",
    );
  }
  if (/^\s/.test(text)) {
    throw bad(
      step,
      'begins with white space even after it is dedented: an older Gitea drops such a job',
      'let the first line begin at the left, e.g. with a comment (go-gitea/gitea#37115)',
    );
  }
  const command = DEPRECATED.exec(text);
  if (command) {
    throw bad(
      step,
      `uses the command \`::${command[1]}\`, which newer runners ignore`,
      `write to the file instead: printf 'name=%s\\n' "$value" >> ${INSTEAD[command[1]]}`,
    );
  }
  return text;
}

/**
 * Removes the common indentation and the blank lines around a script. Blanks at the end of a line stay: a heredoc, or
 * a blank after a backslash, depends on them.
 */
const dedented = perText((script) => {
  const lines = script.replace(/\r\n/g, '\n').split('\n');
  const isBlank = (line: string): boolean => /^[ \t]*$/.test(line);
  const first = lines.findIndex((line) => !isBlank(line));
  const last = lines.length - [...lines].reverse().findIndex((line) => !isBlank(line));
  const body = first === -1 ? [] : lines.slice(first, last);
  const indents = body.filter((line) => !isBlank(line)).map((line) => /^[ \t]*/.exec(line)![0]);
  const common = indents.reduce((prefix, indent) => shared(prefix, indent), indents[0] ?? '');
  return `${body.map((line) => line.slice(shared(common, line).length)).join('\n')}\n`;
});

/** Returns the text that both texts begin with. */
function shared(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) {
    length++;
  }
  return a.slice(0, length);
}

/** Options of a shell before the one that traces: a group of letters, which a last `o` gives a word. */
const OPTIONS = /(?:[-+][a-zA-Z]*o[ \t]+\w+[ \t]+|[-+][a-zA-Z]+[ \t]+)*/.source;
const TRACE = /(?:-[a-wyzA-Z]*x|-[a-zA-Z]*o[ \t]+xtrace\b)/.source;
const TRACES = [
  new RegExp(`(?:^|[;&|({]|\\bthen|\\bdo|\\belse)[ \\t]*set[ \\t]+${OPTIONS}${TRACE}`, 'm'),
  new RegExp(`(?:^|[\\s;&|({/])(?:bash|dash|ksh|zsh|sh)[ \\t]+${OPTIONS}${TRACE}`, 'm'),
  /^#!.*\s-[a-z]*x/m,
];

/** Text that every script that traces contains: an option whose letters include `x`, or the name of the option. */
const TRACE_HINT = /-[a-zA-Z]*x|xtrace/;

/** Returns whether a script prints its commands, including the values of variables. An option of a called script is not one of the shell. */
export const traces = perText((script) => TRACE_HINT.test(script) && TRACES.some((pattern) => pattern.test(script)));

function bad(step: string, why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-022', message: `the script of step ${quoted(step)} ${why}`, fix });
}
