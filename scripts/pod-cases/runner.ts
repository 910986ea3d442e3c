import { App, Chart, Testing } from 'cdk8s';
import fc from 'fast-check';
import { Forge } from '../../lib/forge';
import { PodSecurity } from '../../lib/kube';
import { Executor, RegistrationTokenJob, Runner, RunnerProps, RunnerScope, TokenMint } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { ForgeError } from '../../lib/support';
import { combinations } from '../../test/runner/combinations';
import { levelsOf, PodCase } from './pod-case';

/** Runners of every kind: the level that each asks its namespace for is the one that it needs, also when KEDA makes its pods. */
export function runnerCases(): PodCase[] {
  const valid = fc.sample(combinations, { numRuns: 1500, seed: 20261120 }).flatMap((props) => runnerObjects(props));
  return [...valid.map(({ objects, claimed }, i) => ({ name: `runner-${i}`, objects, levels: levelsOf(objects, claimed) })), tokenCase()];
}

function runnerObjects(props: RunnerProps): { objects: object[]; claimed: PodSecurity }[] {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  let runner: Runner;
  try {
    runner = new Runner(chart, 'runner', props);
  } catch (e) {
    if (e instanceof ForgeError) { return []; }
    throw e;
  }
  const objects = Testing.synth(chart).map((object) => (object.kind === 'ScaledJob' ? jobOf(object) : object)).filter(({ kind }) => kind !== 'TriggerAuthentication');
  return [{ objects, claimed: PodSecurity.markOf(runner)! }];
}

/** The Job that KEDA makes from a ScaledJob: `jobTargetRef` is a JobSpec. */
function jobOf({ metadata, spec }: { metadata: object; spec: { jobTargetRef: object } }) {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: spec.jobTargetRef };
}

function tokenCase(): PodCase {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  const forge = Forge.gitea({ version: '1.27', url: 'https://git.example.com' });
  const job = new RegistrationTokenJob(chart, 'token', { forge, scope: RunnerScope.instance(), mint: TokenMint.api(SecretSource.existing('admin')) });
  new Runner(chart, 'runner', { forge, scope: RunnerScope.instance(), registrationToken: job.secret, executor: Executor.host() });
  const objects = Testing.synth(chart);
  return { name: 'registration-token', objects, levels: levelsOf(objects, PodSecurity.markOf(job)!) };
}
