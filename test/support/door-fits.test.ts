import { Lazy } from 'cdk8s';
import fc from 'fast-check';
import { fits, valueProblems } from '../../lib/support/door-check';
import { readDoor } from '../../lib/support/door-table';
import { readShape } from '../../lib/support/shape';

// Whether a value fits is decided twice: fast, without texts, and again where it does not, for the texts. Both agree.

class Box {
  open(): void {}
}

const API = `
enum Kind: "a"|"b"
class Box: open
class IOpens: open
struct Base
Base.name: string
Base.size?: number
struct Props: : Base
Props.kind?: Kind
Props.box: Box|string
Props.inner?: Base
Props.all?: (Base|Kind)[]
struct BuildActionProps
BuildActionProps.push?: boolean
BuildActionProps.pushIf?: string
`.trim();

const TYPES = [
  ...['any', 'string', 'number', 'boolean', 'function', 'object', '"a"', 'Kind', 'Box', 'IOpens', 'Base', 'Props'],
  ...['BuildActionProps', 'Base[]', 'Kind[][]', 'Record<number>', 'Record<Props>', 'Box|Kind', '(Base|number)[]'],
];
const scalar = fc.oneof(
  fc.constantFrom(undefined, null, '', 'a', 'b', 'name', '${{ inputs.push }}', 1, NaN, true, Symbol('x')),
  fc.constantFrom(
    () => 1,
    new Box(),
    { open: () => 1 },
    { open: undefined },
    new Map(),
    Lazy.any({ produce: () => 1 }),
  ),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.record(
      {
        name: fc.oneof({ weight: 3, arbitrary: fc.constant('x') }, tie('value')),
        size: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, tie('value')),
        kind: fc.constantFrom('a', 'b', 'c', undefined),
        box: fc.oneof({ weight: 3, arbitrary: fc.constant('x') }, tie('value')),
        inner: tie('value'),
        all: tie('value'),
        push: fc.constantFrom(true, '${{ inputs.push }}', 'yes'),
        other: tie('value'),
      },
      { requiredKeys: [] },
    ),
  ),
}));

test('a value fits if nothing is wrong with it, and only then', () => {
  readDoor('doorfits', { Box }, API);
  let fitting = 0;
  let runs = 0;
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), value, fc.boolean(), (type, any, open) => {
      const shape = readShape(type, 'doorfits');
      const isFit = fits(any, shape, open);
      runs += 1;
      fitting += isFit ? 1 : 0;
      expect(isFit).toBe(valueProblems(any, shape, { at: 'x', call: 'f()', open }).length === 0);
    }),
    { numRuns: 5000 },
  );
  // Both kinds of values are many.
  expect(fitting).toBeGreaterThan(runs / 10);
  expect(runs - fitting).toBeGreaterThan(runs / 10);
});
