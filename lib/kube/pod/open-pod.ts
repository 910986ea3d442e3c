import { IConstruct } from 'constructs';
import type { Container, PodSpec, Volume } from 'kubernetes-types/core/v1';
import { Problems, ownOf } from '../../support';
import { HOSTNAME } from '../single-storage';
import { workloadName } from '../workload-name';
import { ownContainer, withOptions, withSecurity } from './container';
import { openingProblems } from './check';
import { mountedVolumes } from './all-containers';
import { OtherContainerOptions, PodDns, PodOptions } from './pod-options';
import { PodSecurityOptions } from './pod-security-options';
import { PodSite } from './pod-secret';

/**
 * The parts of a pod that decide what can be added.
 *
 * @jsii ignore
 */
export interface PodOpening {
  /** The additions. */
  readonly options?: PodOptions;
  /** The names of the main containers. */
  readonly main: readonly string[];
  /** The additions that this workload cannot accept: reasons by path, for example `security.runAsUser`. */
  readonly closed?: Record<string, string>;
  /** The names of the claim templates of a StatefulSet. */
  readonly claims?: readonly string[];
}

/**
 * Returns a pod with the additions of the user.
 *
 * @throws FORGE-KUBE-023 for what Kubernetes rejects, FORGE-KUBE-024 for what the workload has already, FORGE-KUBE-025 for what this
 * workload cannot accept
 *
 * @jsii ignore
 */
export function openPod(construct: IConstruct, pod: PodSpec, opening: PodOpening): PodSpec {
  const { options } = opening;
  if (options === undefined) {
    return pod;
  }
  const problems = new Problems(construct.node.path);
  openingProblems(pod, { ...opening, options }).forEach((problem) => problems.add(problem));
  problems.throwIfAny();
  return opened(pod, { ...opening, options }, { construct, name: workloadName(construct) });
}

function opened(pod: PodSpec, { options, main }: PodOpening & { options: PodOptions }, site: PodSite): PodSpec {
  const { initContainers = [], sidecars = [], containers = {}, serviceAccount, runtimeClassName } = options;
  const open = (container: Container) =>
    main.includes(container.name)
      ? withSecurity(withOptions(container, options, site), options.security)
      : another(container, ownOf(containers, container.name), site);
  const before: Container[] = [
    ...initContainers.map((container) => ownContainer(container, site)),
    ...sidecars.map((container) => ({ ...ownContainer(container, site), restartPolicy: 'Always' })),
  ];
  const others = (pod.initContainers ?? []).map(open);
  return {
    ...pod,
    ...(serviceAccount
      ? { serviceAccountName: serviceAccount.name, automountServiceAccountToken: serviceAccount.isTokenMounted }
      : {}),
    ...settings(options, site),
    ...(runtimeClassName ? { runtimeClassName } : {}),
    ...podSecurity(pod, options.security ?? {}),
    ...placed(pod, options),
    ...(before.length + others.length > 0 || pod.initContainers ? { initContainers: [...before, ...others] } : {}),
    containers: pod.containers.map(open),
    ...volumes(pod, options, site),
  };
}

function another(container: Container, options: OtherContainerOptions | undefined, site: PodSite): Container {
  return options ? withSecurity(withOptions(container, options, site), options.security) : container;
}

function volumes(pod: PodSpec, options: PodOptions, site: PodSite): { volumes?: Volume[] } {
  const added = mountedVolumes(options).map((volume) => volume._render(site));
  return added.length > 0 ? { volumes: [...(pod.volumes ?? []), ...added] } : {};
}

/** Returns the node with the directories that the pod mounts. */
function placed(pod: PodSpec, options: PodOptions): Partial<PodSpec> {
  const hosts = mountedVolumes(options).map(({ _storage }) => _storage?._host?.node);
  const node = hosts.find((one) => one !== undefined);
  return node === undefined ? {} : { nodeSelector: { ...pod.nodeSelector, [HOSTNAME]: node } };
}

function settings({ imagePullSecrets = [], hostAliases = {}, dns }: PodOptions, site: PodSite): Partial<PodSpec> {
  const need = {
    purpose: `images of ${site.name}`,
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
  };
  const secrets = imagePullSecrets.map((source) => ({ name: source.provideTo(site.construct, need) }));
  const addresses = [...new Set(Object.values(hostAliases))];
  const hostnames = (ip: string) => Object.keys(hostAliases).filter((host) => hostAliases[host] === ip);
  return {
    ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
    ...(addresses.length > 0 ? { hostAliases: addresses.map((ip) => ({ ip, hostnames: hostnames(ip) })) } : {}),
    ...(dns ? dnsSettings(dns) : {}),
  };
}

function dnsSettings({ policy, nameservers = [], searches = [], options = {} }: PodDns): Partial<PodSpec> {
  const dnsConfig = {
    ...(nameservers.length > 0 ? { nameservers: [...nameservers] } : {}),
    ...(searches.length > 0 ? { searches: [...searches] } : {}),
    ...(Object.keys(options).length > 0
      ? { options: Object.entries(options).map(([name, value]) => ({ name, ...(value === '' ? {} : { value }) })) }
      : {}),
  };
  return {
    ...(policy ? { dnsPolicy: policy } : {}),
    ...(Object.keys(dnsConfig).length > 0 ? { dnsConfig } : {}),
  };
}

function podSecurity({ securityContext = {} }: PodSpec, given: PodSecurityOptions): Partial<PodSpec> {
  const { fsGroup, supplementalGroups = [], seLinux, sysctls = {} } = given;
  const parameters = Object.entries(sysctls).map(([name, value]) => ({ name, value }));
  const added = {
    ...(fsGroup === undefined ? {} : { fsGroup }),
    ...(supplementalGroups.length > 0
      ? { supplementalGroups: [...(securityContext.supplementalGroups ?? []), ...supplementalGroups] }
      : {}),
    ...(seLinux ? { seLinuxOptions: { ...seLinux } } : {}),
    ...(parameters.length > 0 ? { sysctls: [...(securityContext.sysctls ?? []), ...parameters] } : {}),
  };
  return Object.keys(added).length > 0 ? { securityContext: { ...securityContext, ...added } } : {};
}
