import { App, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { Forge } from '../../lib/forge';
import { PodSecurity } from '../../lib/kube';
import {
  Executor,
  GitHubRunner,
  Registration,
  RegistrationTokenJob,
  Runner,
  RunnerScope,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { ForgeError } from '../../lib/support';
import { combinations } from '../../test/runner/combinations';
import { gitHubCombinations } from '../../test/runner/github/combinations';
import { levelsOf, PodCase } from './pod-case';
import { seedOf } from '../../test/support/seed';

/** Runners of every kind: the level that each asks its namespace for is the one that it needs, also when KEDA makes its pods. */
export function runnerCases(): PodCase[] {
  const seeded = { numRuns: 1500, seed: seedOf(20261120) };
  const forGitHub = fc
    .sample(gitHubCombinations, seeded)
    .flatMap((props, i) => caseOf(`runner-github-${i}`, (chart) => new GitHubRunner(chart, 'runner', props)));
  return [
    ...fc
      .sample(combinations, seeded)
      .flatMap((props, i) => caseOf(`runner-${i}`, (chart) => new Runner(chart, 'runner', props))),
    ...forGitHub,
    tokenCase(),
  ];
}

/** A case, unless the properties are refused. */
function caseOf(name: string, make: (chart: Chart) => Construct): PodCase[] {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  let runner: Construct;
  try {
    runner = make(chart);
  } catch (e) {
    if (e instanceof ForgeError) {
      return [];
    }
    throw e;
  }
  const objects = Testing.synth(chart)
    .map((object) => (object.kind === 'ScaledJob' ? jobOf(object) : object))
    // The Job that mints a token has a level of its own, which tokenCase() holds.
    .filter(({ kind, metadata }) => kind !== 'TriggerAuthentication' && !/^runner-token-/.test(metadata.name));
  return [{ name, objects, levels: levelsOf(objects, PodSecurity.markOf(runner)!) }];
}

/** The Job that KEDA makes from a ScaledJob: `jobTargetRef` is a JobSpec. */
function jobOf({ metadata, spec }: { metadata: object; spec: { jobTargetRef: object } }) {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: spec.jobTargetRef };
}

function tokenCase(): PodCase {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  const forge = Forge.gitea({ version: '1.27', url: 'https://git.example.com' });
  const job = new RegistrationTokenJob(chart, 'token', {
    forge,
    scope: RunnerScope.instance(),
    mint: TokenMint.api(SecretSource.existing('admin')),
  });
  new Runner(chart, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(job.secret),
    executor: Executor.host(),
  });
  const objects = Testing.synth(chart);
  return { name: 'registration-token', objects, levels: levelsOf(objects, PodSecurity.markOf(job)!) };
}
