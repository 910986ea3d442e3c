import { Input } from '../input';
import { Trigger } from '../trigger/trigger';

/** The inputs that the triggers of a workflow declare. */
export interface InputNames {
  readonly inputs: string[];
  /** Inputs of all triggers. */
  readonly declaredInputs: readonly Input[];
  /** Inputs that are booleans, not text. */
  readonly booleanInputs: string[];
  /** Inputs whose text the caller chooses freely. */
  readonly freeInputs: string[];
}

/**
 * Returns the inputs of triggers.
 *
 * @jsii ignore
 */
export function inputNames(triggers: readonly Trigger[]): InputNames {
  const all = triggers.flatMap((trigger) => trigger.inputs);
  return {
    inputs: [...new Set(all.map(({ name }) => name))],
    declaredInputs: all,
    booleanInputs: all.filter(({ type }) => type === 'boolean').map(({ name }) => name),
    freeInputs: all.filter(({ _isFree }) => _isFree).map(({ name }) => name),
  };
}
