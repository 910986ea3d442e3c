import * as net from 'node:net';
import { DNS_SUBDOMAIN, hasControlCharacter, Problem, quoted } from '../../support';
import { BuildkitdConfig } from '../config/buildkitd-config';
import { BuildkitdProps } from '../buildkitd-props';
import { Emulation } from '../pod/emulation';

/** A rule that restricts the values of an option. */
interface Rule {
  readonly ok: (value: string) => boolean;
  readonly allowed: string;
}

const IP_ADDRESS: Rule = { ok: (value) => net.isIP(value) !== 0, allowed: 'IP addresses' };
const DOMAIN: Rule = { ok: (value) => DNS_SUBDOMAIN.test(value), allowed: 'domain names in lower case' };
const WORD: Rule = {
  ok: (value) => value !== '' && !/\s/.test(value) && !hasControlCharacter(value),
  allowed: 'a word without spaces',
};
const PLATFORM: Rule = {
  ok: (value) => /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(value),
  allowed: "os/architecture, e.g. 'linux/arm64'",
};
const PATH: Rule = { ok: (value) => value.startsWith('/') && !hasControlCharacter(value), allowed: 'absolute paths' };
const VARIABLE: Rule = {
  ok: (value) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(value),
  allowed: 'names of variables: letters, digits and "_"',
};
const RESOURCE: Rule = {
  ok: (value) => /^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(value),
  allowed: "domain/name, e.g. 'smarter-devices/fuse'",
};
const VALUE: Rule = { ok: (value) => !value.includes('\0'), allowed: 'text without NUL' };
const SUBNET: Rule = { ok: isSubnet, allowed: "a subnet in CIDR notation, e.g. '10.10.0.0/16'" };
const IMAGE: Rule = {
  ok: (value) => /^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/.test(value) && !/:[^/]*$/.test(value) && !value.includes('//'),
  allowed: 'the name of an image in lower case, without tag and digest',
};

/**
 * Returns problems with values that buildkitd or Kubernetes would reject or misinterpret.
 *
 * @internal
 */
export function valueProblems(
  props: BuildkitdProps & { readonly config: BuildkitdConfig; readonly emulation: Emulation },
): Problem[] {
  const { config, emulation, metrics, drainTimeout, environment, image } = props;
  return [
    ...configProblems(config),
    ...whole('metrics.port', metrics?.port, 65_535),
    ...(metrics?.port === 1234 ? [badValue('metrics.port', 1234, 'any port but 1234, which clients use')] : []),
    ...whole('drainTimeout in seconds', drainTimeout?.toSeconds({ integral: false }), 86_400),
    ...each('environment', Object.keys(environment ?? {}), VARIABLE),
    ...each('environment', Object.values(environment ?? {}), VALUE),
    ...each('image', present(image), IMAGE),
    ...each('emulation.image', present(emulation.image), WORD),
    ...(emulation.image !== undefined && emulation.architectures.length === 0
      ? [badValue('emulation.architectures', [], 'at least one')]
      : []),
    ...each('snapshotter.deviceResource', present(config.snapshotter?.deviceResource), RESOURCE),
  ];
}

function configProblems(config: BuildkitdConfig): Problem[] {
  const { dns = {}, history = {}, cdi = {} } = config;
  return [
    ...whole('maxParallelism', config.maxParallelism),
    ...whole('maxRegistryConcurrency', config.maxRegistryConcurrency),
    ...whole('history.maxEntries', history.maxEntries),
    ...whole('history.maxAge in seconds', history.maxAge?.toSeconds({ integral: false }), MANY),
    ...whole('platformsCacheMaxAge in seconds', config.platformsCacheMaxAge?.toSeconds({ integral: false }), MANY),
    ...each('dns.nameservers', dns.nameservers, IP_ADDRESS),
    ...each('dns.options', dns.options, WORD),
    ...each('dns.searchDomains', dns.searchDomains, DOMAIN),
    ...each('platforms', config.platforms, PLATFORM),
    ...each('cdi.specFolders', cdi.specFolders, PATH),
    ...each('cdi.autoAllowed', cdi.autoAllowed, WORD),
    ...each('allowedFrontends', config.allowedFrontends, WORD),
    ...each('apparmorProfile', present(config.apparmorProfile), WORD),
    ...each('network.subnet', present(config.network?.subnet), SUBNET),
    ...whole('sessionAuthTimeout in seconds', config.sessionAuthTimeout?.toSeconds({ integral: false }), MANY),
    ...compactionProblems(config),
    ...gitHubCacheProblems(config),
  ];
}

function compactionProblems({ compaction }: BuildkitdConfig): Problem[] {
  const { minReclaimPercent, minReclaimPercentFloor, sizeWatermark, minReclaim } = compaction ?? {};
  return [
    ...whole('compaction.idleTimeout in seconds', compaction?.idleTimeout?.toSeconds({ integral: false }), MANY),
    ...(compaction?.maxRetry === 0 ? [] : whole('compaction.maxRetry', compaction?.maxRetry)),
    ...whole('compaction.writesPerCheck', compaction?.writesPerCheck, MANY),
    ...whole('compaction.sizeWatermark in KiB', sizeWatermark?.toKibibytes(), MANY),
    ...whole('compaction.sizeGrowthPercent', compaction?.sizeGrowthPercent),
    ...whole('compaction.minReclaim in KiB', minReclaim?.toKibibytes(), MANY),
    ...whole('compaction.minReclaimPercent', minReclaimPercent, 100),
    ...whole('compaction.minReclaimPercentFloor', minReclaimPercentFloor, minReclaimPercent ?? 30),
  ];
}

function gitHubCacheProblems({ gitHubCache = {} }: BuildkitdConfig): Problem[] {
  const { signCommand, timestamps, transparencyLogs, certificateIssuer, subjectAlternativeName, buildSignerUri } =
    gitHubCache;
  return [
    ...(signCommand?.length === 0 ? [badValue('gitHubCache.signCommand', [], 'a program and its arguments')] : []),
    ...each('gitHubCache.signCommand', signCommand, VALUE),
    ...(timestamps === 0 ? [] : whole('gitHubCache.timestamps', timestamps, 100)),
    ...(transparencyLogs === 0 ? [] : whole('gitHubCache.transparencyLogs', transparencyLogs, 100)),
    ...each('gitHubCache.certificateIssuer', present(certificateIssuer), WORD),
    ...each('gitHubCache.subjectAlternativeName', present(subjectAlternativeName), WORD),
    ...each('gitHubCache.buildSignerUri', present(buildSignerUri), WORD),
  ];
}

const MANY = 1_000_000_000;

/** Returns a problem with one value. */
export function badValue(name: string, value: unknown, allowed: string): Problem {
  return {
    code: 'FORGE-BK-011',
    message: `${name} is ${quoted(value)}`,
    allowed,
    fix: 'give one of the allowed values, or leave it out',
  };
}

function whole(name: string, value: number | undefined, highest = 10_000): Problem[] {
  const ok = value === undefined || (Number.isInteger(value) && value >= 1 && value <= highest);
  return ok ? [] : [badValue(name, value, `a whole number from 1 to ${highest}`)];
}

function each(name: string, values: string[] | undefined, { ok, allowed }: Rule): Problem[] {
  return (values ?? []).filter((value) => !ok(value)).map((value) => badValue(name, value, allowed));
}

function present(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}

function isSubnet(value: string): boolean {
  const [address, bits, ...rest] = value.split('/');
  return net.isIPv4(address) && /^([89]|[12]\d|30)$/.test(bits ?? '') && rest.length === 0;
}
