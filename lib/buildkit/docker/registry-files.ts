import { buildkitRegistries, Registry } from '../../registry';
import { registriesToml } from '../config/toml';

/** Directory that the script replaces by a directory of the job. */
const FOLDER = '/cdk8s-forge-ca';

/**
 * Returns whether a builder that a job configures can use a registry: public TLS, plain HTTP, or a private CA whose
 * certificates the program has read.
 *
 * @internal
 */
export function canConfigure(registry: Registry): boolean {
  return buildkitRegistries([registry], FOLDER).bundles.every(({ pem }) => pem !== undefined);
}

/**
 * Returns the variables that configure a builder for registries: the text of buildkitd.toml, and the certificates that it
 * names. They are empty if all registries have public TLS.
 *
 * @internal
 */
export function registryFiles(registries: readonly Registry[]): Record<string, string> {
  const { registry, bundles } = buildkitRegistries(registries, FOLDER);
  const config = registriesToml({ ...registry });
  return {
    ...(config === '' ? {} : { BUILDER_CONFIG: config }),
    ...(bundles.length === 0 ? {} : { BUILDER_CAS: bundles.map(({ _volumeName }) => _volumeName).join(' ') }),
    ...Object.fromEntries(bundles.map(({ pem = '' }, i) => [`BUILDER_CA_${i}`, pem.trimEnd()])),
  };
}
