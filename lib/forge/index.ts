export * from './forge';
export * from './repository';
