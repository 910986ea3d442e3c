import { Alias, Document, isAlias, isCollection, isMap, isPair, isScalar, Node, Scalar, visit, YAMLMap } from 'yaml';
import { ManagedPart, TAG } from '../../output';

/** A scalar with a position in the text. */
export type PositionedScalar = Scalar & { range: [number, number, number] };

/** A position in a file that contains an image, or a part of an image. */
export interface Place {
  readonly node: PositionedScalar;
  readonly part: ManagedPart;
  /** The value in the file, as the author wrote the value. */
  readonly text: string;
  /** The reason why Flux cannot update the place, if there is one. */
  readonly obstacle?: string;
}

/** A position that names the image but has no place for its version. */
export interface Miss {
  readonly at: number;
  readonly message: string;
}

/** The image to look for. */
export interface Sought {
  readonly name: string;
  readonly policy: string;
  readonly reflectsDigest: boolean;
  /** The name of the file, because kustomize recognizes its own files by name. */
  readonly file: string;
}

/** The places of an image in a document, and the positions that name the image without a version. */
export interface Found {
  readonly places: Place[];
  readonly misses: Miss[];
}

const DIGEST = /^sha256:[a-f0-9]{64}$/;
const KUSTOMIZATION = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
const NAME_KEYS = ['repository', 'image', 'name'];
const VERSION_KEY = /tag$|version$/i;

/** Returns the places of an image in one document. */
export function placesIn(document: Document, sought: Sought): Found {
  const root = document.contents;
  const found: Found = { places: [], misses: [] };
  if (!isMap(root) || isImageAutomation(root)) {
    return found;
  }
  const finder = new Finder(document, sought, found);
  visit(root, {
    Map: (_, map, path) => {
      finder.map(map, path as readonly Node[]);
    },
    Scalar: (key, node, path) => {
      if (key !== 'key' && isPositioned(node)) {
        finder.scalar(node, path as readonly Node[]);
      }
    },
  });
  return found;
}

/** Flux's own image objects name an image that is never deployed. */
function isImageAutomation(root: YAMLMap): boolean {
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => String(root.get(key)));
  return apiVersion.startsWith('image.toolkit.fluxcd.io/') || kind === 'ImageRepository';
}

class Finder {
  private readonly taken = new Set<unknown>();
  private readonly isKustomization: boolean;

  constructor(
    private readonly document: Document,
    private readonly sought: Sought,
    private readonly found: Found,
  ) {
    const root = document.contents as YAMLMap;
    const kind = root.get('kind');
    this.isKustomization =
      kind === undefined ? KUSTOMIZATION.test(sought.file) : kind === 'Kustomization' || kind === 'Component';
  }

  map(map: YAMLMap, path: readonly Node[]): void {
    if (this.isKustomization && keyOf(path) === 'images') {
      this.kustomizeImage(map, path);
      return;
    }
    const key = NAME_KEYS.find((name) => this.nameAt(map, name) === this.sought.name);
    if (key === undefined) {
      return;
    }
    if (map.has('tag')) {
      this.taken.add(map.get(key, true));
      this.part(map, 'tag', path);
      this.digestBeside(map, path);
    } else if (key === 'repository' || (key === 'image' && this.hasVersionElsewhere(map))) {
      this.taken.add(map.get(key, true));
      this.miss(map.get(key, true), `${key} names the image, and no tag stands beside the name`);
    }
  }

  /** Returns whether the map has a version under a key such as `imageTag`. A tag in the name would be a second one. */
  private hasVersionElsewhere(map: YAMLMap): boolean {
    return map.items.some(
      ({ key }) => isScalar(key) && key.value !== 'apiVersion' && VERSION_KEY.test(String(key.value)),
    );
  }

  /** Notes a scalar that is the complete reference. */
  scalar(node: PositionedScalar, path: readonly Node[]): void {
    const text = typeof node.value === 'string' ? node.value : '';
    if (this.taken.has(node) || !(this.isReference(text) || (text === this.sought.name && keyOf(path) === 'image'))) {
      return;
    }
    this.add({ node, part: 'reference', text }, path);
  }

