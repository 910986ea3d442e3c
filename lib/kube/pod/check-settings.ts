import { isIP } from 'node:net';
import { DNS_SUBDOMAIN, Problem, quoted } from '../../support';
import { DnsPolicy, PodDns, PodOptions } from './pod-options';
import { PodSecurityOptions } from './pod-security-options';
import { idProblems, refusal } from './refused';

const SYSCTL = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;

/** Returns what Kubernetes rejects in the settings of a pod. */
export function settingProblems({ hostAliases = {}, dns, runtimeClassName, security = {} }: PodOptions): Problem[] {
  return [
    ...Object.entries(hostAliases).flatMap(([host, address]) => aliasProblems(host, address)),
    ...(dns ? dnsProblems(dns) : []),
    ...(runtimeClassName === undefined || DNS_SUBDOMAIN.test(runtimeClassName)
      ? []
      : [refusal(`pod.runtimeClassName is ${quoted(runtimeClassName)}`, 'use a name of `kubectl get runtimeclasses`')]),
    ...groupProblems(security),
  ];
}

function aliasProblems(host: string, address: string): Problem[] {
  return [
    ...(DNS_SUBDOMAIN.test(host)
      ? []
      : [
          refusal(
            `pod.hostAliases has ${quoted(host)}, which is not a host name`,
            'use a host name without scheme and port',
          ),
        ]),
    ...(isIP(address) > 0
      ? []
      : [refusal(`pod.hostAliases.${host} is ${quoted(address)}`, 'set the IP address of the host')]),
  ];
}

function dnsProblems({ policy, nameservers = [], searches = [] }: PodDns): Problem[] {
  return [
    ...nameservers
      .filter((address) => isIP(address) === 0)
      .map((address) => refusal(`pod.dns.nameservers has ${quoted(address)}`, 'set the IP address of a DNS server')),
    ...(nameservers.length > 3
      ? [refusal(`pod.dns.nameservers has ${nameservers.length} servers`, 'keep at most 3')]
      : []),
    ...(searches.length > 32 ? [refusal(`pod.dns.searches has ${searches.length} domains`, 'keep at most 32')] : []),
    ...searches
      .filter((domain) => domain !== '.' && !/^[a-z0-9_]([-_a-z0-9.]*[a-z0-9])?\.?$/.test(domain))
      .map((domain) => refusal(`pod.dns.searches has ${quoted(domain)}`, 'set a domain')),
    ...(policy === DnsPolicy.NONE && nameservers.length === 0
      ? [
          refusal(
            'pod.dns.policy is NONE, and there is no DNS server',
            'set pod.dns.nameservers',
            'must provide at least one DNS nameserver when `dnsPolicy` is None',
          ),
        ]
      : []),
  ];
}

function groupProblems({ fsGroup, supplementalGroups = [], sysctls = {} }: PodSecurityOptions): Problem[] {
  return [
    ...idProblems('pod.security', { fsGroup }),
    ...supplementalGroups.flatMap((group) => idProblems('pod.security', { supplementalGroups: group })),
    ...Object.keys(sysctls)
      .filter((name) => !SYSCTL.test(name))
      .map((name) => refusal(`pod.security.sysctls has ${quoted(name)}`, 'use the name of a kernel parameter')),
  ];
}
