const PLAIN = /^localhost(:\d+)?$|\.localhost(:\d{1,5})?$|127\.0\.0\.1|^10\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\./;

/**
 * Returns whether go-containerregistry, which most verifiers and scanners use, reads a host over HTTP without being told:
 * loopback, private addresses, and names below `localhost`.
 *
 * @jsii ignore
 */
export function isPlainHost(host: string): boolean {
  return PLAIN.test(host);
}
