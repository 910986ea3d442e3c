import { Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Model } from '../../lib/model';
import { advise, reportOf } from '../../lib/support';

const printed = (fix: string, command?: string) =>
  reportOf([{ code: 'FORGE-TRUST-001', message: 'm', fix, command }], { json: false, width: 40, directory: '/' });

test('a command is on one line, between backticks or as the command of the problem', () => {
  const command = "openssl x509 -in ca.der -inform der -out 'my ca.crt'";
  const words = 'then commit the file to the repository of the platform';
  expect(printed(`run \`${command}\`, ${words}`)).toContain(`\n    \`${command}\`,\n`);
  expect(printed(`run ${command}, ${words}`, command)).toContain(`\n    ${command},\n`);
  // Without them, a line has the width of the terminal.
  const lines = printed(words)
    .split('\n')
    .filter((line) => !line.includes('see: '));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
  expect(printed(`it's a \` alone, ${words}`).replace(/\s+/g, ' ')).toContain(`it's a \` alone, ${words}`);
});

test('a warning names its construct once', () => {
  const app = new GitOpsApp();
  const chart = new Chart(app, 'apps');
  advise(chart, () => ({ warnings: ['apps: too small', 'apps/web: too large', 'slow'] }));
  expect(Model.outline(app).advice.flatMap(({ path, warnings }) => [path, warnings])).toEqual([
    'apps',
    ['too small', 'apps/web: too large', 'slow'],
  ]);
});
