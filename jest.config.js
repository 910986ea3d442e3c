/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: { '^cdk8s-forge$': '<rootDir>/lib', '^cdk8s-forge/(.*)$': '<rootDir>/lib/$1' },
  snapshotResolver: '<rootDir>/test/snapshot-resolver.js',
  setupFiles: ['<rootDir>/test/setup.ts'],
  testTimeout: 60000,
};
