import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { DNS_LABEL, hasControlCharacter, Problem, ownOf, quoted } from '../../support';
import { escalates, withSecurity } from './container';
import { ContainerOptions, OtherContainerOptions, PodContainer, PodMount, PodOptions } from './pod-options';
import { ContainerSecurityOptions } from './pod-security-options';
import { idProblems, refusal } from './refused';
import { settingProblems } from './check-settings';
import { volumeProblems } from './check-volumes';

interface Given {
  readonly options: PodOptions;
  readonly main: readonly string[];
  readonly closed?: Record<string, string>;
  readonly claims?: readonly string[];
}

/** A container, as the workload has it, with what the user adds. */
interface Pair {
  readonly at: string;
  readonly container: Container;
  readonly options: OtherContainerOptions;
}

/** Returns everything in the additions to a pod that Kubernetes or the workload rejects. */
export function openingProblems(pod: PodSpec, { options, main, closed = {}, claims = [] }: Given): Problem[] {
  const known = [...(pod.initContainers ?? []), ...pod.containers];
  const { containers = {}, initContainers = [], sidecars = [] } = options;
  const pairs: Pair[] = [
    ...known.filter(({ name }) => main.includes(name)).map((container) => ({ at: 'pod', container, options })),
    ...known.flatMap((container) => {
      const added = main.includes(container.name) ? undefined : ownOf(containers, container.name);
      return added ? [{ at: `pod.containers.${container.name}`, container, options: added }] : [];
    }),
    ...own(initContainers, 'initContainers'),
    ...own(sidecars, 'sidecars'),
  ];
  return [
    ...closedProblems(options, closed),
    ...unknownContainers(options, known, main),
    ...nameProblems([...initContainers, ...sidecars], known),
    ...pairs.flatMap(containerProblems),
    ...volumeProblems(pod, options, claims),
    ...settingProblems(options),
  ];
}

function own(containers: readonly PodContainer[], kind: string): Pair[] {
  return containers.map((options) => {
    const container = {
      name: options.name,
      image: options.image,
      securityContext: { allowPrivilegeEscalation: false },
    };
    return { at: `pod.${kind}[${options.name}]`, container, options };
  });
}

function closedProblems(options: PodOptions, closed: Record<string, string>): Problem[] {
  const value = (path: string) =>
    path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], options);
  return Object.entries(closed)
    .filter(([path]) => value(path) !== undefined)
    .map(([path, why]) => ({
      code: 'FORGE-KUBE-025',
      message: `pod.${path} is set, but ${why}`,
      fix: `remove pod.${path}`,
    }));
}

function unknownContainers(
  { containers = {} }: PodOptions,
  known: readonly Container[],
  main: readonly string[],
): Problem[] {
  const others = known.map(({ name }) => name).filter((name) => !main.includes(name));
  return Object.keys(containers)
    .filter((name) => !others.includes(name))
    .map((name) => ({
      code: 'FORGE-KUBE-025',
      message: main.includes(name)
        ? `container ${quoted(name)} in pod.containers is the main container`
        : `the pod has no container ${quoted(name)}`,
      allowed: others.length > 0 ? others.join(', ') : 'none: the pod has no other container',
      fix: main.includes(name) ? 'set env, mounts and security of pod itself' : 'use a name of the list',
    }));
}

function nameProblems(added: readonly PodContainer[], known: readonly Container[]): Problem[] {
  const names = [...known.map(({ name }) => name)];
  return added.flatMap(({ name, image }) => {
    const isTaken = names.includes(name);
    names.push(name);
    return [
      ...(DNS_LABEL.test(name)
        ? []
        : [refusal(`${quoted(name)} is not the name of a container`, 'use a-z, 0-9 and "-", at most 63 characters')]),
      ...(/^\S+$/.test(image)
        ? []
        : [refusal(`container ${quoted(name)} has the image ${quoted(image)}`, 'set image')]),
      ...(isTaken
        ? [
            {
              code: 'FORGE-KUBE-024',
              message: `the pod has a container ${quoted(name)} already`,
              fix: `rename the container; additions to a container of the workload are pod.containers.${name}`,
              symptom: 'spec.containers[].name: Duplicate value',
            },
          ]
        : []),
    ];
  });
}

