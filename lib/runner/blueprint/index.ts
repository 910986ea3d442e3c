export * from './blueprint';
export * from './container';
export * from './volume';
