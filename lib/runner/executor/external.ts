import { Size } from 'cdk8s';
import { EVERY_CAPABILITY, RunnerCapabilities } from '../../forge';
import { Storage } from '../../kube';
import { Problem, Symptom } from '../../support';
import { VolumeContent } from '../blueprint';
import { ProgramFacts } from '../program/program';
import { DockerEndpoint } from './docker-endpoint';
import { ExternalDockerExecutorProps } from './external-props';
import { HOME, KnownExecutor, SymptomSubject } from './known';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './plan';
import { stateProblems } from './state';

const CERTIFICATES = '/etc/docker-client';

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
    return { ...EVERY_CAPABILITY, dockerInJobs: false };
  }

  traits(_program: ProgramFacts): ExecutorTraits {
    return {
      hasDocker: true,
      jobsElsewhere: true,
      state: this.props.state,
      jobResources: { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(128), memoryLimit: Size.mebibytes(512) },
    };
  }

  problems({ program }: ExecutorContext): Problem[] {
    const problems = stateProblems(this.props.state, program);
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

  plan({ construct, program }: ExecutorContext): ExecutorPlan {
    const { endpoint } = this;
    const secretName = endpoint.credentials?.provide(construct, {
      purpose: `jobs run on the Docker daemon at ${endpoint.url}: the client's certificate`,
      type: 'Opaque',
      keys: ['ca.pem', 'cert.pem', 'key.pem'],
    });
    const tls = [
      { name: 'DOCKER_TLS_VERIFY', value: '1' },
      { name: 'DOCKER_CERT_PATH', value: CERTIFICATES },
    ];
    return {
      image: program.image,
      user: { id: program.user },
      env: [{ name: 'HOME', value: HOME }, ...(secretName ? tls : [])],
      mounts: [
        { volume: 'work', path: HOME },
        ...(secretName ? [{ volume: 'docker-client', path: CERTIFICATES, readOnly: true }] : []),
      ],
      volumes: secretName
        ? [{ name: 'docker-client', content: VolumeContent.SECRET, source: secretName, mode: 0o440 }]
        : [],
      stores: [{ name: 'work', storage: Storage.ephemeral(Size.gibibytes(5)) }],
      endpoints: [endpoint.url],
      // A daemon that is down at the moment is waited for, not run into.
      settings: { 'container.docker_host': endpoint.url, ...program.waitSettings },
    };
  }

  symptoms({ name }: SymptomSubject): Symptom[] {
    return [
      {
        seen: '`Cannot connect to the Docker daemon`',
        cause: `The Docker daemon of runner \`${name}\` is on another machine. It is not running, or a certificate is invalid.`,
        fix: 'Start dockerd on that machine, and check the certificates of both sides.',
      },
    ];
  }
}
