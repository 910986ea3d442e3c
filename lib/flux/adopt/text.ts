import { LockedImage, ManagedImage, ManagedPart, setterOf, TAG } from '../../output';
import { checkConstruction, ForgeError, Problem, quoted } from '../../support';
import { problemAt, readableText, ReadableText } from './documents';
import { keptAfterRename } from './renamed';
import { Found, Place, placesIn } from './places';

const COMMENT = /^[ \t]*(#[^\r\n]*)?(?=\r?\n|$)/;
const MARKER = /^#\s*\{\s*"\$imagepolicy"\s*:\s*"([^"]*)"\s*\}\s*$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** A change of the text between two offsets. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A manifest text that this library does not own. The class finds an image in the text and edits only that value and
 * its comment.
 *
 * @jsii ignore
 */
export class AdoptedText {
  private readonly readable: ReadableText;
  private readonly places: Place[];

  /**
   * @param text the content of the file
   * @param file the name of the file, for messages
   * @param image the image to look for
   * @throws FORGE-FLUX-031 if it is not there, 032 where Flux cannot update it, 033 for a file that Flux skips
   */
  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly image: ManagedImage,
  ) {
    checkConstruction(AdoptedText, new.target, arguments);
    this.readable = readableText(text, file);
    const { documents } = this.readable;
    const found = documents.map((document) => placesIn(document, { ...image, file }));
    this.places = found.flatMap(({ places }) => places);
    const list = documents.find((document) => ['List', 'ResourceList'].includes(String(document.get('kind'))));
    if (list && this.places.length > 0) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-032', list.contents!.range?.[0] ?? 0, [
          'it is a List, which Flux writes back as files of their own',
          'write the items as documents of their own, with --- between them',
        ]),
      ]);
    }
    if (this.places.length === 0 && !keptAfterRename(text, image)) {
      throw new ForgeError([this.missing(found)]);
    }
  }

  /** The version in the file, or undefined if the file has no version. */
  get version(): LockedImage | undefined {
    const tags = this.places.filter(({ part }) => part === 'tag' || part === 'reference');
    const digest = this.places.find(({ part, text }) => part === 'digest' && DIGEST.test(text))?.text;
    for (const { part, text } of tags) {
      const rest = part === 'tag' ? text : text.slice(this.image.name.length).replace(/^:/, '');
      const [tag, own] = rest.split('@');
      // An image without a tag is `latest`.
      const effective = tag === '' && part === 'reference' && own === undefined ? 'latest' : tag;
      if (TAG.test(effective)) {
        return this.image.reflectsDigest
          ? { tag: effective, digest: own !== undefined && DIGEST.test(own) ? own : (digest ?? '') }
          : { tag: effective };
      }
    }
    return undefined;
  }

  /**
   * The positions where Flux writes the name of the image, in the format `file:line:column`. At all other positions Flux
   * writes only the tag or the digest.
   */
  get named(): string[] {
    const places = this.places.filter(({ part }) => part === 'reference' || part === 'name');
    return places.map(({ node }) => {
      const { line, col } = this.readable.lines.linePos(node.range[0]);
      return `${this.file}:${line}:${col}`;
    });
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

  private edit(place: Place, locked: LockedImage): Edit {
    const [start, end] = place.node.range;
    const source = this.text.slice(start, end);
    const rest = COMMENT.exec(this.text.slice(end));
    this.assertMarkable(place, { source, rest });
    const setter = setterOf(this.image.policy, place.part);
    const scalar = styled(this.valueOf(place.part, locked), source, place.part);
    const present = rest![1] === undefined ? undefined : MARKER.exec(rest![1])?.[1];
    if (present === setter && scalar === source) {
      return { start, end: start, text: '' };
    }
    // An empty value ends directly behind the colon.
    const space = start > 0 && this.text[start - 1] === ':' ? ' ' : '';
    return { start, end: end + rest![0].length, text: `${space}${scalar} # {"$imagepolicy": "${setter}"}` };
  }

  private valueOf(part: ManagedPart, { tag, digest }: LockedImage): string {
    switch (part) {
      case 'tag':
        return tag;
      case 'name':
        return this.image.name;
      case 'digest':
        return digest ?? '';
      case 'reference':
        return `${this.image.name}:${tag}${digest ? `@${digest}` : ''}`;
    }
  }

  private assertMarkable(
    { node, obstacle, part, text }: Place,
    { source, rest }: { source: string; rest: RegExpExecArray | null },
  ): void {
    const [start, end] = node.range;
    const refuse = (at: number, texts: readonly [string, string]): never => {
      throw new ForgeError([this.problem('FORGE-FLUX-032', at, texts)]);
    };
    if (obstacle !== undefined) {
      const fix =
        part === 'digest'
          ? 'set digest: DigestReflection.IF_NOT_PRESENT at the ImagePolicy, or remove the digest from the file'
          : 'write it on a line of its own, `image: …`, without a YAML tag';
      refuse(start, [obstacle, fix]);
    }
    if (part === 'reference' && text.startsWith(`${this.image.name}@`)) {
      refuse(start, [
        'the image has a digest and no tag, so the deployed version is unknown',
        `write the tag before the digest: ${this.image.name}:<tag>@sha256:…`,
      ]);
    }
    if (!rest || /[\r\n]/.test(source)) {
      refuse(start, [
        'the image stands where no marker works: over several lines, or before other text',
        'write it on a line of its own, `image: …`',
      ]);
    }
    if (rest![1] !== undefined && !MARKER.test(rest![1])) {
      refuse(end, [
        `the line has a comment, ${quoted(rest![1])}, and Flux takes a marker only alone`,
        'move the comment to the line above',
      ]);
    }
  }

  private missing(found: readonly Found[]): Problem {
    const [miss] = found.flatMap(({ misses }) => misses);
    const { name, initialTag } = this.image;
    return this.problem('FORGE-FLUX-031', miss?.at ?? 0, [
      miss
        ? `the image ${quoted(name)} has no version here: ${miss.message}`
        : `the image ${quoted(name)} is not in it`,
      miss
        ? 'write the tag once in a field of its own: `tag`, or `newTag` in a kustomization'
        : `write the image once, e.g. image: ${name}:${initialTag}; it is looked for by name. If the image was renamed, change the name in the file too`,
    ]);
  }

  private problem(code: string, at: number, [message, fix]: readonly [string, string]): Problem {
    return problemAt({ file: this.file, lines: this.readable.lines, at }, { code, message, fix });
  }
}

/**
 * Returns the value in the quote style that the owner chose. A tag and a digest are always quoted, in double quotes by
 * default, because YAML reads an unquoted 1.10 as a number.
 */
function styled(value: string, source: string, part: ManagedPart): string {
  if (source.startsWith("'")) {
    return `'${value}'`;
  }
  return part === 'tag' || part === 'digest' || source.startsWith('"') ? `"${value}"` : value;
}
