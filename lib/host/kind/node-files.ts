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
  hosts.forEach(([file, text]) => files.add(`${CERTS}/${file}`, text));
  certificates.forEach(([host, pem]) => files.add(config.certificateFiles[host].replace('/etc/containerd/', ''), pem));
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
