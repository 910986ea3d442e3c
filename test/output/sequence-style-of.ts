import { isNode, isSeq, Node, parseDocument, visit } from 'yaml';

/** The style of the first block sequence below a key, from the columns of the parsed text. */
export function sequenceStyleOf(text: string): 'compact' | 'wide' | undefined {
  const column = (offset: number) => offset - (text.lastIndexOf('\n', offset - 1) + 1);
  let style: 'compact' | 'wide' | undefined;
  visit(parseDocument(text, { uniqueKeys: false, logLevel: 'silent' }), {
    Pair: (_, { key, value }) => {
      if (!isNode(key) || !isSeq(value) || value.flow || value.items.length === 0) {
        return undefined;
      }
      style = column((value as Node).range![0]) === column(key.range![0]) ? 'compact' : 'wide';
      return visit.BREAK;
    },
  });
  return style;
}
