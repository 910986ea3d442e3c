export { authorityCheck, CA_FILE, certificateFileFaults, serverNameFaults } from './authority';
export * from './ca-bundle';
export { certManagerAuthority, certManagerCertificate, IssuerRef } from './cert-manager';
export * from './certificates';
export * from './cluster-ca';
export * from './signer';
export * from './trust';
import './door';
