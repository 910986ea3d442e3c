import { Size } from 'cdk8s';
import { EVERY_CAPABILITY, RunnerCapabilities } from '../../forge';
import { Storage, workloadName } from '../../kube';
import { command, namespaceOf, Problem, Symptom } from '../../support';
import { ProgramFacts } from '../program/program';
import { dockerClient } from './docker-client';
import { DockerEndpoint } from './docker-endpoint';
import { ExternalDockerExecutorProps } from './external-props';
import { HOME, KnownExecutor, SymptomSubject } from './known';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './plan';
import { stateProblems } from './state';
import { socketSettings } from './workspace';

/**
 * The executor with an external Docker daemon.
 *
 * @jsii ignore
 */
export class ExternalDockerExecutor implements KnownExecutor {
  readonly name: string = 'external-docker';

  constructor(
    private readonly endpoint: DockerEndpoint,
    private readonly props: ExternalDockerExecutorProps,
  ) {}

  capabilities(_program: ProgramFacts): RunnerCapabilities {
    return { ...EVERY_CAPABILITY, dockerInJobs: this.dockerInJobs };
  }

  traits(_program: ProgramFacts): ExecutorTraits {
    return {
      hasDocker: true,
      jobsElsewhere: true,
      hasNodeSocket: this.endpoint._node !== undefined,
      state: this.props.state,
      jobResources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
    };
  }

  problems({ program }: ExecutorContext): Problem[] {
    const problems = [...stateProblems(this.props.state, program), ...this.socketProblems()];
    if (!program.stepsInRunner) {
      return problems;
    }
    return [
      ...problems,
      {
        code: 'FORGE-RUN-036',
        message:
          "Executor external-docker: GitHub's runner mounts its own folders into job containers, so the Docker daemon must see the same files",
        fix: 'use Executor.docker(), whose daemon runs beside the runner, or Executor.host()',
      },
    ];
  }

  plan(context: ExecutorContext): ExecutorPlan {
    const { construct, program } = context;
    const { url, _node } = this.endpoint;
    const client = dockerClient(this.endpoint, construct);
    const host = _node ? [{ name: 'DOCKER_HOST', value: url }] : [];
    // The runner finds the socket of the node by DOCKER_HOST; the setting says whether jobs get it.
    const settings = _node ? socketSettings(context, this.dockerInJobs) : { 'container.docker_host': url };
    return {
      image: program.image,
      user: { id: program.user, ...(client.groups.length > 0 ? { moreGroups: client.groups } : {}) },
      env: [{ name: 'HOME', value: HOME }, ...host, ...client.env],
      mounts: [{ volume: 'work', path: HOME }, ...client.mounts],
      volumes: client.volumes,
      stores: [{ name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) }],
      endpoints: client.endpoints,
      nodeSelector: client.nodeSelector,
      jobPods: _node?.pods,
      // A daemon that is down at the moment is waited for, not run into.
      settings: { ...settings, ...program.waitSettings },
    };
  }

  private get dockerInJobs(): boolean {
    return this.endpoint._node !== undefined && (this.props.dockerInJobs ?? true);
  }

  private socketProblems(): Problem[] {
    if (this.endpoint._node !== undefined || !this.props.dockerInJobs) {
      return [];
    }
    return [
      {
        code: 'FORGE-RUN-036',
        message: `dockerInJobs is true, but the Docker daemon at ${this.endpoint.url} has no socket that jobs could mount`,
        fix: 'remove dockerInJobs, or use the endpoint of a PrivilegedDockerDaemon',
      },
    ];
  }

  symptoms({ name }: SymptomSubject): Symptom[] {
    const { _node } = this.endpoint;
    if (_node !== undefined) {
      const daemon = workloadName(_node.construct);
      return [
        {
          seen: '`Cannot connect to the Docker daemon`',
          cause: `The Docker daemon of runner \`${name}\` is the DaemonSet \`${daemon}\`, whose pod on the node of the runner is not ready.`,
          fix: 'Fix the error that the log of the pod contains.',
          look: [command`kubectl --namespace ${namespaceOf(_node.construct)} logs daemonset/${daemon} --tail 50`],
        },
      ];
    }
    return [
      {
        seen: '`Cannot connect to the Docker daemon`',
        cause: `The Docker daemon of runner \`${name}\` is on another machine. It is not running, or a certificate is invalid.`,
        fix: 'Start dockerd on that machine, and check the certificates of both sides.',
      },
    ];
  }
}
