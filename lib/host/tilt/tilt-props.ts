import { Cluster } from '../../flux';
import { ImageCatalogue } from '../../pipeline';
import { ILocalCluster } from '../local/local-cluster-props';
import { LiveUpdate } from './live-update';

/** Settings of a development loop with Tilt. */
export interface TiltProps {
  /** The images that Tilt builds when their sources change. */
  readonly images: ImageCatalogue;

  /** The cluster whose manifests Tilt applies. Objects of Flux and encrypted objects are left out. */
  readonly manifests: Cluster;

  /**
   * The cluster on the machine that Tilt deploys to, for example a `KindCluster`. Tilt refuses every other context then.
   *
   * @default - the current context of kubectl, which Tilt refuses unless it is a local cluster
   */
  readonly localCluster?: ILocalCluster;

  /**
   * Changes that Tilt copies into running containers without a build, by image.
   *
   * @default - every change builds the image
   */
  readonly liveUpdates?: LiveUpdate[];
}
