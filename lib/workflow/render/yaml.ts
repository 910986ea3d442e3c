import { ForgeError, quoted } from '../../support';
import { unreadableIn } from '../script';
import { FileWriter, StyledText, TextForms } from './file-writer';

/** A style that defines how a file is written. */
export interface FileStyle {
  /** Lines of the comment at the top of the file. */
  readonly header: string[];
  /** Reports whether text may have a form that an older Gitea does not preserve. An older Gitea rewrites each job. */
  readonly rewritten: boolean;
}

/** Words that some YAML readers parse as a boolean or null. */
const KEYWORD = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i;
/** Text that some YAML readers parse as a number, a date or a merge key. */
const SPECIAL = /^(?:=|<<|[-+]?[._]+|[-+.]*e[-+]?[0-9_]+|[-+]?\.?(?:inf|nan))$/i;
const NUMBER_LIKE = /^[-+]?[._]*[0-9]/;
const VERSION = /^[0-9]+\.[0-9]+\.[0-9]/;

/**
 * Returns the text of a workflow or action file. Text keeps its value in readers of YAML 1.1 and 1.2, even after a
 * server rewrites the file. The file has no anchors, no folded lines and no tags.
 *
 * @throws FORGE-WF-036 for text that no form carries to every reader
 * @jsii ignore
 */
export function workflowFile(content: Record<string, unknown>, style: FileStyle): string {
  const header = style.header.map((line) => (line === '' ? '\n' : `# ${line}\n`)).join('');
  return `${header}\n${new FileWriter(formsOf(style)).file(content)}`;
}

/**
 * Returns the choice of forms for a file.
 *
 * @jsii ignore
 */
export function formsOf(style: FileStyle): TextForms {
  return {
    key: (name, isRoot) => (isRoot && name === 'on' ? { text: name, form: 'plain' } : keyForm(name, style)),
    text: (value) => textForm(value, style),
  };
}

/** The form of a key. At the root, `on` has no quotes: no reader of workflows parses the key as a boolean. */
function keyForm(name: string, style: FileStyle): StyledText {
  if (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) && !KEYWORD.test(name)) {
    return { text: name, form: 'plain' };
  }
  if (name.includes('\n')) {
    throw bad(name, 'a key is one line', 'take the line feed out');
  }
  return textForm(name, style);
}

function textForm(value: string, style: FileStyle): StyledText {
  const text = value.includes('\r') ? value.replace(/\r\n/g, '\n') : value;
  const unreadable = unreadableIn(text);
  if (unreadable) {
    throw bad(
      text,
      `it holds the character ${quoted(unreadable)}, which some reader refuses even inside quotes`,
      'take the character out',
    );
  }
  if (text.includes('\n')) {
    return { text, form: multiLineForm(text, style) };
  }
  return needsQuotes(text) ? { text, form: 'single' } : { text };
}

function multiLineForm(text: string, style: FileStyle): StyledText['form'] {
  if (/^\s/.test(text) && style.rewritten) {
    throw bad(
      text,
      'a text of several lines may not begin with white space: the server writes jobs anew, and an older one loses this',
      'begin with another character, or put the text into a file of the repository',
    );
  }
  return /^\S/.test(text) && /[^\n]\n$/.test(text) ? 'literal' : 'double';
}

function needsQuotes(text: string): boolean {
  return (
    text.includes('\t') || KEYWORD.test(text) || SPECIAL.test(text) || (NUMBER_LIKE.test(text) && !VERSION.test(text))
  );
}

function bad(text: string, why: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-WF-036',
    message: `${quoted(text)} cannot stand in a workflow file: ${why}`,
    fix,
    symptom: 'ignore invalid workflow (go-gitea/gitea#37115)',
  });
}
