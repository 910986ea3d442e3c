import { App, Chart, Testing } from 'cdk8s';
import type { StatefulSetSpec } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import { Forge } from '../../lib/forge';
import { Executor, Registration, Runner, RunnerProps, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';

export const gitea = Forge.gitea({
  version: '1.27',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
export const forgejo = Forge.forgejo({
  version: '13.0',
  url: 'https://git.example.com',
  internalUrl: 'http://forgejo-http.forgejo.svc.cluster.local:3000',
});
export const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
export const token = SecretSource.existing('runner-token');
export const scalerToken = SecretSource.existing('scaler-token');

/** A chart of its own. */
export function chart(): Chart {
  return new Chart(new App(), 'ci', { namespace: 'ci' });
}

/** A runner for Gitea with the host executor, unless told otherwise. */
export function runner(props: Partial<RunnerProps> = {}, scope = chart()): Runner {
  return new Runner(scope, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    executor: Executor.host(),
    registration: Registration.token(token),
    ...props,
  });
}

/** The same for Forgejo. */
export function forgejoRunner(props: Partial<RunnerProps> = {}): Runner {
  return runner({ forge: forgejo, registration: Registration.connection(UUID, token), ...props });
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: never;
  readonly data: Record<string, string>;
}

/** What was rendered of a runner, taken apart. */
export interface Rendered {
  readonly objects: Manifest[];
  readonly pod: PodSpec;
  /** Of a StatefulSet. */
  readonly set?: StatefulSetSpec;
  /** Of a ScaledJob. */
  readonly scaled?: Record<string, never>;
  readonly files: Record<string, string>;
  readonly config: Record<string, Record<string, unknown>>;
  readonly main: Container;
  container(name: string): Container;
}

/** Renders the chart that a construct is in. */
export function render(made: Runner): Rendered {
  const objects = Testing.synth(Chart.of(made)) as Manifest[];
  const find = (kind: string) => objects.find((object) => object.kind === kind);
  const set = find('StatefulSet')?.spec as unknown as StatefulSetSpec | undefined;
  const scaled = find('ScaledJob')?.spec as unknown as Record<string, never> | undefined;
  const pod = (set?.template.spec ??
    (scaled?.jobTargetRef as { template: { spec: PodSpec } } | undefined)?.template.spec)!;
  const files = objects.find(
    (object) => object.kind === 'ConfigMap' && object.metadata.name === `${made.name}-config`,
  )!.data;
  const all = [...(pod.initContainers ?? []), ...pod.containers];
  return {
    objects,
    pod,
    set,
    scaled,
    files,
    config: parse(files['config.yaml']),
    main: pod.containers[0],
    container: (name) => all.find((container) => container.name === name)!,
  };
}

/** Environment variables with plain values. */
export function env(container: Container): Record<string, string | undefined> {
  return Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
}
