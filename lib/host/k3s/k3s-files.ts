import { NodeSetup } from '../node/node-setup';

/** Directory of the certificates of registries, on the machine. */
export const CERTS = 'certs';

/** Directory of the certificates of registries, on a node. */
export const NODE_CERTS = '/etc/rancher/k3s/certs';

/** Returns the files of the certificates that `registries.yaml` names. */
export function certificateFiles({ config, certificates }: NodeSetup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(certificates).map(([host, pem]) => [
      config.k3sCertificateFiles[host].replace(NODE_CERTS, CERTS),
      pem,
    ]),
  );
}
