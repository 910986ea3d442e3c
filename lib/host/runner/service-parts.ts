import { RunnerBlueprint } from '../../runner';
import { NativeFolders, NativeRunner } from './native';

/** The parts from which a service is rendered. */
export interface ServiceParts {
  readonly blueprint: RunnerBlueprint;
  readonly native: NativeRunner;
  readonly folders: NativeFolders;
}

/** Returns the name of a service, and of its account: one that no other program of the machine has. */
export function serviceOf(name: string): string {
  return `forge-${name}`;
}
