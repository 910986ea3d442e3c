import { IConstruct } from 'constructs';
import { TokenAccess } from '../../forge';
import { dockerConfigKey } from '../../secret';
import { CaBundle } from '../../trust';
import { ForgeError, quoted } from '../../support';
import { refuseShortNames } from '../access/short-name';
import { caBundlesOf, distinct } from './host-settings';
import { Registry } from '../registry';
import { RegistryRole } from '../access/token-realm';
import { Zone } from '../access/zone';

/**
 * A set of fields that Flux's ImageRepository and OCIRepository need for a registry, in addition to the name.
 *
 * @jsii ignore
 */
export interface FluxRegistryAccess {
  /** Whether to use plain HTTP; omitted for TLS. */
  readonly insecure?: boolean;
  /** Reference to the Secret with `ca.crt`, for a private CA. */
  readonly certSecretRef?: { readonly name: string };
  /** Reference to the Secret with the credentials. */
  readonly secretRef?: { readonly name: string };
}

/**
 * Returns the fields that Flux needs to scan a registry. The required objects are emitted into the construct's
 * namespace, and requirements are noted at the construct.
 *
 * @throws FORGE-REG-006, 008 if Flux's pods cannot reach the scan endpoint or its token; FORGE-TRUST-006 if Flux cannot read the CA;
 * FORGE-REG-011 if credentials and CA are one Secret; FORGE-REG-015 if Flux would have to trust two
 *
 * @jsii ignore
 */
export function fluxRegistryAccess(construct: IConstruct, registry: Registry): FluxRegistryAccess {
  registry.assertAccess(construct, RegistryRole.SCAN, Zone.POD);
  const { scan, credentials } = registry;
  refuseShortNames(construct, [scan.host, registry._tokenRealm(scan).host]);
  const secret = credentials?.provide(construct, {
    purpose: `Flux scans ${scan.host} for new tags`,
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    tokenScope: registry._tokenScope(TokenAccess.READ),
    ...(registry.forge ? { forgeUrl: registry.forge.url } : {}),
    registryHosts: [dockerConfigKey(scan.host)],
  });
  const certificates = authorityOf(construct, registry)?._certSecret(construct);
  if (secret !== undefined && secret === certificates) {
    throw ForgeError.at(construct, {
      code: 'FORGE-REG-011',
      message: `credentials and CA of ${quoted(scan.host)} are one Secret, ${quoted(secret)}`,
      fix: 'keep them in two Secrets: the image-reflector-controller does not take both from one',
    });
  }
  return {
    ...(scan.isPlainHttp ? { insecure: true } : {}),
    ...(certificates === undefined ? {} : { certSecretRef: { name: certificates } }),
    ...(secret === undefined ? {} : { secretRef: { name: secret } }),
  };
}

/** Returns the only CA that Flux is configured with: the CA of the endpoint, or of its token server. */
function authorityOf(construct: IConstruct, registry: Registry): CaBundle | undefined {
  const realm = registry._tokenRealm(registry.scan);
  const [first, second] = caBundlesOf(distinct([registry.scan, realm]));
  if (second === undefined) {
    return first;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-REG-015',
    message: `Flux would have to trust two authorities: of ${quoted(registry.scan.host)} and, for its token, of ${quoted(realm.host)}`,
    fix: 'put both into one bundle: CaBundle.fromFile takes several certificates in a file',
    symptom: 'x509: certificate signed by unknown authority',
  });
}
