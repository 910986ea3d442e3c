import { Size } from 'cdk8s';
import { EVERY_CAPABILITY } from '../../forge';
import { Storage } from '../../kube';
import { Problems } from '../../support';
import { checkDaemon, checkLayers, daemonFiles, DEFAULT_LAYERS } from './daemon-files';
import { RootlessDockerExecutorProps } from './docker-daemon';
import { socketSettings, workspace } from './docker';
import { ExecutorKind, PlanContext, PodPlan, USER } from './pod-plan';

/** The home directory of the image's user. */
const ROOTLESS_HOME = '/home/rootless';

/** Returns the executor with a rootless Docker daemon in the runner's own container. */
export function rootlessKind(given: RootlessDockerExecutorProps): ExecutorKind {
  const props = { ...given, layers: given.layers ?? DEFAULT_LAYERS, dockerInJobs: given.dockerInJobs ?? true };
  return {
    name: 'docker-rootless',
    hasDocker: true,
    capabilities: { ...EVERY_CAPABILITY, dockerInJobs: props.dockerInJobs, lowPorts: false },
    state: props.state,
    memoryStores: [props.layers],
    defaultResources: { cpuRequestMillis: 500, memoryRequest: Size.gibibytes(1), memoryLimit: Size.gibibytes(4) },
    check: (context, problems) => {
      checkProduct(context, problems);
      checkDaemon(props.daemon, problems);
      checkLayers(props.layers, problems);
    },
    plan: (context) => rootlessPlan(context, props),
    gitHub: {
      refusal: "GitHub's runner has no image with a rootless Docker daemon",
      fix: 'use Executor.docker(): the daemon then runs in a container of its own; or Executor.host({ builder }), which needs no privilege',
    },
  };
}

function rootlessPlan(
  context: PlanContext,
  props: RootlessDockerExecutorProps & { layers: Storage; dockerInJobs: boolean },
): PodPlan {
  const { mtu } = props.daemon ?? {};
  const shared = workspace(context);
  const daemon = daemonFiles(context.construct, props.daemon, `${ROOTLESS_HOME}/.config/docker`);
  return {
    image: context.version.rootlessDockerImage,
    user: USER,
    privileged: true,
    // The daemon's own network stack has an MTU of its own.
    env: mtu === undefined ? [] : [{ name: 'DOCKERD_ROOTLESS_ROOTLESSKIT_MTU', value: String(mtu) }],
    mounts: [
      // A folder of the volume, not its root: fsGroup is then applied once. The daemon changes the mode of its data root, and on a
      // root that does not look as left, Kubernetes would change the group of every file in the layers, at every start.
      { name: 'layers', mountPath: `${ROOTLESS_HOME}/.local/share/docker`, subPath: 'docker' },
      ...daemon.mounts,
      ...shared.mounts,
    ],
    resources: {},
    tools: [],
    daemons: [],
    volumes: daemon.volumes,
    stores: [{ name: 'layers', storage: props.layers }, ...shared.stores],
    owned: { ...socketSettings(context, props.dockerInJobs), ...shared.owned },
    files: { 'daemon.json': daemon.json },
  };
}

function checkProduct({ version }: PlanContext, problems: Problems): void {
  if (version.product === 'forgejo') {
    problems.add({
      code: 'FORGE-RUN-014',
      message: 'the Forgejo runner has no image with a rootless Docker daemon',
      fix: 'use Executor.docker(): the daemon then runs in a container of its own',
    });
  }
}
