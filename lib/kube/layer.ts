import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { DNS_LABEL, ForgeError, quoted } from '../support';

const MARK = 'cdk8s-forge:layer';
const ASSIGNED = 'cdk8s-forge:assigned-layer';

/** The names of the directories that a cluster has already. */
const TAKEN = /^(secrets|platform|apps|flux|images(-\d+)?)$/;

/** A layer as metadata of a construct. */
interface Mark {
  readonly name: string;
  readonly order: number;
}

/**
 * A deployment layer that defines when a chart is applied, relative to the other charts of its cluster. Flux starts a
 * layer when the previous layer is ready.
 *
 * A chart belongs to the earliest layer requested by its constructs. If no construct requests a layer, the chart
 * belongs to `APPS`. Builders and runners request `PLATFORM`. To set the layer of a chart yourself, earlier or later, call
 * `Layer.SECRETS.assign(chart)`. For more layers, call `Layer.between`.
 *
 * @example
 *
 * Layer.SECRETS.assign(chart);
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

  /**
   * Returns a layer between two layers, for example for custom resource definitions that the platform needs.
   *
   * @param earlier the layer that Flux applies before the new layer
   * @param later the layer that Flux applies after the new layer
   * @param name name of the layer, of its directory and, after the name of the cluster, of its Kustomization
   * @throws FORGE-KUBE-012 for layers in the wrong order, a name that is no DNS label, or a name that a directory of a cluster has already
   */
  static between(earlier: Layer, later: Layer, name: string): Layer {
    const isTaken = TAKEN.test(name);
    if (earlier?.order < later?.order && typeof name === 'string' && DNS_LABEL.test(name) && !isTaken) {
      return new Layer(name, (earlier.order + later.order) / 2);
    }
    throw ForgeError.of({
      code: 'FORGE-KUBE-012',
      message: isTaken
        ? `a cluster has a directory ${quoted(name)} already`
        : `layer ${quoted(String(name))} cannot be between ${quoted(String(earlier?.name))} and ${quoted(String(later?.name))}`,
      allowed: 'an earlier layer, a later layer, and a new name of a-z, 0-9 and "-"',
      fix: "write Layer.between(Layer.SECRETS, Layer.PLATFORM, 'crds')",
    });
  }

  /** Returns the layer requested at this construct itself, or undefined if no layer is requested. */
  static markOf(construct: IConstruct): Layer | undefined {
    return Layer.noted(construct, MARK).sort((a, b) => a.order - b.order)[0];
  }

  /** Returns the layer that a chart is assigned to, or undefined if the chart is not assigned. */
  static assignedTo(chart: Chart): Layer | undefined {
    return Layer.noted(chart, ASSIGNED).pop();
  }

  private static noted(construct: IConstruct, type: string): Layer[] {
    return construct.node.metadata
      .filter((entry) => entry.type === type)
      .map((entry) => entry.data as Mark)
      .map(({ name, order }) => Layer.all.find((layer) => layer.name === name) ?? new Layer(name, order));
  }

  private constructor(
    /** The name of the layer, its directory and its Kustomization. */
    readonly name: string,
    /** The position in the order. A smaller number is earlier. */
    readonly order: number,
  ) {}

  /** Requests this layer for a construct. The chart of the construct is applied in this layer or in an earlier layer. */
  mark(construct: IConstruct): void {
    construct.node.addMetadata(MARK, { name: this.name, order: this.order } satisfies Mark);
  }

  /**
   * Assigns a chart to this layer, regardless of the layers that its constructs request. The last assignment applies.
   */
  assign(chart: Chart): void {
    chart.node.addMetadata(ASSIGNED, { name: this.name, order: this.order } satisfies Mark);
  }
}
