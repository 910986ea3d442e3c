import { Duration } from 'cdk8s';
import { stringify } from 'yaml';
import { servingHost } from '../access/docker-hub';
import { Endpoint } from '../endpoint';
import { RegistryMirrorProps } from './props';

/** Directory of the images. */
export const DATA = '/var/lib/registry';

/** Directory of the configuration. */
export const CONFIG = '/etc/mirror';

/** Port of the mirror. */
export const PORT = 5000;

/**
 * Returns the configuration of distribution as a pull-through cache.
 *
 * The login comes from a command, also if there is none: without `exec`, distribution asks the registry at its start, and
 * does not start while the registry cannot be reached.
 *
 * @see https://distribution.github.io/distribution/about/configuration/#proxy
 */
export function mirrorConfig({ of, expireAfter, seed = [] }: RegistryMirrorProps & { readonly of: Endpoint }): string {
  const ttl = expireAfter ?? (seed.length > 0 ? Duration.seconds(0) : Duration.days(7));
  const seconds = ttl.toSeconds({ integral: false });
  const expires = seconds > 0;
  return stringify(
    {
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: DATA },
        // What expires could not be deleted otherwise. Without it, no client can delete a tag.
        ...(expires ? { delete: { enabled: true } } : {}),
      },
      http: { addr: `:${PORT}` },
      health: { storagedriver: { enabled: true } },
      proxy: {
        remoteurl: `${of.scheme}://${servingHost(of.host)}`,
        ttl: `${seconds}s`,
        exec: { command: `${CONFIG}/credentials.sh`, lifetime: '1m' },
      },
    },
    { lineWidth: 0 },
  );
}
