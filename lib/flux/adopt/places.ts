import { Document, isCollection, isMap, isScalar, Node, Scalar, visit, YAMLMap } from 'yaml';
import { ManagedPart, setterOf } from '../../output';
import { Mark, markIn } from './mark';
import { globalRegistries, isLeftAlone } from './left-alone';
import { ImageNames } from './names';
import { Field, fieldOf, isPositioned, keysOf, pairOf, PositionedScalar, stringIn, textOf } from './nodes';
import { Found, Notes } from './notes';
import { DIGEST_IN_TAG, MISPLACED, Obstacle, pinOf } from './obstacles';

/** The image to look for, and the file. */
export interface Sought {
  readonly name: string;
  readonly policy: string;
  readonly reflectsDigest: boolean;
  /** The name of the file, because kustomize recognizes its own files by name. */
  readonly file: string;
  readonly text: string;
}

const KUSTOMIZATION = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
const NAME_KEYS = ['repository', 'image', 'name'];
/** Fields of one image. A comment beside one of them leaves the whole image alone. */
const IMAGE_FIELDS = [...NAME_KEYS, 'registry', 'tag', 'digest', 'newName', 'newTag'];
const VERSION_KEY = /tag$|version$/i;
const IMAGE_KEY = /images?$/i;
const COMMENT = /^[ \t]*(#[^\r\n]*)/;

/** Returns the places of an image in one document. */
export function placesIn(document: Document, sought: Sought): Found {
  const root = document.contents;
  if (!isMap(root)) {
    return { places: [], misses: [] };
  }
  const finder = new Finder(document, sought);
  if (isImageAutomation(root)) {
    visit(root, {
      Scalar: (_, node, path) => {
        finder.undeployed(node, path as readonly Node[]);
      },
    });
    return finder.notes.found();
  }
  visit(root, {
    Map: (_, map, path) => finder.map(map, path as readonly Node[]),
    Alias: (_, alias) => finder.notes.alias(alias),
    Scalar: (key, node, path) => {
      if (key !== 'key' && isPositioned(node)) {
        finder.scalar(node, path as readonly Node[]);
      }
    },
  });
  return finder.notes.found();
}

/** Flux's own image objects name an image that is never deployed. */
function isImageAutomation(root: YAMLMap): boolean {
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => String(root.get(key)));
  return apiVersion.startsWith('image.toolkit.fluxcd.io/') || kind === 'ImageRepository';
}

class Finder {
  /** Scalars that are no reference of their own. */
  private readonly taken = new Set<unknown>();
  readonly notes: Notes;
  private readonly isKustomization: boolean;
  private readonly names: ImageNames;
  /** Registries that the values around the current mapping set for every image. */
  private registries: readonly string[] = [];

  constructor(
    private readonly document: Document,
    private readonly sought: Sought,
  ) {
    const kind = (document.contents as YAMLMap).get('kind');
    this.notes = new Notes(document);
    this.names = new ImageNames(sought.name);
    this.isKustomization =
      kind === undefined ? KUSTOMIZATION.test(sought.file) : kind === 'Kustomization' || kind === 'Component';
  }

  map(map: YAMLMap, path: readonly Node[]): void {
    const here = [...path, map];
    const fields = IMAGE_FIELDS.flatMap((name) => this.field(map, name)?.value ?? []);
    if (fields.some((value) => isPositioned(value) && isLeftAlone(this.commentAt(value)))) {
      fields.forEach((value) => this.taken.add(value));
      return;
    }
    this.registries = globalRegistries(here);
    if (this.isKustomizeImage(path)) {
      this.kustomizeImage(map, here);
      return;
    }
    const key = NAME_KEYS.find((name) => this.isNamedBy(map, name));
    if (key === undefined) {
      this.splitReference(map, here);
    } else if (this.field(map, 'tag')) {
      this.name(map, key, here);
      this.tag(map, 'tag', here);
      this.digestBeside(map, here);
    } else {
      this.unversioned(map, key, here);
    }
  }

  /** Notes a marker that gives an object of Flux's image automation a tag. Such an object has the name alone. */
  undeployed(node: Scalar, path: readonly Node[]): void {
    const mark = isPositioned(node) ? this.markAt(node) : undefined;
    const isOurs = `${mark?.setter}:`.startsWith(`${this.sought.policy}:`);
    if (isPositioned(node) && isOurs && !(mark!.part === 'name' && node.value === this.sought.name)) {
      this.notes.add({ node, part: 'name', obstacle: MISPLACED }, path);
    }
  }

