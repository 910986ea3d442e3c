import { Chart, Size, Testing } from 'cdk8s';
import type { DeploymentSpec } from 'kubernetes-types/apps/v1';
import { Storage, WorkloadController, WorkloadService } from '../../../lib/kube';
import { Executor, Runner, Scaling } from '../../../lib/runner';
import { foundCodes } from '../../support/problems';
import { world } from '../../buildkit/world';
import { adviceAt } from '../../../lib/support';
import { runner, token } from '../fixture';

const workload = { controller: WorkloadController.DEPLOYMENT };

interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: DeploymentSpec;
}

function objectsOf(made: Runner): Manifest[] {
  return Testing.synth(Chart.of(made)) as Manifest[];
}

describe('a runner that is a Deployment', () => {
  test('keeps its state on a claim beside it, and ends its pod before it starts the next', () => {
    const objects = objectsOf(runner({ workload, executor: Executor.docker() }));
    const { spec } = objects.find(({ kind }) => kind === 'Deployment')!;
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata!.labels);
    const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name);
    expect(claims).toEqual(['runner-data', 'runner-layers']);
    for (const [name, claimName] of [
      ['data', claims[0]],
      ['layers', claims[1]],
    ]) {
      expect(spec.template.spec!.volumes).toContainEqual({ name, persistentVolumeClaim: { claimName } });
    }
    expect(objects.map(({ kind }) => kind)).not.toContain('StatefulSet');
    expect(objects.map(({ kind }) => kind)).not.toContain('Service');
  });

  test('takes over the claims that are there, under their names', () => {
    const executor = Executor.docker({
      state: Storage.existingClaim('runner-vol'),
      layers: Storage.persistent(Size.gibibytes(20), 'local', { name: 'docker-vol' }),
    });
    const objects = objectsOf(
      runner({
        executor,
        workload: { ...workload, selectorLabels: { app: 'runner' }, service: WorkloadService.CLUSTER_IP },
      }),
    );
    const { spec } = objects.find(({ kind }) => kind === 'Deployment')!;
    expect(spec.selector.matchLabels).toEqual({ app: 'runner' });
    expect(objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toMatchObject([
      { metadata: { name: 'docker-vol' } },
    ]);
    expect(objects.map(({ kind }) => kind)).toContain('Service');
  });

  test('is named in the runbook as what it is', () => {
    const made = runner({ workload, executor: Executor.docker() });
    const text = JSON.stringify(adviceAt(made).map(({ checks, symptoms }) => [checks, symptoms]));
    expect(text).toContain('deployment/runner');
    expect(text).not.toContain('statefulset/');
  });

  test('fails if several pods would share a claim, and for a controller that is decided elsewhere', () => {
    const executor = Executor.host({ state: Storage.persistent(Size.gibibytes(1)) });
    const two = Scaling.fixed(2);
    expect(foundCodes(() => runner({ workload, executor, scaling: two }))).toEqual(['FORGE-KUBE-019']);
    expect(foundCodes(() => runner({ executor, scaling: two }))).toEqual([]);
    const perJob = Scaling.perJob({ max: 1, apiToken: token });
    expect(foundCodes(() => runner({ workload, scaling: perJob }))).toEqual(['FORGE-KUBE-018']);
    expect(foundCodes(() => world({ workload }))).toEqual(['FORGE-KUBE-018']);
    expect(foundCodes(() => world({ workload: { name: 'builds' } }))).toEqual([]);
  });
});
