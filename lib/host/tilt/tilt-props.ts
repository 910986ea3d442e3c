import { Cluster } from '../../flux';
import { ImageCatalogue } from '../../pipeline';
import { KindCluster } from '../kind/kind-cluster';
import { LiveUpdate } from './live-update';

/** Settings of a development loop with Tilt. */
export interface TiltProps {
  /** The images that Tilt builds when their sources change. */
  readonly images: ImageCatalogue;

  /** The cluster whose manifests Tilt applies. Objects of Flux and encrypted objects are left out. */
  readonly manifests: Cluster;

  /**
   * The kind cluster that Tilt deploys to. Tilt refuses every other context then.
   *
   * @default - the current context of kubectl, which Tilt refuses unless it is a local cluster
   */
  readonly kind?: KindCluster;

  /**
   * Changes that Tilt copies into running containers without a build, by image.
   *
   * @default - every change builds the image
   */
  readonly liveUpdates?: LiveUpdate[];
}
