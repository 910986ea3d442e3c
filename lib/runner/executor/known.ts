import { Size } from 'cdk8s';
import { Symptom } from '../../support';
import { IExecutor } from './plan';

/** The runner that a symptom is about. */
export interface SymptomSubject {
  readonly name: string;
  readonly namespace: string;
  /** The workload as kubectl names it. */
  readonly reference: string;
  /** Reports whether instances run one job and are gone. */
  readonly perJob: boolean;
}

/** An executor of the library, which also knows its symptoms. */
export interface KnownExecutor extends IExecutor {
  symptoms(subject: SymptomSubject): Symptom[];
}

/** The home directory of a runner that does not run as root. */
export const HOME = '/home/runner';

/** Returns the sum of the sizes. */
export function total(sizes: readonly Size[]): Size {
  return Size.kibibytes(sizes.reduce((sum, size) => sum + size.toKibibytes(), 0));
}
