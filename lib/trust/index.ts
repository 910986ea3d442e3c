export * from './ca-bundle';
export * from './certificates';
export * from './cluster-ca';
export * from './signer';
export * from './trust';
import './door';
