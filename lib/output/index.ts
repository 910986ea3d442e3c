export * from './canonical-yaml';
export { ManagedScalar } from './marker';
