import { Forge } from '../../forge';
import { Endpoint } from '../../registry';
import { NodeProps } from '../node/node-props';

/** A port of the machine that leads to a NodePort of the cluster. */
export interface HostPort {
  /** Port of the machine, for example 3000. */
  readonly host: number;

  /** NodePort of a Service, from 30000 to 32767. */
  readonly node: number;
}

/** A cluster whose nodes are containers of the machine: `KindCluster` or `K3dCluster`. */
export interface ILocalCluster {
  /** Name of the cluster. */
  readonly name: string;

  /** Context of kubectl. */
  readonly context: string;

  /** Mirrors of Docker Hub in the cluster, at the ports of the machine that lead to their NodePorts. */
  readonly hubMirrors: Endpoint[];
}

/** Settings of a cluster whose nodes are containers of the machine. */
export interface LocalClusterProps extends NodeProps {
  /**
   * Forge in the cluster. Its URL at `localhost` leads to its NodePort; with another URL, set `ports`.
   *
   * @default - none
   */
  readonly forge?: Forge;

  /**
   * Other ports of the machine that lead to NodePorts.
   *
   * @default - none
   */
  readonly ports?: HostPort[];

  /**
   * Address of the machine that the ports are open at. `0.0.0.0` opens the ports to the network of the machine, and to
   * containers beside the cluster.
   *
   * @default '127.0.0.1'
   */
  readonly listenAddress?: string;

  /**
   * Number of worker nodes beside the control plane. Without a worker, the control plane runs the pods.
   *
   * @default 0
   */
  readonly workers?: number;

  /**
   * Image of the nodes with a digest, for example from the release notes of kind or of K3s.
   *
   * @default - that of the installed kind or k3d
   */
  readonly image?: string;
}
