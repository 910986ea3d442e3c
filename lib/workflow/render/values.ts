import { Dialect } from '../../forge';
import { Problems, quoted } from '../../support';
import { Matrix } from '../matrix';

/** A value that a job passes to an input of a called workflow. */
export interface InputValue {
  readonly name: string;
  /** Type that the called workflow declares, if known. */
  readonly type?: string;
  readonly text: string;
  /** Label of the job for messages. */
  readonly label: string;
}

/**
 * Returns the value of an input in its type. A called workflow accepts no text for a boolean or a number.
 *
 * @jsii ignore
 */
export function typedInput({ name, type, text, label }: InputValue, problems: Problems): unknown {
  if (text.includes('${{') || (type !== 'boolean' && type !== 'number')) {
    return text;
  }
  if (type === 'boolean' ? /^(?:true|false)$/.test(text) : /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) {
    return JSON.parse(text);
  }
  problems.add({
    code: 'FORGE-WF-039',
    message: `${label} passes ${quoted(text)} as ${quoted(name)}, which is a ${type}`,
    allowed: type === 'boolean' ? 'true, false, or an expression' : 'a number, or an expression',
    fix: 'pass a value of the type that the called workflow declares',
  });
  return text;
}

/**
 * Reports a matrix over outputs of other jobs that the forge expands before these jobs have run.
 *
 * @jsii ignore
 */
export function checkComputed(
  matrix: Matrix,
  dialect: Dialect,
  { label, problems }: { label: string; problems: Problems },
): void {
  if (!matrix._isComputed || dialect.facts.computedMatrix !== false) {
    return;
  }
  problems.add({
    code: 'FORGE-WF-034',
    message: `${label} has a matrix that another job computes, which ${dialect.name} expands before that job has run`,
    allowed: 'fixed values: Matrix.of({ … })',
    fix: 'use Matrix.of, or loop over the values in a step',
    symptom: 'no error: one job with an empty value, which succeeds',
  });
}
