export * from './buildctl-build';
export * from './checkout';
