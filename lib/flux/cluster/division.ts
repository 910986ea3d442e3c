import { ApiObject, Chart } from 'cdk8s';
import { Layer } from '../../kube';
import { Problem } from '../../support';
import { clusterAround } from '../base/flux-object';
import { ImagePolicy } from '../image/policy';
import { ImageRepository } from '../image/repository';
import { scanWarnings } from '../image/scans';
import { ClusterLayer } from './cluster-layer';
import { ClusterLayers, LayerSettings } from './cluster-layers';
import { ImageObjects } from './image-objects';
import { Kustomization, KustomizationProps } from './kustomization';
import { LayeredChart, partsOf, problemsWithLayers } from './layers';
import { ClusterSize, problemsWithSize, Sized, warningsOfSize } from './size';

/** The content of a cluster, from the walk over the construct tree. */
export interface ClusterContent {
  readonly charts: LayeredChart[];
  readonly images: readonly ImageRepository[];
  readonly policies: readonly ImagePolicy[];
}

/** The properties of a cluster that decide how it is divided. */
export interface DivisionSettings extends Omit<LayerSettings, 'parts'> {
  readonly size: ClusterSize;
  /** The directory of the entry point. */
  readonly entry: string;
  /** Returns the properties of the Kustomization of a directory of image objects. */
  imagePropsFor(folder: string): KustomizationProps;
}

/** The division of a cluster's objects into directories with a Kustomization each: layers, and objects that follow images. */
export class Division {
  private readonly layers: ClusterLayers;
  private readonly imageObjects: ImageObjects;
  private readonly folders = new Map<Chart, string>();
  /** The number of controllers that scan images. */
  private readonly scanners: number;
  private sizes: Sized[] = [];
  private images: readonly ImageRepository[] = [];

  constructor(
    chart: Chart,
    private readonly settings: DivisionSettings,
  ) {
    const { size, name, areEmitted, imagePropsFor } = settings;
    this.scanners = clusterAround(chart)?._imageFacts.shards?.length ?? 1;
    this.layers = new ClusterLayers(chart, { ...settings, parts: size.parts });
    this.imageObjects = new ImageObjects(chart, { name, areEmitted, parts: size.imageParts, propsFor: imagePropsFor });
  }

  /** Returns a layer of the cluster. */
  layer(layer: Layer): ClusterLayer {
    return this.layers.of(layer);
  }

  /**
   * Divides the whole content of the cluster.
   *
   * @param own the Kustomization of the entry point, before all others in the file
   * @returns what is wrong with the division
   */
  divide(charts: readonly LayeredChart[], imageObjects: readonly ApiObject[], own: Kustomization): Problem[] {
    const parts = partsOf(charts, this.settings.size.parts);
    this.folders.clear();
    parts.forEach((part) => part.charts.forEach((chart) => this.folders.set(chart, part.name)));
    this.imageObjects.divide(imageObjects);
    this.layers.connect(
      parts.filter(({ size }) => size > 0),
      this.imageObjects.connect(own),
    );
    this.sizes = [
      ...this.imageObjects.sizes(this.settings.entry),
      ...parts.map(({ name, size, layer }) => ({ name, size, layer: layer.name })),
    ];
    return [...problemsWithLayers(charts), ...problemsWithSize(this.sizes)];
  }

  /** Returns the directory of a chart of a layer. */
  folderOf(chart: Chart): string | undefined {
    return this.folders.get(chart);
  }

  /** Returns the directory of an object that is not in the directory of its chart. */
  ownFolderOf(object: ApiObject): string | undefined {
    return this.imageObjects.folderOf(object);
  }

  /** Takes the images that Flux scans. */
  follow(images: readonly ImageRepository[]): void {
    this.images = images;
  }

  /** Returns warnings about Kustomizations that Flux takes seconds to build, and about more scans than Flux can make. */
  get warnings(): string[] {
    const intervals = this.images.flatMap(({ _interval: interval }) => interval ?? []);
    return [...warningsOfSize(this.sizes), ...scanWarnings(intervals, this.scanners)];
  }
}
