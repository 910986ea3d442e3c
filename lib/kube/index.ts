export * from './layer';
export * from './storage';
