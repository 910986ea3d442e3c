export * from './buildkitd';
