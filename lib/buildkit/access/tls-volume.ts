import type { Volume } from 'kubernetes-types/core/v1';
import { TlsKeyNames } from './tls';

/**
 * Returns the key names of TLS parts in a Secret, with cert-manager's as default.
 *
 * @internal
 */
export function keyNames(keys: TlsKeyNames = {}): Required<TlsKeyNames> {
  return { ca: keys.ca ?? 'ca.crt', certificate: keys.certificate ?? 'tls.crt', key: keys.key ?? 'tls.key' };
}

interface TlsVolumeInput {
  readonly name: string;
  readonly secretName: string;
  readonly keys?: TlsKeyNames;
  readonly mode: number;
}

/**
 * Returns a volume with the TLS files under the names that `buildctl --tlsdir` reads.
 *
 * @internal
 */
export function tlsVolume({ name, secretName, keys, mode }: TlsVolumeInput): Volume {
  const { ca, certificate, key } = keyNames(keys);
  return {
    name,
    secret: {
      secretName,
      defaultMode: mode,
      items: [
        { key: ca, path: 'ca.pem' },
        { key: certificate, path: 'cert.pem' },
        { key, path: 'key.pem' },
      ],
    },
  };
}