  /** Notes a scalar that is the complete reference. */
  scalar(node: PositionedScalar, path: readonly Node[]): void {
    const text = typeof node.value === 'string' && !isLeftAlone(this.commentAt(node)) ? node.value : '';
    const [key] = keysOf(path);
    if (this.taken.has(node) || text === '' || (this.registryAround(path) && !text.startsWith(this.sought.name))) {
      return;
    }
    const isImage = typeof key === 'string' && IMAGE_KEY.test(key);
    const version = key === 'image' && this.names.includes(text) ? '' : this.names.versionIn(text, isImage);
    if (version !== undefined) {
      this.notes.add(
        { node, part: 'reference', version, isLoose: !isImage, obstacle: this.pin(node, version, 'reference') },
        path,
      );
    } else if (this.names.isMentionedIn(text)) {
      this.notes.miss('warning', { node, path }, 'the image is inside a longer text');
    }
  }

  /** Reports whether a mapping is an entry of `images:` that kustomize, or the post-renderer of a Helm release, reads. */
  private isKustomizeImage(path: readonly Node[]): boolean {
    const [list, parent] = keysOf(path);
    return list === 'images' && (this.isKustomization || parent === 'kustomize');
  }

  /** Notes an entry of `images:`. The entry's `name` says what to replace and never changes. */
  private kustomizeImage(map: YAMLMap, here: readonly Node[]): void {
    const [name, newName, newTag] = ['name', 'newName', 'newTag'].map((key) => this.field(map, key));
    const renamed = stringIn(newName) || undefined;
    this.taken.add(name?.value);
    if (!this.names.includes(renamed ?? stringIn(name))) {
      return;
    }
    if (renamed !== undefined && newName!.isOwn && isPositioned(newName!.value)) {
      this.taken.add(newName!.value);
      this.notes.add({ node: newName!.value, part: 'name' }, here);
    } else if (renamed === undefined) {
      this.name(map, 'name', here);
    }
    if (newTag === undefined) {
      const hasVersion = renamed !== undefined || this.field(map, 'digest') !== undefined;
      this.notes.miss(
        hasVersion ? 'error' : 'nothing',
        { node: map, path: here },
        'the entry of `images` has no newTag',
      );
      return;
    }
    this.tag(map, 'newTag', here);
    this.digestBeside(map, here);
  }

  /** Notes a name without a tag. A name alone in `image` gets the tag itself. */
  private unversioned(map: YAMLMap, key: string, here: readonly Node[]): void {
    const field = this.field(map, key)!;
    const isSplit = !this.names.includes(stringIn(field));
    const hasVersion = this.hasVersionElsewhere(map);
    if (!field.isWritten || key === 'name' || (key === 'image' && field.isOwn && !isSplit && !hasVersion)) {
      return;
    }
    this.name(map, key, here);
    const severity = key === 'image' && !isSplit ? 'error' : 'warning';
    const message = `${key} names the image, and no tag stands beside the name`;
    this.notes.miss(severity, { node: pairOf(map, key), path: here }, message);
  }

  /** Notes a name and a version in one field, with the registry in another. Flux writes complete names only. */
  private splitReference(map: YAMLMap, here: readonly Node[]): void {
    const registry = stringIn(this.field(map, 'registry')) || undefined;
    for (const key of registry === undefined ? [] : NAME_KEYS) {
      const field = this.field(map, key);
      if (field?.isWritten && this.names.versionIn(`${registry}/${stringIn(field)}`, false) !== undefined) {
        this.taken.add(field.value);
        this.notes.miss(
          'error',
          { node: pairOf(map, key), path: here },
          `${key} has the version, and the registry is in another field`,
        );
      }
    }
  }

  /** Returns whether the map has a version under a key such as `imageTag`. A tag in the name would be a second one. */
  private hasVersionElsewhere(map: YAMLMap): boolean {
    return map.items.some(
      ({ key }) => isScalar(key) && key.value !== 'apiVersion' && VERSION_KEY.test(String(key.value)),
    );
  }

