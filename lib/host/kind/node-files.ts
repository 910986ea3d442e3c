import { Construct } from 'constructs';
import { NodeConfig, Registry } from '../../registry';
import { CaBundle } from '../../trust';
import { HostFiles } from '../host-files';

/** Directory of the files of containerd, on the machine and on the nodes. */
export const CERTS = 'certs.d';

/** Directory of the CAs of the nodes' system. */
export const SYSTEM = 'authorities';

/** The files of the nodes, as far as there are any. */
export interface NodeFiles {
  readonly hasHosts: boolean;
  readonly hasAuthorities: boolean;
}

/**
 * Writes the files that nodes read: those of containerd, and the CAs of their system.
 *
 * @throws FORGE-TRUST-011 for a CA bundle in the cluster
 */
export function addNodeFiles(construct: Construct, files: HostFiles, registries: readonly Registry[]): NodeFiles {
  const config = new NodeConfig([...registries]);
  // A bundle of the cluster is an error outside of it.
  bundlesOf(registries).forEach((bundle) => bundle._volume(construct));
  const certificates = Object.entries(config.certificates);
  const hosts = Object.entries(config.hostsToml);
  for (const [file, text] of hosts) {
    const host = file.slice(0, -'/hosts.toml'.length);
    files.add(`${CERTS}/${directoryOf(host)}/hosts.toml`, inDirectories(text, certificates));
  }
  certificates.forEach(([host, pem]) => files.add(`${CERTS}/${directoryOf(host)}/ca.crt`, pem));
  const ofSystem = bundlesOf(registries).filter(({ name }) => config.systemAuthorities.includes(name));
  ofSystem.forEach(({ name, pem }) => files.add(`${SYSTEM}/${name}.crt`, pem!));
  return { hasHosts: hosts.length + certificates.length > 0, hasAuthorities: ofSystem.length > 0 };
}

function bundlesOf(registries: readonly Registry[]): CaBundle[] {
  const endpoints = registries.flatMap((registry) => [
    registry.pull,
    ...registry.pull.mirrors,
    registry._tokenRealm(registry.pull),
  ]);
  return [...new Set(endpoints.flatMap(({ trust }) => (trust.caBundle ? [trust.caBundle] : [])))];
}

/** Returns the directory of a host. containerd looks for this form first; a colon cannot be in a path of every system. */
function directoryOf(host: string): string {
  return host.replace(/:(\d+)$/, '_$1_');
}

function inDirectories(text: string, certificates: readonly [string, string][]): string {
  return certificates.reduce(
    (all, [host]) => all.split(`${CERTS}/${host}/`).join(`${CERTS}/${directoryOf(host)}/`),
    text,
  );
}
