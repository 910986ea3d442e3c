import * as fs from 'node:fs';
import * as path from 'node:path';
import { scriptOf } from '../../lib/recipe/scripts';
import { runBash } from '../support/bash';
import { temporaryFolder } from '../support/workspace';
import { claim, GitOpsRepository, kustomization } from '../cli/diff/repository';

const MAIN = path.join(__dirname, '../../lib/cli/main.ts');
const TSX = path.join(__dirname, '../../node_modules/tsx/dist/loader.mjs');
const DIFF = `node --import ${TSX} ${MAIN} diff "$BASE" --no-synth --markdown --fail-on never`;
const ENTRY = [kustomization('home', 'flux'), kustomization('apps')];

/** A repository whose last commit takes a claim away. */
function pullRequest(): { repository: GitOpsRepository; base: string } {
  const repository = new GitOpsRepository().write({ flux: ENTRY, apps: [claim('data'), claim('logs')] }).commit();
  const base = repository.git('rev-parse', 'HEAD').trim();
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.write({ flux: ENTRY, apps: [claim('logs')] }).commit();
  return { repository, base };
}

function compare(
  repository: GitOpsRepository,
  env: Record<string, string>,
): { status: number | null; stdout: string; comment: string } {
  const output = path.join(temporaryFolder(), 'output');
  fs.writeFileSync(output, '');
  const run = runBash(scriptOf('synth-diff'), {
    cwd: repository.folder,
    env: { DIFF, BASE: '', GITHUB_OUTPUT: output, ...env },
  });
  return { status: run.status, stdout: run.stdout, comment: fs.readFileSync(output, 'utf8') };
}

test('the output is the comparison with the commit that the forge names', () => {
  const { repository, base } = pullRequest();
  const { status, comment } = compare(repository, { BASE: base });
  expect(status).toBe(0);
  const [, end, text] = /^comment<<([0-9a-f]{32})\n([\s\S]*)\n\1\n$/.exec(comment) ?? [];
  expect(end).toBeDefined();
  expect(text).toContain('| **danger** | `PersistentVolumeClaim apps/data` | `flux-system/apps` | is deleted');
});

test('without a name, the base is the first parent of the merge that GitHub checks out', () => {
  const { repository } = pullRequest();
  repository.git('checkout', '--quiet', 'main');
  repository.git('merge', '--quiet', '--no-ff', '--no-edit', 'change');
  expect(compare(repository, {}).comment).toContain('PersistentVolumeClaim apps/data');
});

test.each([
  ['no base', {}, 'does not say where the pull request begins'],
  ['a base that a shallow checkout does not have', { BASE: '1'.repeat(40) }, 'the checkout does not have'],
  ['a base that is an option', { BASE: '--output=x' }, 'the checkout does not have'],
  ['a command that fails', { DIFF: 'exit 3' }, 'failed'],
])('%s is a warning, and there is no comment', (_, env, reason) => {
  const { repository, base } = pullRequest();
  const { status, stdout, comment } = compare(repository, { ...(reason === 'failed' ? { BASE: base } : {}), ...env });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^::warning::no comparison: /m);
  expect(stdout).toContain(reason);
  expect(comment).toBe('');
});

test('code of the pull request sees no file of the runner', () => {
  const { repository, base } = pullRequest();
  const { comment } = compare(repository, {
    BASE: base,
    DIFF: 'printf "x%s\\n" "${GITHUB_OUTPUT:-}${GITHUB_ENV:-}"',
    GITHUB_ENV: '/tmp/env',
  });
  expect(comment.split('\n')[1]).toBe('x');
});
