import { IBuilder } from '../../buildkit';
import { Registry } from '../../registry';
import { Executor } from '../../runner';

/** The needs of the pods of a node, whatever installs the node. */
export interface NodeProps {
  /**
   * Registries that the nodes pull from. The nodes use their mirrors, plain HTTP and private CAs.
   *
   * @default - the registries that containerd reaches with its own settings
   */
  readonly registries?: Registry[];

  /**
   * Builders whose pods run on the nodes, for example a rootless `Buildkitd`.
   *
   * @default - none
   */
  readonly builders?: IBuilder[];

  /**
   * Executors of the runners whose pods run on the nodes, for example `Executor.dockerRootless()`.
   *
   * @default - none
   */
  readonly executors?: Executor[];
}
