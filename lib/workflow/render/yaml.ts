import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { ForgeError, quoted } from '../../support';
import { Annotated } from '../annotated';
import { UNREADABLE } from '../script';

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
  const document = new Document(undefined, { aliasDuplicateObjects: false });
  document.contents = mapOf(content, style, true) as unknown as typeof document.contents;
  document.commentBefore = style.header.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
  return document.toString({
    lineWidth: 0,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: 1e9,
    nullStr: '',
    flowCollectionPadding: false,
  });
}

function nodeOf(value: unknown, style: FileStyle): unknown {
  if (Array.isArray(value)) {
    const seq = new YAMLSeq();
    seq.items = value.filter((item) => item !== undefined).map((item) => nodeOf(item, style));
    seq.flow = seq.items.length === 0;
    return seq;
  }
  if (typeof value === 'string') {
    return textNode(value, style);
  }
  if (value !== null && typeof value === 'object') {
    return mapOf(value as Record<string, unknown>, style);
  }
  return new Scalar(value);
}

function mapOf(content: Record<string, unknown>, style: FileStyle, isRoot = false): YAMLMap {
  const map = new YAMLMap();
  for (const [name, entry] of Object.entries(content)) {
    if (entry === undefined) {
      continue;
    }
    const { value, comment } = entry instanceof Annotated ? entry : new Annotated(entry, {});
    if (value === undefined) {
      continue;
    }
    const key = isRoot && name === 'on' ? plainKey(name) : keyNode(name, style);
    if (comment.above && comment.above.length > 0) {
      key.commentBefore = comment.above.map((line) => ` ${line}`).join('\n');
    }
    const node = nodeOf(value, style);
    if (comment.behind && node instanceof Scalar) {
      node.comment = ` ${comment.behind}`;
    }
    map.items.push(new Pair(key, node));
  }
  map.flow = map.items.length === 0;
  return map;
}

/**
 * Returns an unquoted key. At the root, `on` has its usual form: no reader of workflows parses the key as a boolean.
 */
function plainKey(name: string): Scalar {
  const key = new Scalar(name);
  key.type = Scalar.PLAIN;
  return key;
}

function keyNode(name: string, style: FileStyle): Scalar {
  if (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) && !KEYWORD.test(name)) {
    return plainKey(name);
  }
  if (name.includes('\n')) {
    throw bad(name, 'a key is one line', 'take the line feed out');
  }
  return textNode(name, style);
}

function textNode(value: string, style: FileStyle): Scalar {
  const text = value.replace(/\r\n/g, '\n');
  const unreadable = UNREADABLE.exec(text) ?? /\r/.exec(text);
  if (unreadable) {
    throw bad(
      text,
      `it holds the character ${quoted(unreadable[0])}, which some reader refuses even inside quotes`,
      'take the character out',
    );
  }
  const node = new Scalar(text);
  if (text.includes('\n')) {
    node.type = multiLineType(text, style);
  } else if (needsQuotes(text)) {
    node.type = Scalar.QUOTE_SINGLE;
  }
  return node;
}

function multiLineType(text: string, style: FileStyle): Scalar.Type {
  if (/^\s/.test(text) && style.rewritten) {
    throw bad(
      text,
      'a text of several lines may not begin with white space: the server writes jobs anew, and an older one loses this',
      'begin with another character, or put the text into a file of the repository',
    );
  }
  return /^\S/.test(text) && /[^\n]\n$/.test(text) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
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
