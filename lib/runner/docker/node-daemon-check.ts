import { Problem, quoted } from '../../support';

/** The directories of a Docker daemon on a node, by property. */
export interface NodeDirectories {
  readonly dataDirectory: string;
  readonly socketDirectory: string;
}

/** The directories that the node, its container runtime or its kubelet own. */
const OWNED = [
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/lib/rancher',
  '/run/docker',
  '/run/containerd',
  '/run/k3s',
];
/** The directories whose subdirectories can be used, but which are shared by everything on the node. */
const SHARED = ['/', '/run', '/var', '/var/lib', '/var/run', '/etc', '/usr', '/home', '/tmp', '/mnt', '/opt', '/srv'];

/** Returns what keeps a Docker daemon from starting on a node, or would harm the node. */
export function nodeDaemonProblems(directories: NodeDirectories, group: number): Problem[] {
  const { dataDirectory, socketDirectory } = directories;
  const paths = Object.entries(directories);
  return [
    ...paths
      .filter(([, path]) => !isPath(path))
      .map(([name, path]) =>
        wrong(`${name} ${quoted(path)} is not a directory`, `set ${name} to an absolute path without ".."`),
      ),
    ...paths
      .filter(([, path]) => isPath(path) && isOfNode(path))
      .map(([name, path]) =>
        wrong(
          `${name} ${quoted(path)} belongs to the node`,
          `set ${name} to a directory that nothing else on the node uses, for example "/var/lib/ci-docker"`,
          'no error: two daemons write to one directory and lose images',
        ),
      ),
    ...(isWithin(dataDirectory, socketDirectory) || isWithin(socketDirectory, dataDirectory)
      ? [
          wrong(
            `dataDirectory ${quoted(dataDirectory)} and socketDirectory ${quoted(socketDirectory)} contain each other`,
            'set socketDirectory to another directory: pods of runners mount it, and would see the layers',
          ),
        ]
      : []),
    ...(Number.isInteger(group) && group > 0 && group < 2 ** 31
      ? []
      : [wrong(`group is ${quoted(group)}`, 'set group to the ID of a group, from 1 on')]),
  ];
}

function isPath(path: string): boolean {
  return /^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/.test(path);
}

function isWithin(inner: string, outer: string): boolean {
  return `${inner}/`.startsWith(`${outer}/`);
}

function isOfNode(path: string): boolean {
  const real = path.replace(/^\/var\/run(?=\/|$)/, '/run');
  return SHARED.includes(path) || SHARED.includes(real) || OWNED.some((owned) => isWithin(real, owned));
}

function wrong(message: string, fix: string, symptom?: string): Problem {
  return { code: 'FORGE-RUN-054', message, fix, ...(symptom ? { symptom } : {}) };
}
