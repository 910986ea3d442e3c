import { Document, isMap, isScalar, isSeq, visit } from 'yaml';

/**
 * Returns a compose project as YAML, in which compose replaces no variable: each `$` of a value is doubled. Short lists, and mounts, are on
 * one line each.
 *
 * @see https://docs.docker.com/reference/compose-file/interpolation/
 */
export function composeText(project: Record<string, unknown>): string {
  const document = new Document(literal(project), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      // The other forms of several lines lose blanks, and are other texts in a flow collection.
      if (typeof node.value === 'string' && /[\r\n]/.test(node.value)) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
    Collection: (_, node) => {
      const isShort = isSeq(node) && node.items.every((item) => isScalar(item));
      const isMount = isMap(node) && node.has('type') && node.has('target');
      if (isShort || isMount) {
        node.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, doubleQuotedAsJSON: true });
}

/** Returns data with each `$` of a text doubled. Compose does not interpolate keys. */
function literal(data: unknown): unknown {
  if (typeof data === 'string') {
    return data.replace(/\$/g, '$$$$');
  }
  if (Array.isArray(data)) {
    return data.map(literal);
  }
  return typeof data === 'object' && data !== null
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, literal(value)]))
    : data;
}
