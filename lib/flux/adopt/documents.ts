import { isUtf8 } from 'node:buffer';
import { Document, isCollection, isMap, isScalar, LineCounter, parseAllDocuments, Scalar, visit, YAMLMap } from 'yaml';
import { ForgeError, Problem, Problems } from '../../support';

/** A parsed manifest that Flux reads and updates. */
export interface ReadableText {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
}

/** A problem with a position in the text, as an offset. */
interface Obstacle {
  readonly at: number;
  readonly message: string;
  readonly fix: string;
}

const SKIPS = 'move that document into a file of its own';

/** The annotations that stop or confuse the library with which Flux reads files. */
const FATAL_ANNOTATIONS =
  /^(internal\.config\.kubernetes\.io\/.+|config\.kubernetes\.io\/(path|index)|config\.k8s\.io\/id)$/;

/**
 * Parses the text of a manifest that Flux must be able to update.
 *
 * @param text the content of the file
 * @param file the name of the file, for messages
 * @throws FORGE-FLUX-033 for a file that Flux skips, or that Flux breaks when it writes the file
 */
export function readableText(text: string, file: string): ReadableText {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = Array.isArray(parsed) ? (parsed as Document[]) : [];
  const problems = new Problems();
  for (const { at, message, fix } of [...obstaclesInText(text), ...documents.flatMap(obstaclesIn)]) {
    problems.add(problemAt({ file, lines, at }, { code: 'FORGE-FLUX-033', message, fix }));
  }
  problems.throwIfAny();
  return { documents, lines };
}

/**
 * Returns the text of a file.
 *
 * @throws FORGE-FLUX-033 if the file is not UTF-8: Flux skips the file, and writing it would replace what is not readable
 */
export function decoded(content: Uint8Array, file: string): string {
  const bytes = Buffer.from(content);
  if (!isUtf8(bytes)) {
    // Each byte of a line break stands for itself, whatever the encoding is.
    const lines = bytes.toString('latin1').split('\n');
    const line = lines.findIndex((one) => !isUtf8(Buffer.from(one, 'latin1')));
    throw ForgeError.of({
      code: 'FORGE-FLUX-033',
      message: `${file}:${line + 1}: the file is not UTF-8, and Flux then skips the whole file silently`,
      fix: 'save the file as UTF-8',
    });
  }
  return bytes.toString('utf8');
}

/** Returns a problem with the file name, the line and the column in its message. */
export function problemAt(
  { file, lines, at }: { file: string; lines: LineCounter; at: number },
  problem: Problem,
): Problem {
  const { line, col } = lines.linePos(at);
  return { ...problem, message: `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${problem.message}` };
}

function obstaclesInText(text: string): Obstacle[] {
  const directive = /^\uFEFF?%[A-Z]+[ \t]/m.exec(text);
  const start = /^---[ \t]+(?![#\s])/m.exec(text);
  return [
    ...(directive
      ? [
          {
            at: directive.index,
            message: 'the file has a YAML directive, and Flux then skips the whole file silently',
            fix: 'remove the line that begins with "%"',
          },
        ]
      : []),
    ...(start
      ? [
          {
            at: start.index,
            message: 'content follows `---` on the same line, and Flux then skips the whole file silently',
            fix: 'move the content to the next line',
          },
        ]
      : []),
  ];
}

function obstaclesIn(document: Document): Obstacle[] {
  const { errors, contents } = document;
  if (errors[0]) {
    const [line] = errors[0].message.split('\n');
    return [{ at: errors[0].pos[0], message: `not readable as YAML: ${line}`, fix: 'fix the YAML syntax of the file' }];
  }
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return [];
  }
  const at = contents.range?.[0] ?? 0;
  if (!isMap(contents)) {
    return [{ at, message: 'a document is no mapping, and Flux then skips the whole file silently', fix: SKIPS }];
  }
  return obstacleInMap(contents, at);
}

function obstacleInMap(root: YAMLMap, at: number): Obstacle[] {
  if (['List', 'ResourceList'].includes(String(root.get('kind'))) && isCollection(root.get('items', true))) {
    return [];
  }
  if (root.has('bareSeqNodeWrappingKey')) {
    return [{ at, message: 'the key bareSeqNodeWrappingKey makes Flux replace the document', fix: 'rename the key' }];
  }
  return templateIn(root) ?? encryptionIn(root, at) ?? annotationIn(root) ?? [];
}

/** Returns the position of a key such as `{{ .Values.x }}`, which YAML reads as a mapping inside a mapping. */
function templateIn(root: YAMLMap): Obstacle[] | undefined {
  let at: number | undefined;
  visit(root, {
    Pair: (_, { key }) => {
      if (!isCollection(key)) {
        return undefined;
      }
      at = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return at === undefined
    ? undefined
    : [
        {
          at,
          message: 'the file is a template or has a key that is no text, and Flux rewrites such a key',
          fix: 'adopt the values file instead, or put the template expression in quotes',
        },
      ];
}

function encryptionIn(root: YAMLMap, at: number): Obstacle[] | undefined {
  const stanza = root.get('sops', true);
  return isMap(stanza) && (stanza.has('mac') || stanza.has('version'))
    ? [
        {
          at,
          message: 'a document is encrypted with SOPS, and any change of the file invalidates its checksum',
          fix: 'move the image into a manifest that is not encrypted',
        },
      ]
    : undefined;
}

function annotationIn(root: YAMLMap): Obstacle[] | undefined {
  const annotations = root.getIn(['metadata', 'annotations'], true);
  const items = isMap(annotations) ? annotations.items : [];
  const fatal = items
    .map(({ key }) => key as Scalar)
    .find((key) => isScalar(key) && FATAL_ANNOTATIONS.test(`${key.value}`));
  return fatal
    ? [
        {
          at: fatal.range?.[0] ?? 0,
          message: `the annotation ${String(fatal.value)} stops or confuses every run of Flux's image automation`,
          fix: 'remove the annotation: it belongs to kustomize and is never written by hand',
        },
      ]
    : undefined;
}
