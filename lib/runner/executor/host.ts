import { Size } from 'cdk8s';
import { Storage } from '../../kube';
import { Problems, quoted } from '../../support';
import { gitHubHost } from './github';
import { HostExecutorProps } from './host-props';
import { checkedTool, hostCapabilities, toolParts } from './host-tools';
import { ExecutorKind, HOME, PlanContext, PodPlan, USER } from './pod-plan';

/**
 * The user accounts of the runner's container. Without a user name, a user cannot use ssh, and Node.js fails to return
 * the current user.
 */
const PASSWD = `root:x:0:0:root:/root:/bin/bash\nrunner:x:${USER}:${USER}:runner:${HOME}:/bin/bash\n`;

/** Returns the executor that runs jobs in the runner's own container. */
export function hostKind(given: HostExecutorProps): ExecutorKind {
  const props = { ...given, tools: (given.tools ?? []).map((tool) => checkedTool({ ...tool })) };
  const work = props.work ?? Storage.ephemeral(Size.gibibytes(10));
  const node = props.imageHasNode ?? false;
  return {
    name: 'host',
    hasDocker: false,
    capabilities: hostCapabilities(props),
    state: props.state,
    memoryStores: [work],
    defaultResources: { cpuRequestMillis: 100, memoryRequest: Size.mebibytes(256), memoryLimit: Size.gibibytes(2) },
    check: (context, problems) => checkLabels(context, problems),
    plan: (context) => hostPlan(context, { ...props, work, node }),
    gitHub: gitHubHost({ ...props, work }),
  };
}

function hostPlan(context: PlanContext, props: HostExecutorProps & { work: Storage; node: boolean }): PodPlan {
  const connection = props.builder?.connectFrom(context.construct, { ...context.podLabels });
  const tools = toolParts(props.tools ?? [], connection);
  return {
    image: context.version.image,
    user: props.jobsRunAsRoot ? 0 : USER,
    privileged: false,
    env: [{ name: 'HOME', value: HOME }, ...tools.env, ...(connection?._env() ?? [])],
    mounts: [
      { name: 'work', mountPath: HOME },
      { name: 'config', mountPath: '/etc/passwd', subPath: 'passwd', readOnly: true },
      ...tools.mounts,
      ...(connection?._volumeMounts() ?? []),
    ],
    resources: {},
    tools: tools.containers,
    daemons: [],
    volumes: [...tools.volumes, ...(connection?._volumes() ?? [])],
    stores: [{ name: 'work', storage: props.work }],
    // Only JavaScript actions talk to the cache server.
    owned: { 'cache.enabled': (context.config.cache?.enabled ?? props.node) ? undefined : false },
    files: { passwd: PASSWD },
  };
}

function checkLabels({ labels, version }: PlanContext, problems: Problems): void {
  for (const label of labels.filter(({ needsDocker }) => needsDocker)) {
    problems.add({
      code: 'FORGE-RUN-009',
      message: `label ${quoted(label.name)} runs jobs in a container (${label.image}), but the host executor has no Docker daemon`,
      fix: `use RunnerLabel.host(${quoted(label.name)}), or an executor with Docker: Executor.docker(), Executor.dockerRootless()`,
      symptom: `${version.program}: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?`,
    });
  }
}
