import { Document, isMap, isScalar, isSeq, visit } from 'yaml';

/** Returns a compose project as YAML. Short lists, and mounts, are on one line each. */
export function composeText(project: Record<string, unknown>): string {
  const document = new Document(project, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node) => {
      const isShort = isSeq(node) && node.items.every((item) => isScalar(item));
      const isMount = isMap(node) && node.has('type') && node.has('target');
      if (isShort || isMount) {
        node.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
