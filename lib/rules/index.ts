export * from './check';
export * from './versions';
