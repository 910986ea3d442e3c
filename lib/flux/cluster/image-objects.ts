import { ApiObject, Chart } from 'cdk8s';
import { omitWhile } from '../base/omission';
import { Kustomization, KustomizationProps } from './kustomization';
import { imagePartName, imagePartOf, Sized } from './size';

/** The properties of a cluster that its image objects need. */
export interface ImageObjectSettings {
  /** The name of the cluster. */
  readonly name: string;
  /** The number of Kustomizations; 0 if the Kustomization of the entry applies the objects. */
  readonly parts: number;
  /** Whether to emit Kustomizations; otherwise those of the user's own layout apply the directories. */
  readonly areEmitted: boolean;
  /** Returns the properties of the Kustomization of a directory. */
  propsFor(folder: string): KustomizationProps;
}

/** The objects with which Flux follows the images of a cluster, divided into directories with a Kustomization each. */
export class ImageObjects {
  private readonly kustomizations: Kustomization[];
  private readonly folders = new Map<ApiObject, string>();
  private readonly used = new Set<string>();
  private count = 0;

  constructor(
    chart: Chart,
    private readonly settings: ImageObjectSettings,
  ) {
    const { name, parts, areEmitted, propsFor } = settings;
    this.kustomizations = Array.from({ length: parts }, (_, index) => {
      const folder = imagePartName(index);
      const made = new Kustomization(chart, `${name}-${folder}`, { ...propsFor(folder), wait: false });
      omitWhile(made, () => !areEmitted || !this.used.has(folder));
      return made;
    });
  }

  /** Takes all objects of the cluster that follow images. */
  divide(objects: readonly ApiObject[]): void {
    this.folders.clear();
    this.used.clear();
    this.count = objects.length;
    if (this.settings.parts === 0) {
      return;
    }
    for (const object of objects) {
      const folder = imagePartOf(object, this.settings.parts);
      this.folders.set(object, folder);
      this.used.add(folder);
    }
  }

  /** Returns the directory of an object; undefined if it is not divided. */
  folderOf(object: ApiObject): string | undefined {
    return this.folders.get(object);
  }

  /** Returns the numbers of objects: by directory, or those of the entry. */
  sizes(entry: string): Sized[] {
    if (this.settings.parts === 0) {
      return [{ name: entry, size: this.count }];
    }
    const sizes = new Map<string, number>();
    this.folders.forEach((folder) => sizes.set(folder, (sizes.get(folder) ?? 0) + 1));
    return [...sizes].map(([name, size]) => ({ name, size }));
  }

  /**
   * Puts the Kustomizations after another one in the file.
   *
   * @returns the last of them
   */
  connect(first: Kustomization): Kustomization {
    let last = first;
    for (const made of this.kustomizations) {
      made.node.addDependency(last);
      last = made;
    }
    return last;
  }
}
