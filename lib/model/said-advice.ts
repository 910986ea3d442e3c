import { Advice } from '../support';

/**
 * A piece of advice that a construct gives to the operator.
 *
 * @jsii ignore
 */
export interface SaidAdvice extends Advice {
  /** Path of the construct. */
  readonly path: string;
}

/**
 * Returns advice with the path of its construct, which is then not repeated at the beginning of warnings.
 *
 * @jsii ignore
 */
export function placed(advice: Advice, path: string): SaidAdvice {
  const own = `${path}: `;
  const { warnings } = advice;
  const texts = warnings?.map((text) => (text.startsWith(own) ? text.slice(own.length) : text));
  return { ...advice, ...(texts ? { warnings: texts } : {}), path };
}
