import { isIP, isIPv6 } from 'node:net';
import { ForgeError, quoted } from '../support';

/**
 * Returns a network in CIDR notation, without host bits. A plain address becomes a network with one address.
 *
 * @param name the name of the property, for the message
 * @throws FORGE-KUBE-010 if the value is not an address or a network
 *
 * @jsii ignore
 */
export function network(value: string, name: string): string {
  const [address, length, ...rest] = String(value).split('/');
  const bits = isIPv6(address) ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  const isPrefix = length === undefined || /^(0|[1-9][0-9]{0,2})$/.test(length);
  if (
    isIP(address) === 0 ||
    address.includes('%') ||
    !isPrefix ||
    prefix > bits ||
    rest.length > 0 ||
    isMapped(address)
  ) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-010',
      message: `${name} has ${quoted(value)}, which is not an IP network`,
      allowed: 'an IPv4 or IPv6 address, or a network in CIDR notation',
      fix: `set ${name} to values such as '192.168.1.10' or '10.20.0.0/16'`,
      symptom: 'NetworkPolicy is invalid: spec.egress: not a valid CIDR',
    });
  }
  return `${masked(address, prefix)}/${prefix}`;
}

/** Returns whether the address is an IPv4 address in IPv6 notation, which Kubernetes rejects. */
function isMapped(address: string): boolean {
  return isIPv6(address) && new URL(`http://[${address}]`).hostname.startsWith('[::ffff:');
}

function masked(address: string, prefix: number): string {
  return isIPv6(address) ? masked6(address, prefix) : masked4(address, prefix);
}

function masked4(address: string, prefix: number): string {
  const bytes = address.split('.').map(Number);
  return bytes.map((byte, i) => byte & mask(prefix - 8 * i, 8)).join('.');
}

function masked6(address: string, prefix: number): string {
  const words = groups(address).map((word, i) => word & mask(prefix - 16 * i, 16));
  const text = words.map((word) => word.toString(16)).join(':');
  // The URL parser writes the canonical short form.
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** Returns the mask of one group of `width` bits, `length` of which belong to the network. */
function mask(length: number, width: number): number {
  const kept = Math.min(Math.max(length, 0), width);
  return (2 ** width - 1) ^ (2 ** (width - kept) - 1);
}

/** Returns the eight groups of an IPv6 address. */
function groups(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - head.length - (tail?.length ?? 0) }, () => '0');
  return [...head, ...(tail === undefined ? [] : [...zeros, ...tail])].map((word) => parseInt(word, 16));
}
