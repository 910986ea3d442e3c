import { Change } from './changes';
import { Difference, effectOf, fieldsOf, goneText, haltText, inOrder, nameOf, severityOf, totalOf } from './report';

/** The first line of a comment, by which the next run finds the comment. */
export const MARK = '<!-- cdk8s-forge diff -->';

/** The longest comment. Gitea takes 65,535 characters, and GitHub 65,536. */
const MAX_LENGTH = 60_000;

/** The largest number of changes that are listed apart from the dangerous ones. */
const MAX_ROWS = 200;

/** Returns the difference as Markdown, for a comment on a pull request. */
export function markdownOf({ since, clusters, gone }: Difference): string {
  const blocks = clusters.flatMap(({ name, changes, halts }) => [
    `### Cluster ${code(name)}: ${totalOf(changes)}`,
    ...(halts.length === 0 ? [] : [halts.map((halt) => `- **danger** ${escaped(haltText(halt))}`).join('\n')]),
    ...tablesOf(inOrder(changes)),
  ]);
  const text = [
    MARK,
    '## What Flux does with this change',
    ...blocks,
    ...gone.map((name) => escaped(goneText(name))),
  ].join('\n\n');
  const rest = `\n\nCompared with ${code(since)} by ${code('cdk8s-forge diff')}.\n`;
  return text.length > MAX_LENGTH
    ? `${cut(text)}\n\nThe list is too long for a comment. Run ${code('npx cdk8s-forge diff')} to see all of it.${rest}`
    : text + rest;
}

function tablesOf(changes: readonly Change[]): string[] {
  const urgent = changes.filter((change) => severityOf(change) !== 'change');
  const plain = changes.filter((change) => severityOf(change) === 'change');
  const shown = plain.slice(0, MAX_ROWS);
  const more = plain.length - shown.length;
  return [
    ...(urgent.length === 0 ? [] : [table(urgent)]),
    ...(shown.length === 0
      ? []
      : [
          `<details><summary>${plain.length} other ${plain.length === 1 ? 'change' : 'changes'}</summary>`,
          table(shown),
        ]),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(shown.length === 0 ? [] : ['</details>']),
  ];
}

function table(changes: readonly Change[]): string {
  const rows = changes.map((change) => {
    const mark = { danger: '**danger**', deletion: '**deletion**', change: '' }[severityOf(change)];
    const fields = fieldsOf(change).map((field) => `<br>${code(field)}`);
    return `| ${mark} | ${code(nameOf(change))} | ${code(change.kustomization || 'kubectl')} | ${escaped(effectOf(change))}${fields.join('')} |`;
  });
  return ['| | object | Kustomization | effect |', '|---|---|---|---|', ...rows].join('\n');
}

/** Returns text as code in a table. No name can end the code, the cell or the line. */
function code(text: string): string {
  const isPlain = /^[^\s`|\\<]([^`|\\<\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s`|\\<])?$/.test(text);
  return text === '' ? '' : isPlain ? `\`${text}\`` : `<code>${escaped(text)}</code>`;
}

/** Returns text in which nothing is markup, a mention or a link. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&@]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/:\/\//g, '&#58;//');
}

/** Cuts at the end of a row, and closes what is open. */
function cut(text: string): string {
  const short = text.slice(0, text.lastIndexOf('\n', MAX_LENGTH));
  const isOpen = short.lastIndexOf('<details>') > short.lastIndexOf('</details>');
  return isOpen ? `${short}\n\n</details>` : short;
}
