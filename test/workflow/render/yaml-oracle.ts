import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { Annotated } from '../../../lib/workflow/annotated';
import { StyledText, TextForms } from '../../../lib/workflow/render/file-writer';

const TYPES: Record<NonNullable<StyledText['form']>, Scalar.Type> = {
  plain: Scalar.PLAIN,
  single: Scalar.QUOTE_SINGLE,
  double: Scalar.QUOTE_DOUBLE,
  literal: Scalar.BLOCK_LITERAL,
};

/** The text of a file by the `yaml` package: a tree of nodes, each with its form. */
export function fileOfPackage(content: Record<string, unknown>, forms: TextForms, header: string[]): string {
  const document = new Document(undefined, { aliasDuplicateObjects: false });
  document.contents = mapOf(content, forms, true) as unknown as typeof document.contents;
  document.commentBefore = header.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
  return document.toString({
    lineWidth: 0,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: 1e9,
    nullStr: '',
    flowCollectionPadding: false,
  });
}

function nodeOf(value: unknown, forms: TextForms): unknown {
  if (Array.isArray(value)) {
    const seq = new YAMLSeq();
    seq.items = value.filter((item) => item !== undefined).map((item) => nodeOf(item, forms));
    seq.flow = seq.items.length === 0;
    return seq;
  }
  if (typeof value === 'string') {
    return scalarOf(forms.text(value));
  }
  if (value !== null && typeof value === 'object') {
    return mapOf(value as Record<string, unknown>, forms);
  }
  return new Scalar(value);
}

function mapOf(content: Record<string, unknown>, forms: TextForms, isRoot = false): YAMLMap {
  const map = new YAMLMap();
  for (const [name, entry] of Object.entries(content)) {
    const { value, comment } = entry instanceof Annotated ? entry : new Annotated(entry, {});
    if (value === undefined) {
      continue;
    }
    const key = scalarOf(forms.key(name, isRoot));
    if (comment.above && comment.above.length > 0) {
      key.commentBefore = comment.above.map((line) => ` ${line}`).join('\n');
    }
    const node = nodeOf(value, forms);
    if (comment.behind && node instanceof Scalar) {
      node.comment = ` ${comment.behind}`;
    }
    map.items.push(new Pair(key, node));
  }
  map.flow = map.items.length === 0;
  return map;
}

function scalarOf({ text, form }: StyledText): Scalar {
  const node = new Scalar(text);
  if (form) {
    node.type = TYPES[form];
  }
  return node;
}