  /** Notes an entry of `images:` in a kustomization. The entry's `name` says what to replace and never changes. */
  private kustomizeImage(map: YAMLMap, path: readonly Node[]): void {
    const renamed = map.has('newName');
    this.taken.add(map.get('name', true));
    if (this.text(map, renamed ? 'newName' : 'name') !== this.sought.name) {
      return;
    }
    const newName = map.get('newName', true);
    if (isPositioned(newName)) {
      this.taken.add(newName);
      this.add({ node: newName, part: 'name', text: this.sought.name }, [...path, map]);
    }
    if (!map.has('newTag')) {
      this.miss(map, 'the entry of `images` has no newTag');
      return;
    }
    this.part(map, 'newTag', path);
    this.digestBeside(map, path);
  }

  /** Notes a digest field. A digest takes precedence over the tag, so the digest must follow the policy too. */
  private digestBeside(map: YAMLMap, path: readonly Node[]): void {
    const node = map.get('digest', true);
    const text = this.text(map, 'digest');
    if (!isPositioned(node) || (!this.sought.reflectsDigest && (text === undefined || text === ''))) {
      return;
    }
    this.add(
      {
        node,
        part: 'digest',
        text: text ?? '',
        obstacle: this.sought.reflectsDigest
          ? undefined
          : 'a digest stands beside the tag and takes precedence, and the policy does not reflect digests',
      },
      [...path, map],
    );
  }

  private part(map: YAMLMap, key: string, path: readonly Node[]): void {
    const node = map.get(key, true);
    if (isPositioned(node)) {
      this.taken.add(node);
      this.add({ node, part: 'tag', text: textOf(node) }, [...path, map]);
    } else {
      this.miss(node ?? map, `${key} is no single value of its own`);
    }
  }

  private add(place: Place, path: readonly Node[]): void {
    this.found.places.push({ ...place, obstacle: place.obstacle ?? obstacleAt(place.node, path) });
  }

  private miss(node: unknown, message: string): void {
    this.found.misses.push({ at: (node as Node | undefined)?.range?.[0] ?? 0, message });
  }

  /** Returns the image name at a key, together with the registry in a field of its own, as Helm charts split names. */
  private nameAt(map: YAMLMap, key: string): string | undefined {
    const name = this.text(map, key);
    const registry = key === 'repository' ? this.text(map, 'registry') : undefined;
    return registry && name !== undefined ? `${registry}/${name}` : name;
  }

  private text(map: YAMLMap, key: string): string | undefined {
    const value = map.get(key, true) as unknown;
    const node = isAlias(value) ? (value as Alias).resolve(this.document) : value;
    return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  }

  private isReference(text: string): boolean {
    const { name } = this.sought;
    if (!text.startsWith(`${name}:`) && !text.startsWith(`${name}@`)) {
      return false;
    }
    const [tag, digest, ...more] = text.slice(name.length).split('@');
    return (
      more.length === 0 &&
      (tag === '' || TAG.test(tag.slice(1))) &&
      (digest === undefined || DIGEST.test(digest)) &&
      `${tag}${digest ?? ''}` !== ''
    );
  }
}

/** Returns the text of a scalar as written: an unquoted 1.10 would come out as the number 1.1. */
function textOf(node: Scalar): string {
  if (node.value === null) {
    return '';
  }
  return typeof node.value === 'string' ? node.value : String(node.source);
}

function isPositioned(node: unknown): node is PositionedScalar {
  return isScalar(node) && Array.isArray(node.range);
}

/** Returns the key of the innermost pair of a path. A list between the pair and the value does not count. */
function keyOf(path: readonly Node[]): unknown {
  const pair = [...path].reverse().find((node) => isPair(node)) as { key?: unknown } | undefined;
  return isScalar(pair?.key) ? pair.key.value : undefined;
}

function obstacleAt(node: PositionedScalar, path: readonly Node[]): string | undefined {
  if (path.some((ancestor) => isCollection(ancestor) && ancestor.flow)) {
    return 'the image is inside [ ] or { }, and Flux rewrites the layout there';
  }
  return node.tag !== undefined && !['tag:yaml.org,2002:str', '!'].includes(node.tag)
    ? `the value has the YAML tag ${node.tag}, which does not fit every version`
    : undefined;
}
