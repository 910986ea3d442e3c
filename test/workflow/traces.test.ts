import { spawnSync } from 'node:child_process';
import { traces } from '../../lib/workflow/script';

/** Whether bash prints the value of a variable when it runs the script. `build.sh` and `sh` are programs that print nothing. */
function prints(script: string): boolean {
  const programs = 'build.sh() { :; }\n';
  const { stderr, status } = spawnSync('bash', ['-c', `${programs}${script}`], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stderr.includes('the value');
}

const USE = 'v="the value"; : "$v"';

test.each([
  `set -x\n${USE}`,
  `set -eux\n${USE}`,
  `set -euxo pipefail\n${USE}`,
  `set -euo pipefail -x\n${USE}`,
  `set -o pipefail -o xtrace\n${USE}`,
  `set -e +f -x\n${USE}`,
  `true && set -x; ${USE}`,
  `if true; then set -x; fi; ${USE}`,
  `if false; then true; else set -x; fi; ${USE}`,
  `{ set -x; ${USE}; }`,
  `bash -x -c '${USE}'`,
  `bash -exc '${USE}'`,
  `/bin/bash -o xtrace -c '${USE}'`,
  `bash -eo pipefail -x -c '${USE}'`,
])('prints its commands: %j', (script) => {
  expect([traces(script), prints(script)]).toEqual([true, true]);
});

test.each([
  `set -eu\n${USE}`,
  `set +x\n${USE}`,
  `set +o xtrace\n${USE}`,
  `set -- -x\n${USE}`,
  `set -o pipefail\n${USE}`,
  `# set -x\n${USE}`,
  `echo set -x; ${USE}`,
  `build.sh -x; ${USE}`,
  `bash -c '${USE}' -x`,
  `bash -ec '${USE}'`,
  `bash -o pipefail -c '${USE}'`,
  `test -x /bin/sh; ${USE}`,
])('prints no commands: %j', (script) => {
  expect([traces(script), prints(script)]).toEqual([false, false]);
});
