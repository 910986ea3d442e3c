import { Chart } from 'cdk8s';
import { Layer } from '../../kube';
import { ForgeError, ownOf, quoted } from '../../support';
import { omitWhile } from '../base/omission';
import { ClusterLayer, LayerOptions } from './cluster-layer';
import { Kustomization, KustomizationProps } from './kustomization';
import { LayerPart, partNamesOf } from './layers';

/** The properties of a cluster that its layers need. */
export interface LayerSettings {
  /** The name of the cluster. */
  readonly name: string;
  /** The number of parts of each layer. */
  readonly parts: number;
  /** The options of the layers, by name. */
  readonly options: Record<string, LayerOptions>;
  /** Whether to emit Kustomizations; otherwise those of the user's own layout apply the directories. */
  readonly areEmitted: boolean;
  /** Returns the properties of the Kustomization of a directory. */
  propsFor(folder: string): KustomizationProps;
}

/** The Kustomizations of a cluster's layers. All of them exist from the start; only those with content are emitted. */
export class ClusterLayers {
  private readonly layers = new Map<string, ClusterLayer>();
  private filled?: Set<Kustomization>;

  constructor(
    private readonly chart: Chart,
    private readonly settings: LayerSettings,
  ) {
    Layer.all.forEach((layer) => this.of(layer));
  }

  /** Returns a layer of the cluster, and creates its Kustomizations if the layer is new. */
  of(layer: Layer): ClusterLayer {
    const known = this.layers.get(layer.name);
    if (known && known.layer.order === layer.order) {
      return known;
    }
    if (known) {
      throw ForgeError.at(this.chart, {
        code: 'FORGE-FLUX-043',
        message: `layer ${quoted(layer.name)} is defined at two positions`,
        fix: 'call Layer.between once, and pass the layer on',
      });
    }
    const { name, parts, options } = this.settings;
    const made = partNamesOf(layer, parts).map((part) => {
      const kustomization = new Kustomization(this.chart, `${name}-${part}`, {
        ...this.settings.propsFor(part),
        // The layer before is known at synthesis.
        dependsOn: [],
        ...definedOf(ownOf(options, layer.name)),
      });
      const { areEmitted } = this.settings;
      omitWhile(kustomization, () => !areEmitted || (this.filled !== undefined && !this.filled.has(kustomization)));
      return kustomization;
    });
    const result = new ClusterLayer(layer, made);
    this.layers.set(layer.name, result);
    return result;
  }

  /** Connects the layers that have content: each starts when the layer before is ready. */
  connect(parts: readonly LayerPart[], first: Kustomization): void {
    parts.forEach(({ layer }) => this.of(layer));
    this.assertOptions();
    this.filled = new Set();
    let [before, current, order] = [[] as Kustomization[], [] as Kustomization[], -Infinity];
    let last = first;
    for (const part of parts) {
      const made = this.of(part.layer).kustomizations[partNamesOf(part.layer, this.settings.parts).indexOf(part.name)];
      if (part.layer.order !== order) {
        [before, current, order] = [current, [], part.layer.order];
      }
      made._comeAfter(before);
      current.push(made);
      this.filled.add(made);
      // Written in the order of the layers, whatever the order in which they were created.
      made.node.addDependency(last);
      last = made;
    }
  }

  private assertOptions(): void {
    const unknown = Object.keys(this.settings.options).find((name) => !this.layers.has(name));
    if (unknown !== undefined) {
      throw ForgeError.at(this.chart, {
        code: 'FORGE-FLUX-043',
        message: `\`layers\` has options for ${quoted(unknown)}, which is no layer of the cluster`,
        allowed: [...this.layers.keys()].join(', '),
        fix: 'use the name of a layer, or assign a chart to the layer with that name',
      });
    }
  }
}

/** Returns the options that are set: an option that is undefined keeps the default. */
function definedOf(options: LayerOptions = {}): Partial<LayerOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
