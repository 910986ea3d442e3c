import { Duration, Size, SizeRoundingBehavior } from 'cdk8s';
import { Problem } from './forge-error';

/** A class of cdk8s whose conversions throw a plain Error for a fraction of the smallest unit. */
interface Amount {
  readonly unit: string;
  readonly factory: string;
  readonly in: (value: object) => number;
}

const AMOUNTS: Record<string, Amount | undefined> = {
  'cdk8s.Duration': {
    unit: 'milliseconds',
    factory: 'Duration.millis()',
    in: (value) => (value as Duration).toMilliseconds({ integral: false }),
  },
  'cdk8s.Size': {
    unit: 'KiB',
    factory: 'Size.kibibytes()',
    in: (value) => (value as Size).toKibibytes({ rounding: SizeRoundingBehavior.NONE }),
  },
};

/**
 * Returns whether a value of a named type is no Duration or Size, or one that its smallest unit can express: a whole number of
 * milliseconds or KiB.
 *
 * @jsii ignore
 */
export function isExpressible(value: unknown, name: string): boolean {
  const amount = AMOUNTS[name];
  return amount === undefined || Number.isSafeInteger(amount.in(value as object));
}

/**
 * Returns the problem with a Duration or Size that is not expressible.
 *
 * @jsii ignore
 */
export function inexpressible(value: unknown, name: string, { at, call }: { at: string; call: string }): Problem {
  const { unit, factory, in: amountIn } = AMOUNTS[name]!;
  const amount = amountIn(value as object);
  const isTooLarge = Number.isFinite(amount) && amount > Number.MAX_SAFE_INTEGER;
  return {
    code: 'FORGE-ARG-006',
    message: `${at} of ${call} is ${amount} ${unit}`,
    allowed: isTooLarge ? `at most ${Number.MAX_SAFE_INTEGER} ${unit}` : `a whole number of ${unit}`,
    fix: isTooLarge ? `set a smaller ${at}` : `set ${at} with ${factory}`,
  };
}
