import { checkedObjectName, ExistingObject } from '../source/existing-source';

/**
 * The Kustomizations that apply the output of a cluster: those that the library creates, or those that exist.
 *
 * @example
 *
 * new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), kustomizations: ClusterKustomizations.existing('apps') });
 */
export class ClusterKustomizations {
  /** Returns Kustomizations of the library: one for the entry point, and one for each layer. */
  static own(): ClusterKustomizations {
    return new ClusterKustomizations(true);
  }

  /**
   * Returns no Kustomizations: those of your own layout apply the directories. Apply the layers in their order, and the
   * directory `flux` first.
   */
  static none(): ClusterKustomizations {
    return new ClusterKustomizations(false);
  }

  /**
   * Returns one Kustomization that exists and applies the whole directory of the cluster. It applies all layers at once.
   *
   * @param name the name of the Kustomization
   * @param namespace the namespace of the Kustomization; that of the Flux objects if left out
   * @throws FORGE-FLUX-004 for a name that no object can have
   */
  static existing(name: string, namespace?: string): ClusterKustomizations {
    [name, namespace].forEach((text) => text === undefined || checkedObjectName(text));
    return new ClusterKustomizations(false, { name, namespace });
  }

  private constructor(
    /** Whether to emit Kustomizations. */
    readonly isOwn: boolean,
    /** The Kustomization that applies the directory of the cluster; undefined if there is none by name. */
    readonly applier?: ExistingObject,
  ) {}
}
