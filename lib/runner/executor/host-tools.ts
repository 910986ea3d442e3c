import type { Container } from 'kubernetes-types/core/v1';
import { BuilderConnection } from '../../buildkit';
import { RunnerCapabilities } from '../../forge';
import { ForgeError, quoted } from '../../support';
import { HostExecutorProps, HostTool } from './host-props';
import { confined, ToolParts } from './pod-plan';

const TOOLS = '/opt/cdk8s-forge/bin';
const PATH = `${TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Returns the capabilities of jobs in the runner's own container, without a Docker daemon. */
export function hostCapabilities(
  { builder, jobsRunAsRoot, imageHasNode = false }: HostExecutorProps,
  nodeActions = imageHasNode,
): RunnerCapabilities {
  return {
    hostJobs: true,
    containerJobs: false,
    services: false,
    containerActions: false,
    nodeActions,
    nodeInJobs: imageHasNode,
    dockerInJobs: false,
    buildctl: builder !== undefined,
    installsPackages: jobsRunAsRoot ?? false,
    lowPorts: false,
  };
}

/** Returns the programs on the jobs' PATH: `buildctl` of the BuildKit daemon's version, and the configured tools. */
export function toolParts(tools: readonly HostTool[], connection: BuilderConnection | undefined): ToolParts {
  const containers = [
    ...(connection ? [copyContainer('tools', { image: connection.clientImage, path: connection.buildctlPath })] : []),
    ...tools.map((tool, i) => copyContainer(`tool-${i + 1}`, tool)),
  ];
  if (containers.length === 0) {
    return { containers, env: [], mounts: [], volumes: [] };
  }
  return {
    containers,
    env: [{ name: 'PATH', value: PATH }],
    mounts: [{ name: 'tools', mountPath: TOOLS, readOnly: true }],
    volumes: [{ name: 'tools', emptyDir: {} }],
  };
}

/**
 * Returns a container that copies one program from an image. The image's user can differ from the runner's user, so the
 * copy does not set file owners.
 */
function copyContainer(name: string, { image, path }: HostTool): Container {
  return {
    name,
    image,
    command: ['cp', path, `${TOOLS}/${path.slice(path.lastIndexOf('/') + 1)}`],
    securityContext: confined({ readOnlyRoot: true }),
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    volumeMounts: [{ name: 'tools', mountPath: TOOLS }],
  };
}

/**
 * Returns the tool, if its image is pinned.
 *
 * @throws FORGE-RUN-025 if it is not
 */
export function checkedTool(tool: HostTool): HostTool {
  const versioned =
    /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9._-]*@sha256:[0-9a-f]{64})$/;
  const isPinned = versioned.test(tool.image) && !/:(latest|nightly|main|master|edge)$/.test(tool.image);
  if (isPinned && /^\/([A-Za-z0-9._+-]+\/)*[A-Za-z0-9._+-]+$/.test(tool.path)) {
    return tool;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-025',
    message: `${quoted(tool.path)} of image ${quoted(tool.image)} is not a tool for jobs`,
    allowed: 'an image with a version as tag or a digest, and an absolute path in it',
    fix: "pin it, e.g. { image: 'mikefarah/yq:4.47.1', path: '/usr/bin/yq' }",
  });
}
