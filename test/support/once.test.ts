import { once } from '../../lib/support';

describe('once', () => {
  test('computes at the first call, and never again', () => {
    const compute = jest.fn(() => undefined);
    const value = once(compute);
    expect(compute).not.toHaveBeenCalled();
    expect([value(), value()]).toEqual([undefined, undefined]);
    expect(compute).toHaveBeenCalledTimes(1);
  });
});
