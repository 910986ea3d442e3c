export * from './buildctl-build';
export * from './checkout';
export * from './synth';
