export * from './canonical-yaml';
export * from './image-lock';
export * from './managed-value';
export { ManagedScalar } from './marker';
export * from './output-directory';
export * from './output-file';
export * from './write-file';
