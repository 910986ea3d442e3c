const path = require('node:path');

// Golden output lives in the root __snapshots__/ folder, mirrored after the tests, so that a review finds it in one place.
const root = path.join(__dirname, '..');
const folder = path.join(root, '__snapshots__');

module.exports = {
  resolveSnapshotPath: (testPath, extension) => path.join(folder, path.relative(root, testPath)) + extension,
  resolveTestPath: (snapshotPath, extension) =>
    path.join(root, path.relative(folder, snapshotPath)).slice(0, -extension.length),
  testPathForConsistencyCheck: path.join(root, 'test', 'some', 'example.test.ts'),
};
