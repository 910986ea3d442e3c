import { Dialect } from '../../forge';
import { Problems, quoted } from '../../support';
import { parseTemplate } from '../expression/template';
import { Matrix } from '../matrix';

/** A value that a job passes to an input of a called workflow. */
export interface InputValue {
  readonly name: string;
  /** Type that the called workflow declares, if known. */
  readonly type?: string;
  readonly text: string;
  /** Label of the job for messages. */
  readonly label: string;
  /** Description of the value, if it is an expression that always yields text, and the forge refuses text. */
  readonly refused?: string;
}

/**
 * Returns the value of an input in its type. A called workflow accepts no text for a boolean or a number.
 *
 * @jsii ignore
 */
export function typedInput({ name, type, text, label, refused }: InputValue, problems: Problems): unknown {
  if (type !== 'boolean' && type !== 'number') {
    return text;
  }
  if (isExpression(text)) {
    if (refused !== undefined) {
      problems.add({
        code: 'FORGE-WF-039',
        message: `${label} passes ${refused} as ${quoted(name)}, which is a ${type}`,
        allowed: `an expression that yields a ${type}`,
        fix: `declare Input.${type}(…) and pass its value, or convert the text: Expression.fromJson(…)`,
      });
    }
    return text;
  }
  if (type === 'boolean' ? /^(?:true|false)$/.test(text) : isNumber(text)) {
    return JSON.parse(text);
  }
  problems.add({
    code: 'FORGE-WF-039',
    message: `${label} passes ${quoted(text)} as ${quoted(name)}, which is a ${type}`,
    allowed:
      type === 'boolean'
        ? 'true, false, or one expression without text around it'
        : 'a number of at most 15 digits, or one expression without text around it',
    fix: 'pass a value of the type that the called workflow declares',
  });
  return text;
}

/** Returns whether a text is one expression. With text around it, or another one beside it, the value is always text. */
function isExpression(text: string): boolean {
  const parts = parseTemplate(text);
  return parts.length === 1 && typeof parts[0] !== 'string';
}

/** Returns whether a text is a number that a forge keeps: it reads an integer as a floating-point number. */
function isNumber(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && (text.includes('.') || Number.isSafeInteger(Number(text)));
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
