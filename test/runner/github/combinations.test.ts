import fc from 'fast-check';
import { GitHubRunner } from '../../../lib/runner';
import { ForgeError } from '../../../lib/support';
import { chart, env } from '../fixture';
import { gitHubCombinations } from './combinations';
import { renderGitHub } from './fixture';
import { checkVolumes } from '../volumes';
import { seedOf } from '../../support/seed';

test('every combination for GitHub is objects that fit together, or a ForgeError with code and fix', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(gitHubCombinations, (props) => {
      let made: GitHubRunner;
      try {
        made = new GitHubRunner(chart(), 'pool', props);
      } catch (e) {
        expect(e).toBeInstanceOf(ForgeError);
        (e as ForgeError).problems.forEach(({ code, fix, path }) =>
          expect([code, fix, path]).toEqual([
            expect.stringMatching(/^FORGE-[A-Z]+-\d{3}$/),
            expect.stringMatching(/./),
            'ci/pool',
          ]),
        );
        return;
      }
      const kind = `${made.executor.name}, ${made.scope.kind}, ${props.registration.kind}`;
      seen[kind] = (seen[kind] ?? 0) + 1;
      checkMade(made);
    }),
    { numRuns: 1500, seed: seedOf(20261121) },
  );
  expect(Object.keys(seen)).toHaveLength(8);
  Object.values(seen).forEach((count) => expect(count).toBeGreaterThan(20));
});

function checkMade(made: GitHubRunner): void {
  const { pod, container, trigger, files, scaled } = renderGitHub(made);
  checkVolumes(pod, []);
  for (const each of [...pod.initContainers!, ...pod.containers]) {
    const names = (each.env ?? []).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // Every script that is run is there, and all that is run is pinned.
    (each.command ?? [])
      .filter((word) => word.startsWith('/etc/cdk8s-forge/'))
      .forEach((word) => expect(files).toHaveProperty([word.slice('/etc/cdk8s-forge/'.length)]));
    expect(each.image).toMatch(/:\d[^:]*$/);
  }
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(env(container('runner')).SHUTDOWN_SECONDS));
  const labels: string[] = JSON.parse(env(container('register')).RUNNER_LABELS!);
  expect(trigger.metadata.labels.split(',')).toEqual(labels);
  Object.values(trigger.metadata).forEach((value) => expect(typeof value).toBe('string'));
  // KEDA is an App if and only if it gets an App's key.
  expect(trigger.metadata.applicationID !== undefined).toBe(renderGitHub(made).authentication.parameter === 'appKey');
  expect(scaled.maxReplicaCount).toBeGreaterThan(0);
}
