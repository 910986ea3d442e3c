/** Number of texts whose results are kept. */
const KEPT = 2000;

/**
 * Returns a function that computes its result once for equal texts. The scripts and expressions of a platform are the same
 * texts, thousands of times. Nothing is kept of a text for which the function throws.
 *
 * @param compute a pure function; callers share its result and must not change it
 *
 * @jsii ignore
 */
export function perText<T>(compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, { readonly result: T }>();
  return (text) => {
    const known = results.get(text);
    if (known) {
      return known.result;
    }
    const result = compute(text);
    if (results.size >= KEPT) {
      results.clear();
    }
    results.set(text, { result });
    return result;
  };
}
