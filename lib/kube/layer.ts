import { IConstruct } from 'constructs';

const MARK = 'cdk8s-forge:layer';

/**
 * When a chart is applied, compared with the others of its cluster: Flux starts a layer when the one before is ready.
 *
 * A chart lands in the earliest layer that something in it asks for, and in `APPS` if nothing does. Builders and runners ask for
 * `PLATFORM`. To decide for a chart yourself: `Layer.SECRETS.mark(chart)`.
 *
 * @example
 *
 * Layer.SECRETS.mark(chart);
 */
export class Layer {
  /** Secrets and what makes them; first. */
  static readonly SECRETS = new Layer('secrets', 0);
  /** Builders, runners, the forge itself. */
  static readonly PLATFORM = new Layer('platform', 1);
  /** Applications; last. */
  static readonly APPS = new Layer('apps', 2);

  /** All layers, in the order in which they are applied. */
  static get all(): Layer[] {
    return [Layer.SECRETS, Layer.PLATFORM, Layer.APPS];
  }

  /** What has been marked at this construct itself, if anything. */
  static markOf(construct: IConstruct): Layer | undefined {
    const marks = construct.node.metadata.filter((entry) => entry.type === MARK);
    return Layer.all.find((layer) => marks.some((entry) => entry.data === layer.name));
  }

  private constructor(
    /** Name of the layer, of its folder and of its Kustomization. */
    readonly name: string,
    /** Its place in the order; smaller is earlier. */
    readonly order: number,
  ) {}

  /** Asks for this layer. */
  mark(construct: IConstruct): void {
    construct.node.addMetadata(MARK, this.name);
  }
}
