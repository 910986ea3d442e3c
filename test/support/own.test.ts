import { ownOf } from '../../lib/support';

test.each(['constructor', 'toString', '__proto__', 'x'])('a record has %s only if it was set', (key) => {
  expect([ownOf({}, key), ownOf(undefined, key), ownOf(Object.fromEntries([[key, 1]]), key)]).toEqual([
    undefined,
    undefined,
    1,
  ]);
});
