import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../../support';

const OPT_OUT = 'kustomize.toolkit.fluxcd.io/substitute';

/** Returns the error for a SOPS file in a cluster without a decryption key. */
export function withoutKey(construct: IConstruct, secretName: string, cluster: string): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-FLUX-023',
    message: `the Secret ${quoted(secretName)} is encrypted with SOPS, and cluster ${quoted(cluster)} has no key`,
    fix: "set the age key: new Cluster(app, …, { decryption: SecretSource.existing('sops-age') })",
    symptom: 'Secret is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
  });
}

/** Returns the error for a SOPS file whose decrypted values Flux would change. */
export function substituted(construct: IConstruct, secretName: string): ForgeError {
  return ForgeError.at(construct, {
    code: 'FORGE-FLUX-045',
    message: `the Secret ${quoted(secretName)} is encrypted with SOPS, and its cluster substitutes variables: Flux decrypts the Secret first and substitutes then`,
    allowed: `a file whose metadata has the annotation ${OPT_OUT}: disabled in clear text`,
    fix: `add the annotation ${OPT_OUT}: disabled with \`sops edit\`, which also renews the checksum of the file`,
    symptom: 'no error: `$$` becomes `$` and `${NAME}` disappears from the value',
  });
}
