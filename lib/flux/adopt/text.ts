import { LockedImage, ManagedImage, ManagedPart, setterOf, TAG } from '../../output';
import { checkConstruction, ForgeError, Problem, quoted } from '../../support';
import { decoded, problemAt, readableText, ReadableText } from './documents';
import { markIn } from './mark';
import { Obstacle } from './obstacles';
import { keptAfterRename } from './renamed';
import { Miss, Place } from './notes';
import { placesIn } from './places';

const COMMENT = /^[ \t]*(#[^\r\n]*)?(?=\r?\n|$)/;
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
  /**
   * Returns the text of a file that others write.
   *
   * @param content the content of the file
   * @param file the name of the file, for messages
   * @throws FORGE-FLUX-033 if the file is not UTF-8
   */
  static decoded(content: Uint8Array, file: string): string {
    return decoded(content, file);
  }

  private readonly readable: ReadableText;
  private readonly places: Place[];

  /**
   * The places that name the image and that Flux does not update, although they work. The texts stay the same after each
   * commit of Flux: they name keys, never lines or versions.
   */
  readonly warnings: readonly string[];

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
    const found = documents.map((document) => placesIn(document, { ...image, file, text }));
    const places = found.flatMap((one) => one.places);
    const misses = found.flatMap((one) => one.misses);
    this.assertNoList(places);
    if (!places.some(({ part }) => part !== 'name') && !keptAfterRename(text, image)) {
      throw new ForgeError([this.missing(misses)]);
    }
    const blocked = places.flatMap((place) => {
      const obstacle = this.obstacleOf(place);
      return obstacle ? [{ place, ...obstacle }] : [];
    });
    this.places = places.filter((place) => !blocked.some((one) => one.place === place));
    const spared = this.places.some(({ part }) => part !== 'name') ? blocked.filter(({ place }) => place.isLoose) : [];
    const problems = [
      ...misses.filter(({ severity }) => severity === 'error').map((miss) => this.missing([miss])),
      ...blocked
        .filter((one) => !spared.includes(one))
        .map(({ at, texts }) => this.problem('FORGE-FLUX-032', at, texts)),
    ];
    if (problems.length > 0) {
      throw new ForgeError(problems);
    }
    this.warnings = [
      ...misses.filter(({ severity }) => severity === 'warning'),
      ...spared.map(({ place, texts }) => ({ where: place.where, message: texts[0] })),
    ].map(
      ({ where, message }) =>
        `${quoted(file)}: Flux does not update ${quoted(image.name)} at ${quoted(where)}: ${message}`,
    );
  }

  /** The version in the file, or undefined if the file has no version. */
  get version(): LockedImage | undefined {
    const tags = this.places.filter(({ part }) => part === 'tag' || part === 'reference');
    const digest = this.places.find(({ part, version }) => part === 'digest' && DIGEST.test(version))?.version;
    // A value such as that of a variable says less than an image that runs.
    const inOrder = [...tags.filter(({ isLoose }) => !isLoose), ...tags.filter(({ isLoose }) => isLoose)];
    for (const { part, version } of inOrder) {
      const [tag, own] = version.replace(/^:/, '').split('@');
      // An image without a tag is `latest`.
      const effective = version === '' && part === 'reference' ? 'latest' : tag;
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
    const rest = COMMENT.exec(this.text.slice(end))!;
    const setter = setterOf(this.image.policy, place.part);
    const scalar = styled(this.valueOf(place.part, locked), source, place.part);
    if (markIn(rest[1])?.setter === setter && scalar === source) {
      return { start, end: start, text: '' };
    }
    // An empty value ends directly behind the colon, an anchor or a YAML tag.
    const space = start > 0 && !/\s/.test(this.text[start - 1]) ? ' ' : '';
    return { start, end: end + rest[0].length, text: `${space}${scalar} # {"$imagepolicy": "${setter}"}` };
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

  private assertNoList(places: readonly Place[]): void {
    const list = this.readable.documents.find((one) => ['List', 'ResourceList'].includes(String(one.get('kind'))));
    if (list && places.length > 0) {
      throw new ForgeError([
        this.problem('FORGE-FLUX-032', list.contents!.range?.[0] ?? 0, [
          'it is a List, which Flux writes back as files of their own',
          'write the items as documents of their own, with --- between them',
        ]),
      ]);
    }
  }

  /** Returns why no marker works at a place, and where. */
  private obstacleOf({ node, obstacle }: Place): { at: number; texts: Obstacle } | undefined {
    const [start, end] = node.range;
    if (obstacle !== undefined) {
      return { at: start, texts: obstacle };
    }
    const rest = COMMENT.exec(this.text.slice(end));
    if (!rest || /[\r\n]/.test(this.text.slice(start, end))) {
      return {
        at: start,
        texts: [
          'the image stands where no marker works: over several lines, or before other text',
          'write it on a line of its own, `image: …`',
        ],
      };
    }
    const texts = rest[1] === undefined ? undefined : this.obstacleIn(rest[1]);
    return texts && { at: end, texts };
  }

  private obstacleIn(comment: string): Obstacle | undefined {
    const mark = markIn(comment);
    if (mark === undefined) {
      return [
        `the line has a comment, ${quoted(comment)}, and Flux takes a marker only alone`,
        'move the comment to the line above; to leave the image alone, begin the comment with cdk8s-forge:ignore',
      ];
    }
    return mark.namespace === this.image.policy.split(':')[0]
      ? undefined
      : [
          `the line has a marker of ${quoted(mark.setter)}, a policy of another namespace, whose automation writes here too`,
          'remove the marker if that policy no longer manages the file, or adopt a copy of the file',
        ];
  }

  private missing(misses: readonly Miss[]): Problem {
    const [miss] = misses;
    const { name, initialTag } = this.image;
    return this.problem('FORGE-FLUX-031', miss?.at ?? 0, [
      miss
        ? `the image ${quoted(name)} has no version here that Flux can update: ${miss.message}`
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
