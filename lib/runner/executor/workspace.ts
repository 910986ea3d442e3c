import { Size } from 'cdk8s';
import { Storage } from '../../kube';
import { BlueprintMount, BlueprintStore } from '../blueprint';
import { ExecutorContext } from './plan';

/** Returns the settings that decide whether jobs get the Docker socket. */
export function socketSettings({ program }: ExecutorContext, dockerInJobs: boolean): Record<string, string> {
  return (dockerInJobs ? program.socketSettings : program.noSocketSettings) ?? {};
}

/**
 * Returns a working directory that the runner and the Docker daemon mount at the same path. `bindWorkdir` requires this
 * directory, because the Docker daemon mounts it from its own file system.
 */
export function workspace({ config }: ExecutorContext): {
  mounts: BlueprintMount[];
  stores: BlueprintStore[];
  settings: Record<string, unknown>;
} {
  if (!config.container?.bindWorkdir) {
    return { mounts: [], stores: [], settings: {} };
  }
  const path = `/${config.container.workdirParent ?? 'workspace'}`;
  return {
    mounts: [{ volume: 'workspace', path }],
    stores: [{ name: 'workspace', storage: Storage.ephemeral(Size.gibibytes(20)) }],
    settings: { 'container.valid_volumes': [...(config.container.validVolumes ?? []), `${path}/**`] },
  };
}
