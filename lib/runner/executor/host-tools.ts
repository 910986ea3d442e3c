import { Size } from 'cdk8s';
import { BuilderConnection } from '../../buildkit';
import { ForgeError, quoted } from '../../support';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintVariable,
  BlueprintVolume,
  Privilege,
  VolumeContent,
} from '../blueprint';
import { HostTool } from './host-props';

/** Programs on the jobs' PATH. */
export interface ToolParts {
  readonly containers: BlueprintContainer[];
  readonly env: BlueprintVariable[];
  readonly mounts: BlueprintMount[];
  readonly volumes: BlueprintVolume[];
}

/** The directory of copied programs. */
export const TOOLS_FOLDER = '/opt/cdk8s-forge/bin';
const TOOLS = TOOLS_FOLDER;
const PATH = `${TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Returns the programs on the jobs' PATH: `buildctl` of the BuildKit daemon's version, and the configured tools. */
export function toolParts(tools: readonly HostTool[], connection: BuilderConnection | undefined): ToolParts {
  const containers = [
    ...(connection?.clientImage
      ? [copyContainer('tools', { image: connection.clientImage, path: connection.buildctlPath })]
      : []),
    ...tools.map((tool, i) => copyContainer(`tool-${i + 1}`, tool)),
  ];
  if (containers.length === 0) {
    return { containers, env: [], mounts: [], volumes: [] };
  }
  return {
    containers,
    env: [{ name: 'PATH', value: PATH }],
    mounts: [{ volume: 'tools', path: TOOLS, readOnly: true }],
    volumes: [{ name: 'tools', content: VolumeContent.EMPTY }],
  };
}

/**
 * Returns a container that copies one program from an image. The image's user can differ from the runner's user, so the
 * copy does not set file owners.
 */
function copyContainer(name: string, { image, path }: HostTool): BlueprintContainer {
  return {
    name,
    image,
    command: ['cp', path, `${TOOLS}/${path.slice(path.lastIndexOf('/') + 1)}`],
    privilege: Privilege.READ_ONLY,
    resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(16), memoryLimit: Size.mebibytes(64) },
    mounts: [{ volume: 'tools', path: TOOLS }],
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
