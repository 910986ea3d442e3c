import { IConstruct } from 'constructs';

const MARK = 'cdk8s-forge:layer';

/**
 * A deployment layer that defines when a chart is applied, relative to the other charts of its cluster. Flux starts a
 * layer when the previous layer is ready.
 *
 * A chart belongs to the earliest layer requested by its constructs. If no construct requests a layer, the chart
 * belongs to `APPS`. Builders and runners request `PLATFORM`. To set the layer of a chart yourself, call
 * `Layer.SECRETS.mark(chart)`.
 *
 * @example
 *
 * Layer.SECRETS.mark(chart);
 */
export class Layer {
  /** The first layer, for Secrets and the objects that create Secrets. */
  static readonly SECRETS = new Layer('secrets', 0);
  /** The second layer, for builders, runners and the forge itself. */
  static readonly PLATFORM = new Layer('platform', 1);
  /** The last layer, for applications. */
  static readonly APPS = new Layer('apps', 2);

  /** All layers, in the order in which Flux applies the layers. */
  static get all(): Layer[] {
    return [Layer.SECRETS, Layer.PLATFORM, Layer.APPS];
  }

  /** Returns the layer marked at this construct itself, or undefined if no layer is marked. */
  static markOf(construct: IConstruct): Layer | undefined {
    const marks = construct.node.metadata.filter((entry) => entry.type === MARK);
    return Layer.all.find((layer) => marks.some((entry) => entry.data === layer.name));
  }

  private constructor(
    /** The name of the layer, its directory and its Kustomization. */
    readonly name: string,
    /** The position in the order. A smaller number is earlier. */
    readonly order: number,
  ) {}

  /** Requests this layer for a construct. */
  mark(construct: IConstruct): void {
    construct.node.addMetadata(MARK, this.name);
  }
}
