export * from './dialect';
export * from './forge';
export * from './repository';
