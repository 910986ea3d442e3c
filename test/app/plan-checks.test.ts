import * as fs from 'node:fs';
import * as path from 'node:path';
import { EXAMPLES } from '../support/examples';

interface PlannedCheck {
  readonly about: string;
  readonly title: string;
  readonly run?: string[];
  readonly expect?: { readonly exitCode?: number; readonly stdoutMatches?: string };
}

const ROOT = path.join(__dirname, '../..');
const folders = ['.', ...EXAMPLES];
const plans = folders
  .map((folder) => path.join(ROOT, folder, 'dist/.cdk8s-forge.json'))
  .filter((file) => fs.existsSync(file));
const checks = plans.flatMap(
  (file) => (JSON.parse(fs.readFileSync(file, 'utf8')) as { checks: PlannedCheck[] }).checks,
);

function expectationOf(title: string, about = /./): RegExp {
  const [found] = checks.filter(
    (check) => check.title === title && about.test(check.about) && check.expect?.stdoutMatches,
  );
  return new RegExp(found.expect!.stdoutMatches!);
}

test('every check with commands says what a program must see, and no command reads a terminal', () => {
  const withCommands = checks.filter(({ run }) => run !== undefined);
  expect(withCommands.length).toBeGreaterThan(60);
  for (const { title, run, expect: expected } of withCommands) {
    expect([title, expected?.exitCode]).toEqual([title, 0]);
    expect(() => new RegExp(expected!.stdoutMatches ?? '')).not.toThrow();
    expect(run!.join('\n')).not.toMatch(/--watch|--follow|exec -it/);
  }
});

test('a runner is online only if its own entry in the answer of the API says so', () => {
  const isOnline = expectationOf('The runner is online', /`runner`/);
  const entry = (name: string, status: string) =>
    `{"id":1,"name":"${name}","status":"${status}","busy":false,"labels":[{"id":0,"name":"runner","type":"custom"}]}`;
  const answer = (...entries: string[]) => `{"runners":[${entries.join(',')}],"total_count":${entries.length}}`;
  expect(answer(entry('other-0', 'offline'), entry('runner-0', 'online'))).toMatch(isOnline);
  expect(answer(entry('other-0', 'online'), entry('runner-0', 'offline'))).not.toMatch(isOnline);
  expect(answer(entry('runner-0', 'offline'), entry('other-0', 'online'))).not.toMatch(isOnline);
  expect(answer(entry('other-0', 'online'))).not.toMatch(isOnline);
});

test('runs are green if the newest that has ended is successful', () => {
  const isGreen = expectationOf('The newest runs of `platform/hello` succeed');
  const answer = (...conclusions: string[]) =>
    `{"workflow_runs":[${conclusions.map((text) => `{"status":"x","conclusion":"${text}"}`).join(',')}]}`;
  expect(answer('success')).toMatch(isGreen);
  expect(answer('', 'success', 'failure')).toMatch(isGreen);
  expect(answer('failure', 'success')).not.toMatch(isGreen);
  expect(answer('cancelled')).not.toMatch(isGreen);
  expect(answer()).not.toMatch(isGreen);
});

test('a registry answers with the status that it prints', () => {
  const answers = expectationOf('`git.example.com` answers');
  expect('401\n').toMatch(answers);
  expect('000\n').not.toMatch(answers);
  expect('502\n').not.toMatch(answers);
});
