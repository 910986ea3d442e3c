const { execFileSync } = require('node:child_process');

// lib/*/door.ts follow the types of the library. In a working copy they are written anew where a source changed.
module.exports = () =>
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/door.ts', '--if-changed'], {
    cwd: `${__dirname}/..`,
    stdio: 'inherit',
  });
