import { Alias, Document, isPair, Node } from 'yaml';
import { ManagedPart } from '../../output';
import { nameOfPlace, PositionedScalar } from './nodes';
import { Obstacle, obstacleAt } from './obstacles';

/** A position in a file that contains an image, or a part of an image. */
export interface Place {
  readonly node: PositionedScalar;
  readonly part: ManagedPart;
  /** The version in the file, as the author wrote it; what follows the name for a reference, for example `:1.0`. */
  readonly version: string;
  /** The place as people name it. */
  readonly where: string;
  /** The key does not say that the value is an image that runs, for example the value of an environment variable. */
  readonly isLoose: boolean;
  readonly obstacle?: Obstacle;
}

/** A position that names the image, and that Flux cannot keep in step. */
export interface Miss {
  readonly at: number;
  readonly message: string;
  readonly where: string;
  /**
   * The position has a version of its own (`error`), may have one (`warning`), or has none (`nothing`). This matters in
   * a file with other places of the image; in a file without places, each miss is an error.
   */
  readonly severity: 'error' | 'warning' | 'nothing';
}

/** The places of an image in a document, and the positions that cannot be kept in step. */
export interface Found {
  readonly places: Place[];
  readonly misses: Miss[];
}

/** A node or a pair, and the path to it. */
interface Spot {
  readonly node: unknown;
  readonly path: readonly Node[];
}

/** A collection of the places and the misses of an image in one document. */
export class Notes {
  private readonly places: Place[] = [];
  private readonly misses: Miss[] = [];
  /** Scalars that aliases use as a complete reference. */
  private readonly aliased = new Set<unknown>();
  /** Misses, unless the scalar is (or is not) a place. */
  private readonly conditions: { readonly node: unknown; readonly mustBe: 'place' | 'name'; readonly miss: Miss }[] =
    [];

  constructor(private readonly document: Document) {}

  found(): Found {
    const places = this.places.map((place) => ({ ...place, isLoose: place.isLoose && !this.aliased.has(place.node) }));
    const broken = this.conditions.filter(({ node, mustBe }) =>
      mustBe === 'place'
        ? !places.some((place) => place.node === node)
        : places.some((place) => place.node === node && place.part === 'reference'),
    );
    return { places, misses: [...this.misses, ...broken.map(({ miss }) => miss)] };
  }

  /** Notes that an alias makes a scalar a reference that runs. */
  alias(alias: Alias): void {
    this.aliased.add(alias.resolve(this.document));
  }

  add(place: Partial<Place> & Pick<Place, 'node' | 'part'>, path: readonly Node[]): void {
    const where = nameOfPlace(this.document, path, place.node);
    const obstacle = place.obstacle ?? obstacleAt(place.node, path);
    this.places.push({ version: '', isLoose: false, ...place, where, obstacle });
  }

  miss(severity: Miss['severity'], { node, path }: Spot, message: string): void {
    this.misses.push({ ...this.spot({ node, path }), severity, message });
  }

  /** Notes a miss that is an error, unless the scalar behind an alias is a place, or a name without a version. */
  condition(mustBe: 'place' | 'name', node: unknown, { at, message }: { at: Spot; message: string }): void {
    this.conditions.push({ node, mustBe, miss: { ...this.spot(at), severity: 'error', message } });
  }

  private spot({ node, path }: Spot): Pick<Miss, 'at' | 'where'> {
    const start = isPair(node) ? node.key : node;
    return { at: (start as Node).range?.[0] ?? 0, where: nameOfPlace(this.document, path, node) };
  }
}
