export * from './endpoint';
export * from './registry';
