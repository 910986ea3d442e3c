export * from './ca-bundle';
export * from './certificates';
export * from './trust';
import './door';
