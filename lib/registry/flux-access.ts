import { IConstruct } from 'constructs';
import { CaBundle } from '../trust';
import { ForgeError, quoted } from '../support';
import { caBundlesOf, distinct } from './host-settings';
import { Registry } from './registry';
import { RegistryRole } from './token-realm';
import { Zone } from './zone';

/**
 * What Flux's ImageRepository and OCIRepository say about a registry, besides the name.
 *
 * @jsii ignore
 */
export interface FluxRegistryAccess {
  /** Plain HTTP; left out for TLS. */
  readonly insecure?: boolean;
  /** The Secret with `ca.crt`, for a private authority. */
  readonly certSecretRef?: { readonly name: string };
  /** The Secret with the credentials. */
  readonly secretRef?: { readonly name: string };
}

/**
 * How Flux reaches a registry to scan it; what is needed for that is emitted into the construct's namespace and noted there.
 *
 * @throws FORGE-REG-006, 008 if Flux's pods cannot reach the scan endpoint or its token; FORGE-TRUST-006 if Flux cannot read the CA;
 * FORGE-REG-011 if credentials and CA are one Secret; FORGE-REG-015 if Flux would have to trust two
 *
 * @jsii ignore
 */
export function fluxRegistryAccess(construct: IConstruct, registry: Registry): FluxRegistryAccess {
  registry.checkAccess(construct, RegistryRole.SCAN, Zone.POD);
  const { scan, credentials } = registry;
  const secret = credentials?.provide(construct, {
    purpose: `Flux scans ${scan.host} for new tags`,
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    tokenScope: 'read:package',
    registryHosts: [scan.host],
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

/** The one authority that Flux is told: of the endpoint, or of where that sends it for a token. */
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
