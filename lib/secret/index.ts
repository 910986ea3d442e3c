export * from './secret-source';
