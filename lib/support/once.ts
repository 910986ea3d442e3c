/**
 * Returns a function that computes its result at the first call and then remembers it. What a module would compute when it is
 * loaded is computed by the programs that need it.
 *
 * @jsii ignore
 */
export function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}
