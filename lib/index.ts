export * as support from './support';
