import { Chart, Testing } from 'cdk8s';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { Forge } from '../../../lib/forge';
import { Executor, GitHubRunner, GitHubRunnerProps, Registration, RunnerScope, Scaling } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { chart } from '../fixture';

export const github = Forge.github();
export const runnerToken = Registration.gitHubToken(SecretSource.existing('github-runners'));
export const jobsToken = SecretSource.existing('github-jobs');
export const gitHubApp = {
  applicationId: 123456,
  installationId: 7654321,
  privateKey: SecretSource.existing('github-app'),
};
export const app = Registration.gitHubApp(gitHubApp);

/** A runner for an organization of github.com with the host executor, unless told otherwise. */
export function gitHubRunner(props: Partial<GitHubRunnerProps> = {}, scope = chart()): GitHubRunner {
  return new GitHubRunner(scope, 'pool', {
    forge: github,
    scope: RunnerScope.organization('example'),
    executor: Executor.host(),
    registration: runnerToken,
    scaling: Scaling.perJob({ max: 10, apiToken: jobsToken }),
    ...props,
  });
}

interface ScaledJobSpec {
  readonly jobTargetRef: {
    readonly template: { readonly spec: PodSpec; readonly metadata: { readonly annotations: Record<string, string> } };
  };
  readonly triggers: {
    readonly type: string;
    readonly metadata: Record<string, string>;
    readonly authenticationRef: { readonly name: string };
  }[];
  readonly scalingStrategy: { readonly strategy: string };
  readonly maxReplicaCount: number;
}

/** What was rendered of a runner for GitHub, taken apart. */
export interface RenderedGitHub {
  readonly objects: {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec?: unknown;
    readonly data?: Record<string, string>;
  }[];
  readonly pod: PodSpec;
  readonly scaled: ScaledJobSpec;
  readonly trigger: ScaledJobSpec['triggers'][number];
  readonly authentication: { readonly parameter: string; readonly name: string; readonly key: string };
  readonly files: Record<string, string>;
  readonly main: Container;
  container(name: string): Container;
}

/** Renders the chart that a construct is in. */
export function renderGitHub(made: GitHubRunner): RenderedGitHub {
  const objects = Testing.synth(Chart.of(made)) as RenderedGitHub['objects'];
  const find = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name)!;
  const scaled = find('ScaledJob', made.name).spec as ScaledJobSpec;
  const pod = scaled.jobTargetRef.template.spec;
  const all = [...(pod.initContainers ?? []), ...pod.containers];
  return {
    objects,
    pod,
    scaled,
    trigger: scaled.triggers[0],
    files: find('ConfigMap', `${made.name}-config`).data!,
    main: pod.containers[0],
    authentication: (
      find('TriggerAuthentication', `${made.name}-queue`).spec as {
        secretTargetRef: RenderedGitHub['authentication'][];
      }
    ).secretTargetRef[0],
    container: (name) => all.find((container) => container.name === name)!,
  };
}

/** Files of the ConfigMap are scripts that have tests of their own. */
export function withoutScripts(objects: RenderedGitHub['objects']): RenderedGitHub['objects'] {
  return objects.map((object) =>
    object.kind === 'ConfigMap'
      ? {
          ...object,
          data: Object.fromEntries(
            Object.entries(object.data!).map(([name, text]) => [
              name,
              name.endsWith('.sh') ? '(see lib/runner/scripts)' : text,
            ]),
          ),
        }
      : object,
  );
}
