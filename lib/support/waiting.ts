/** Number of calls in progress whose caller waits for a ForgeError. */
let callers = 0;

/**
 * Runs code whose caller waits for a ForgeError: nothing in it is collected.
 *
 * @jsii ignore
 */
export function throwing<T>(run: () => T): T {
  callers++;
  try {
    return run();
  } finally {
    callers--;
  }
}

/**
 * Returns whether a caller waits for the ForgeError of what runs now.
 *
 * @jsii ignore
 */
export function isAwaited(): boolean {
  return callers > 0;
}
