export * from './layer';
export * from './once-per-namespace';
export * from './storage';