function containerProblems({ at, container, options }: Pair): Problem[] {
  return [
    ...variableProblems(at, container, options),
    ...mountProblems(at, container, options.mounts ?? []),
    ...securityProblems(at, container, options.security ?? {}),
  ];
}

function variableProblems(at: string, { env: own = [] }: Container, { env = {} }: ContainerOptions): Problem[] {
  return Object.keys(env).flatMap((name) => [
    ...(/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)
      ? []
      : [refusal(`${at}.env has ${quoted(name)}, which is not the name of a variable`, 'use letters, digits and "_"')]),
    ...(own.some((one) => one.name === name)
      ? [
          {
            code: 'FORGE-KUBE-024',
            message: `${at}.env.${name} is set by the workload itself`,
            fix: `remove ${at}.env.${name}, and set the property that decides it`,
          },
        ]
      : []),
  ]);
}

function mountProblems(at: string, { volumeMounts = [] }: Container, mounts: readonly PodMount[]): Problem[] {
  const clean = (path: string) => path.replace(/\/+$/, '') || '/';
  const taken = volumeMounts.map(({ mountPath }) => clean(mountPath));
  return mounts.flatMap(({ path, subPath = '' }) => {
    const isTaken = taken.includes(clean(path));
    taken.push(clean(path));
    return [
      ...(/^\/[^:]*$/.test(path) && !hasControlCharacter(path) && !path.split('/').includes('..')
        ? []
        : [
            refusal(
              `${at}.mounts has the path ${quoted(path)}`,
              'set an absolute path without ":", ".." and control characters',
            ),
          ]),
      ...(subPath.startsWith('/') || hasControlCharacter(subPath) || subPath.split('/').includes('..')
        ? [refusal(`${at}.mounts has the subPath ${quoted(subPath)}`, 'set a path inside the volume')]
        : []),
      ...(isTaken
        ? [
            {
              code: 'FORGE-KUBE-024',
              message: `${at}.mounts has ${quoted(path)}, where another volume is mounted`,
              fix: 'mount the volume at another path',
              symptom: 'volumeMounts[].mountPath: Invalid value: must be unique',
            },
          ]
        : []),
    ];
  });
}

function securityProblems(at: string, container: Container, given: ContainerSecurityOptions): Problem[] {
  const after = withSecurity(container, given).securityContext ?? {};
  const { addCapabilities = [], seccomp, appArmor } = given;
  const confinement = Object.entries({ seccomp, appArmor }).filter(([, profile]) => profile !== undefined);
  return [
    ...idProblems(`${at}.security`, { runAsUser: given.runAsUser, runAsGroup: given.runAsGroup }),
    ...addCapabilities
      .filter((name) => !/^[A-Z][A-Z_]*$/.test(name) || name.startsWith('CAP_'))
      .map((name) =>
        refusal(
          `${at}.security.addCapabilities has ${quoted(name)}`,
          "write it in capitals, without CAP_: 'NET_ADMIN'",
        ),
      ),
    ...(given.allowPrivilegeEscalation === false && escalates(after)
      ? [
          refusal(
            `${at}.security forbids privilege escalation to a container that has all rights`,
            `remove allowPrivilegeEscalation, privileged or SYS_ADMIN from ${at}.security`,
            'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
          ),
        ]
      : []),
    ...(after.privileged
      ? confinement.map(([what]) =>
          refusal(
            `${at}.security.${what} has no effect on container ${quoted(container.name)}, which is privileged`,
            `remove ${at}.security.${what}`,
            'no error: the runtime ignores the profile',
          ),
        )
      : []),
  ];
}
