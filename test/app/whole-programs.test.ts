import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { readTree, temporaryFolder } from '../support/workspace';
import { Output, unordered } from './programs/invariants';
import { anyProgram, isRefusedForLayers, ProgramPlan, write } from './programs/program';

const RUNS = Number(process.env.FORGE_PROGRAMS ?? 12);

const PROGRAM: ProgramPlan = {
  clusters: 2,
  images: 2,
  builderNamespace: 'build',
  runnerNamespace: 'run',
  tls: false,
  pool: false,
  egress: 'internet',
  fetched: true,
  charts: [
    {
      cluster: 1,
      namespace: 'web',
      managed: true,
      workloads: [
        { kind: 'Deployment', image: 0, account: 'own', init: true },
        { kind: 'CronJob', image: 1, account: 'default', init: false },
      ],
    },
    { cluster: 0, namespace: 'build', managed: true, workloads: [] },
    {
      cluster: 0,
      namespace: 'build',
      managed: false,
      workloads: [{ kind: 'Pod', image: 0, account: 'plus', init: false }],
    },
    {
      cluster: 0,
      namespace: 'apps',
      managed: false,
      workloads: [{ kind: 'plus', image: 0, account: 'plus', init: false }],
    },
  ],
};

test('any program: pods can pull, markers have policies, Secrets are known, ports are open, nothing waits for a later layer', () => {
  let refused = 0;
  fc.assert(
    fc.property(anyProgram, (plan) => {
      const folder = temporaryFolder();
      write(folder, plan);
      const isRefused = isRefusedForLayers(plan);
      const { broken } = new Output(folder);
      const [late, others] = [true, false].map((is) =>
        broken.filter((text) => text.includes('of the later layer') === is),
      );
      expect([isRefused, others]).toEqual([late.length > 0, []]);
      refused += Number(isRefused);
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeLessThan(RUNS / 2);
}, 60_000);

test('any program: a second synth changes nothing, and no order of creation matters', () => {
  fc.assert(
    fc.property(anyProgram, (plan) => {
      const [folder, other] = [temporaryFolder(), temporaryFolder()];
      write(folder, plan);
      const first = readTree(folder);
      write(folder, plan);
      expect(readTree(folder)).toEqual(first);
      write(other, plan, true);
      expect(unordered(readTree(other))).toEqual(unordered(first));
    }),
    { numRuns: Math.ceil(RUNS / 2) },
  );
}, 60_000);

describe('the check itself sees', () => {
  /** What the check says of the program after a change of its output. */
  function after(change: (text: string, file: string) => string): string {
    const folder = temporaryFolder();
    write(folder, PROGRAM);
    const dist = path.join(folder, 'dist');
    const files = Object.entries(readTree(dist));
    files.forEach(([file, text]) => fs.writeFileSync(path.join(dist, file), change(text, file)));
    return new Output(folder).broken.join('\n');
  }

  test('nothing in the program as it is', () => {
    expect(after((text) => text)).toBe('');
  });

  test.each<[string, (text: string, file: string) => string, string]>([
    ['a pod that cannot pull', (text) => text.replace(/imagePullSecrets:\n- name: \S+\n/g, ''), 'cannot pull as'],
    [
      'a marker of another cluster',
      (text, file) => (file.includes('/flux/') ? text : text.replace(/image-0-cluster-1/g, 'image-0')),
      'has no policy for',
    ],
    [
      'a Secret that nobody names',
      (text) => text.replace(/"name":"runner-token"/, '"name":"another"'),
      'which nothing names',
    ],
    [
      'a builder that does not admit',
      (text) => text.replace(/app.kubernetes.io\/name: gitea-runner\n {4}ports/, 'app: x\n    ports'),
      'is not admitted at',
    ],
    [
      'a runner that may not leave',
      (text) => text.replace(/kubernetes.io\/metadata.name: build\b/g, 'kubernetes.io/metadata.name: other'),
      'may not go to',
    ],
    [
      'a layer that does not wait',
      (text, file) =>
        file.endsWith('layers.k8s.yaml') ? text.replace(/dependsOn:\n( {2}- name: \S+\n)+ {2}/g, '') : text,
      'of the later layer',
    ],
  ])('%s', (_, change, words) => {
    expect(after(change)).toContain(words);
  });
});
