import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { programOf } from '../../lib/cli/program';
import { temporaryFolder } from '../support/workspace';
import { fencedBlocks, ROOT } from './snippets';

const BLOCKS = fencedBlocks('docs/move-in.md').filter(({ language }) => language === 'sh');
/** Flags that the commands may have, by program and verb; a flag that is misspelt is not among them. */
const FLAGS: Record<string, string[]> = {
  'kubectl get': ['--namespace', '--output'],
  'kubectl diff': ['--server-side', '--force-conflicts', '--recursive', '--filename'],
  'kubectl delete': ['--namespace'],
  'git diff': ['--stat'],
  'npm install': [],
  'npx cdk8s-forge': ['--only'],
};

/** Runs a block in bash, with programs that write down how they are called. */
function callsOf(script: string): { calls: string[][]; files: string[] } {
  const folder = temporaryFolder();
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  for (const program of ['kubectl', 'git', 'npm', 'npx']) {
    const text = `#!/bin/sh\n{ printf '%s\\t' ${program} "$@"; echo; } >> "${folder}/calls"\n`;
    fs.writeFileSync(path.join(bin, program), text, { mode: 0o755 });
  }
  const work = path.join(folder, 'work');
  fs.mkdirSync(work);
  const options = { cwd: work, env: { PATH: `${bin}:${process.env.PATH}`, PS1: '' }, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-euo', 'pipefail', '-c', script], options);
  expect([status, stderr]).toEqual([0, '']);
  const lines = fs.readFileSync(path.join(folder, 'calls'), 'utf8').trimEnd().split('\n');
  return { calls: lines.map((line) => line.split('\t').filter((word) => word !== '')), files: fs.readdirSync(work) };
}

test('the page of moving in has commands', () => {
  expect(BLOCKS.length).toBeGreaterThan(2);
});

test.each(BLOCKS.map(({ origin, code }) => [origin, code]))(
  'the commands at %s run, and name what is there',
  (_, code) => {
    const { calls, files } = callsOf(code);
    const verbs = programOf().commands.map((command) => command.name());
    for (const [program, ...words] of calls) {
      const verb = words.find((word, i) => !word.startsWith('--') && words[i - 1] !== '--namespace')!;
      const known = FLAGS[`${program} ${verb}`];
      expect([program, verb, known === undefined]).toEqual([program, verb, false]);
      expect(words.filter((word) => word.startsWith('--') && !known.includes(word))).toEqual([]);
      if (program === 'npx') {
        expect(verbs).toContain(words[1]);
      }
      const directory = words[words.indexOf('--filename') + 1];
      expect(!words.includes('--filename') || fs.existsSync(path.join(ROOT, directory))).toBe(true);
    }
    const kustomization = calls.flat()[calls.flat().indexOf('kustomization') + 1];
    expect(kustomization === 'home' || !code.includes(' kustomization ')).toBe(true);
    expect(files).toEqual([...code.matchAll(/> (\w+\.yaml)/g)].map(([, file]) => file));
  },
);
