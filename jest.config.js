/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // lib/ is a root so that `jest --findRelatedTests lib/…` finds its tests.
  roots: ['<rootDir>/lib', '<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: { '^cdk8s-forge$': '<rootDir>/lib', '^cdk8s-forge/(.*)$': '<rootDir>/lib/$1' },
  snapshotResolver: '<rootDir>/test/snapshot-resolver.js',
  globalSetup: '<rootDir>/test/global-setup.js',
  setupFiles: ['<rootDir>/test/setup.ts'],
  // By default Jest leaves a core free, which is half of a small machine.
  maxWorkers: '100%',
  testTimeout: 60000,
};