  /** Notes the name beside a version. A marker that is there already writes the name, or breaks the name. */
  private name(map: YAMLMap, key: string, here: readonly Node[]): void {
    const field = this.field(map, key);
    const node = field?.value;
    if (!isPositioned(node)) {
      return;
    }
    if (!field!.isOwn) {
      this.notes.condition('name', node, {
        at: { node: pairOf(map, key), path: here },
        message: `${key} is an alias of an image that gets a tag`,
      });
      return;
    }
    this.taken.add(node);
    const [registry] = key === 'name' ? [] : [this.field(map, 'registry')];
    if (isPositioned(registry?.value) && this.markAt(registry!.value)) {
      this.notes.add({ node: registry!.value, part: 'name', obstacle: MISPLACED }, here);
    }
    const mark = this.markAt(node);
    if (mark) {
      const isRight = mark.part === 'name' && this.names.includes(textOf(node)) && !stringIn(registry);
      this.notes.add({ node, part: 'name', obstacle: isRight ? undefined : MISPLACED }, here);
    }
  }

  private tag(map: YAMLMap, key: string, here: readonly Node[]): void {
    const { value, isOwn } = this.field(map, key)!;
    if (!isPositioned(value)) {
      this.notes.miss('error', { node: pairOf(map, key), path: here }, `${key} is no single value of its own`);
    } else if (isOwn) {
      this.taken.add(value);
      const version = textOf(value);
      this.notes.add(
        { node: value, part: 'tag', version, obstacle: version.includes('@') ? DIGEST_IN_TAG : undefined },
        here,
      );
    } else {
      this.notes.condition('place', value, {
        at: { node: pairOf(map, key), path: here },
        message: `${key} is no single value of its own`,
      });
    }
  }

  /** Notes a digest field. A digest takes precedence over the tag, so the digest must follow the policy too. */
  private digestBeside(map: YAMLMap, here: readonly Node[]): void {
    const field = this.field(map, 'digest');
    if (!isPositioned(field?.value)) {
      return;
    }
    const node = field!.value;
    const text = textOf(node);
    const mark = this.markAt(node);
    if (!field!.isOwn) {
      if (text !== '') {
        this.notes.condition('place', node, {
          at: { node: pairOf(map, 'digest'), path: here },
          message: 'digest is no single value of its own',
        });
      }
    } else if (this.sought.reflectsDigest || text !== '') {
      this.notes.add({ node, part: 'digest', version: text, obstacle: this.pin(node, `:@${text}`, 'digest') }, here);
    } else if (mark && mark.part !== 'digest') {
      this.notes.add({ node, part: 'digest', obstacle: MISPLACED }, here);
    }
  }

  /** Returns why a digest cannot stay. Flux itself removes a digest that is already marked for the policy. */
  private pin(node: PositionedScalar, version: string, part: ManagedPart): Obstacle | undefined {
    const isOfFlux = this.markAt(node)?.setter === setterOf(this.sought.policy, part);
    return pinOf(version, { isKept: this.sought.reflectsDigest || isOfFlux });
  }

  /** Reports whether the image name is in a field, together with the registry in a field of its own, as Helm charts split names. */
  private isNamedBy(map: YAMLMap, key: string): boolean {
    const text = stringIn(this.field(map, key));
    const registry = stringIn(this.field(map, 'registry'));
    if (text === undefined || (key === 'name' && !text.includes('/') && !registry)) {
      return false;
    }
    if (this.registries.some((each) => this.names.includes(`${each}/${text}`))) {
      return true;
    }
    return registry
      ? this.names.includes(`${registry}/${text}`) || (key !== 'repository' && text === this.sought.name)
      : this.names.includes(text);
  }

  private registryAround(path: readonly Node[]): boolean {
    const map = [...path].reverse().find((node) => isCollection(node));
    return isMap(map) && Boolean(stringIn(this.field(map, 'registry')));
  }

  private field(map: YAMLMap, key: string): Field | undefined {
    return fieldOf({ document: this.document }, map, key);
  }

  private markAt(node: PositionedScalar): Mark | undefined {
    return markIn(this.commentAt(node));
  }

  private commentAt(node: PositionedScalar): string | undefined {
    return COMMENT.exec(this.sought.text.slice(node.range[1]))?.[1];
  }
}
