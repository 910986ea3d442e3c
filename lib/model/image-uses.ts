import { ApiObject, Chart } from 'cdk8s';
import { ManagedValue } from '../output';
import { Manifest, Manifests } from './manifests';
import { ChartModel, Model } from './model';
import { PodSpec, podSpecsIn } from './pods';

/**
 * A place in a manifest that uses an image of Flux.
 *
 * @jsii ignore
 */
export interface ImageUse {
  /** The path of the construct that declares the image. */
  readonly image: string;
  /** The object that contains the placeholder. */
  readonly object: ApiObject;
  /** The chart that contains the object. */
  readonly chart: ChartModel;
  /** The namespace of the object. */
  readonly namespace?: string;
  /** The pod specification that runs the image, or undefined if the object only mentions the image. */
  readonly pod?: PodSpec;
}

/** The kinds that contain data for other programs. The kubelet pulls nothing for them. */
const DATA = new Set(['ConfigMap', 'Secret', 'SealedSecret', 'ExternalSecret']);

/**
 * Returns all uses of images in the manifests of the charts, apart from the entry points of the clusters. The uses in
 * one object are without duplicates.
 *
 * @jsii ignore
 */
export function imageUses(model: Model, manifests: Manifests): ImageUse[] {
  return [...model.charts.values()]
    .filter(({ chart, cluster }) => !cluster?._isEntry(chart))
    .flatMap((chart) =>
      chart.objects.flatMap((object) => {
        const manifest = manifests.tryOf(object);
        return manifest === undefined ? [] : usesIn(object, chart, manifest);
      }),
    );
}

/**
 * Returns whether a use makes the kubelet pull the image in the object's own namespace. Objects such as a HelmRelease
 * lead to pods that synthesis cannot see.
 *
 * @jsii ignore
 */
export function leadsToPods({ pod, object }: ImageUse): boolean {
  return pod !== undefined || !DATA.has(object.kind);
}

function usesIn(object: ApiObject, chart: ChartModel, manifest: Manifest): ImageUse[] {
  const mentioned = imagesIn(manifest);
  if (mentioned.size === 0) {
    return [];
  }
  const namespace = namespaceOf(manifest, chart.chart);
  const pods = podSpecsIn(manifest).flatMap((pod) =>
    [...new Set(pod.images.flatMap((text) => ManagedValue.parse(text)?.image ?? []))].map((image) => ({ image, pod })),
  );
  const run = new Set(pods.map(({ image }) => image));
  const others = [...mentioned].filter((image) => !run.has(image)).map((image) => ({ image }));
  return [...pods, ...others].map((use) => ({ ...use, object, chart, namespace }));
}

function namespaceOf({ metadata, spec }: Manifest, chart: Chart): string | undefined {
  const target = (spec as { targetNamespace?: unknown } | undefined)?.targetNamespace;
  const namespace = target ?? metadata?.namespace ?? chart.namespace;
  return typeof namespace === 'string' ? namespace : undefined;
}

function imagesIn(manifest: Manifest): Set<string> {
  const found = new Set<string>();
  const rest: unknown[] = [manifest];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === 'string') {
      if (value.includes(ManagedValue.OPENING)) {
        ManagedValue.within(value).forEach(({ image }) => found.add(image));
      }
    } else if (typeof value === 'object' && value !== null) {
      rest.push(...Object.values(value));
    }
  }
  return found;
}
