export * from './buildctl-build';
export * from './checkout';
export * from './pre-pull';
export * from './ref';
export * from './synth';
