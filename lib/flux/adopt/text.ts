import { isMap, isScalar, LineCounter, Node, parseAllDocuments, Scalar, visit, YAMLMap } from 'yaml';
import { LockedImage, ManagedImage, ManagedValue, TAG } from '../../output';
import { ForgeError, Problem, Problems, quoted } from '../../support';

/** A position in a file that contains an image. */
interface Place {
  readonly node: Scalar & { range: [number, number, number] };
  readonly part: 'reference' | 'tag';
  readonly text: string;
}

const COMMENT = /^[ \t]*(#[^\r\n]*)?(?=\r?\n|$)/;
const MARKER = /^#\s*\{\s*"\$imagepolicy"\s*:\s*"([^"]*)"\s*\}\s*$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

/**
 * A manifest text that this library does not own. The class finds an image in the text and edits only that value and
 * its comment.
 *
 * @jsii ignore
 */
export class AdoptedText {
  private readonly lines = new LineCounter();
  private readonly places: Place[];

  /**
   * @param text the file's content
   * @param file its name, for messages
   * @param image the image to look for
   * @throws FORGE-FLUX-031 if it is not there, 032 where Flux cannot update it, 033 for a file that Flux skips
   */
  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly image: ManagedImage,
  ) {
    const documents = parseAllDocuments(text, { lineCounter: this.lines, prettyErrors: false });
    const problems = new Problems();
    for (const document of Array.isArray(documents) ? documents : []) {
      const error = document.errors[0];
      if (error) {
        problems.add(
          this.problem('FORGE-FLUX-033', error.pos[0], [
            `not readable as YAML: ${error.message.split('\n')[0]}`,
            'mend the file',
          ]),
        );
      }
      if (!error && document.contents !== null && !isMap(document.contents)) {
        problems.add(
          this.problem('FORGE-FLUX-033', (document.contents as Node).range?.[0] ?? 0, [
            'a document is no mapping, and Flux then skips the whole file',
            'move that document into a file of its own',
          ]),
        );
      }
    }
    problems.throwIfAny();
    this.places = (Array.isArray(documents) ? documents : []).flatMap((document) =>
      this.placesIn(document.contents as YAMLMap | null),
    );
    if (this.places.length === 0) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-031', 0, [
          `the image ${quoted(image.name)} is not in it`,
          `write the image once, e.g. image: ${image.name}:${image.initialTag}; it is looked for by name`,
        ]),
      ]);
    }
  }

  /** The version in the file, or undefined if the file has no version. */
  get version(): LockedImage | undefined {
    for (const { part, text } of this.places) {
      const rest = part === 'tag' ? text : text.slice(this.image.name.length).replace(/^:/, '');
      const [tag, digest] = rest.split('@');
      if (TAG.test(tag)) {
        return this.image.reflectsDigest
          ? { tag, digest: digest !== undefined && DIGEST.test(digest) ? digest : '' }
          : { tag };
      }
    }
    return undefined;
  }

  /**
   * Returns the text with this version and its markers, or the unchanged text if the version and the markers are
   * already present.
   */
  withVersion(locked: LockedImage): string {
    const edits = this.places.map((place) => this.edit(place, locked));
    return edits
      .sort((a, b) => b.start - a.start)
      .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), this.text);
  }

  private edit({ node, part }: Place, locked: LockedImage): { start: number; end: number; text: string } {
    const [start, end] = node.range;
    const rest = COMMENT.exec(this.text.slice(end));
    const source = this.text.slice(start, end);
    if (!rest || /[\r\n]/.test(source)) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-032', start, [
          'the image stands where no marker works: inside [ ] or { }, or over several lines',
          'write it on a line of its own, `image: …`',
        ]),
      ]);
    }
    const comment = rest[1];
    if (comment !== undefined && !MARKER.test(comment)) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-032', end, [
          `the line has a comment, ${quoted(comment)}, and Flux takes a marker only alone`,
          'move the comment to the line above',
        ]),
      ]);
    }
    const setter = new ManagedValue(this.image.policy, part).setter;
    const value =
      part === 'tag' ? locked.tag : `${this.image.name}:${locked.tag}${locked.digest ? `@${locked.digest}` : ''}`;
    const scalar = styled(value, source, part);
    const present = comment === undefined ? undefined : MARKER.exec(comment)?.[1];
    if (present === setter && scalar === source) {
      return { start, end: start, text: '' };
    }
    return { start, end: end + rest[0].length, text: `${scalar} # {"$imagepolicy": "${setter}"}` };
  }

  private placesIn(root: YAMLMap | null): Place[] {
    const places: Place[] = [];
    if (root && (root.get('kind') === 'List' || root.get('kind') === 'ResourceList')) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-032', 0, [
          'it is a List, which Flux writes back as files of their own',
          'write the items as documents of their own, with --- between them',
        ]),
      ]);
    }
    visit(root, {
      Scalar: (key, node) => {
        if (key === 'key' || !hasRange(node)) {
          return;
        }
        const text = typeof node.value === 'string' ? node.value.trim() : '';
        if (this.isReference(text)) {
          places.push({ node, part: 'reference', text });
        }
      },
      Map: (_, map) => {
        const split = this.splitReference(map);
        if (!split) {
          return;
        }
        places.push(split);
        return visit.SKIP;
      },
    });
    return places;
  }

  /** Returns the place of an image split into adjacent `repository:` and `tag:` fields, as in Helm chart values. */
  private splitReference(map: YAMLMap): Place | undefined {
    const [repository, tag] = [map.get('repository', true), map.get('tag', true)];
    if (!isScalar(repository) || repository.value !== this.image.name || !isScalar(tag) || !hasRange(tag)) {
      return undefined;
    }
    return { node: tag, part: 'tag', text: typeof tag.value === 'string' ? tag.value : String(tag.source) };
  }

  private isReference(text: string): boolean {
    const { name } = this.image;
    if (text === name) {
      return true;
    }
    if (!text.startsWith(name)) {
      return false;
    }
    const [tag, digest, ...more] = text.slice(name.length).split('@');
    return (
      more.length === 0 &&
      (tag === '' || (tag.startsWith(':') && TAG.test(tag.slice(1)))) &&
      (digest === undefined || DIGEST.test(digest)) &&
      tag + (digest ?? '') !== ''
    );
  }

  private problem(code: string, at: number, [message, fix]: readonly [string, string]): Problem {
    const { line, col } = this.lines.linePos(at);
    return { code, message: `${this.file}:${line}:${col}: ${message}`, fix };
  }
}

function hasRange(node: Scalar): node is Scalar & { range: [number, number, number] } {
  return Array.isArray(node.range);
}

/**
 * Returns the value in the quote style that the owner chose. A tag is always quoted, in double quotes by default,
 * because YAML reads an unquoted 1.10 as a number.
 */
function styled(value: string, source: string, part: 'reference' | 'tag'): string {
  if (source.startsWith("'")) {
    return `'${value}'`;
  }
  return part === 'tag' || source.startsWith('"') ? `"${value}"` : value;
}
