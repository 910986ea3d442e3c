export * from './canonical-yaml';
export * from './image-lock';
export * from './locked-image';
export * from './managed-value';
export * from './output-directory';
export * from './output-file';
export * from './root-file';
export * from './write-file';
export { ManagedScalar } from './marker';
