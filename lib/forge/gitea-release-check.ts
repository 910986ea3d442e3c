import { Construct } from 'constructs';
import { badLabels, StorageKind } from '../kube';
import { Problems, quoted } from '../support';
import { Forge } from './forge';
import { GiteaIngress, ingressUrl } from './gitea-ingress';
import type { GiteaReleaseProps } from './gitea-release-props';

type Bad = (message: string, fix: string) => void;

/**
 * Rejects a release that Kubernetes or the chart would reject, or that is not the server that the app has declared.
 *
 * @throws FORGE-FRG-010
 */
export function checkRelease(release: Construct, props: GiteaReleaseProps, internalUrl: string): void {
  const problems = new Problems(release.node.path);
  const bad = (message: string, fix: string) => problems.add({ code: 'FORGE-FRG-010', message, fix });
  const { nodePort, ingress, storage, claimLabels } = props;
  if (props.forge) {
    checkForge(props.forge, { ...props, internalUrl }, bad);
  }
  if (ingress) {
    checkIngress(ingress, props, bad);
  }
  if (nodePort !== undefined && !(Number.isInteger(nodePort) && nodePort >= 30000 && nodePort <= 32767)) {
    bad(`nodePort is ${nodePort}`, 'give a whole number from 30000 to 32767');
  }
  if (storage.kind === StorageKind.MEMORY) {
    bad('repositories would be kept in memory', 'use Storage.persistent; Storage.ephemeral for a trial');
  }
  if (storage.kind === StorageKind.HOST_PATH) {
    bad(
      'the chart of Gitea has no storage in a directory of a node',
      'use Storage.persistent or Storage.existingClaim',
    );
  }
  const wrong = badLabels(claimLabels);
  if (wrong.length > 0) {
    bad(
      `claimLabels has ${wrong.map((label) => quoted(label)).join(', ')}, which Kubernetes does not accept`,
      'use keys of letters, digits, "-", "_" and "." after an optional domain and "/", and values alike, at most 63 characters',
    );
  }
  if (claimLabels !== undefined && storage.kind !== StorageKind.PERSISTENT) {
    bad(
      'claimLabels is set, but the release creates no claim',
      'set storage to Storage.persistent, or remove claimLabels',
    );
  }
  problems.throwIfAny();
}

/** Reports where a Forge that the app has already is not the server of the release. */
function checkForge(
  forge: Forge,
  { version, nodePort, ingress, ssh, internalUrl }: GiteaReleaseProps & { readonly internalUrl: string },
  bad: Bad,
): void {
  const differ = (what: string, theirs: unknown, own: unknown) =>
    theirs === own ||
    bad(`forge has ${valueOf(what, theirs)}, and the release has ${valueOf(what, own)}`, fixOf(what, theirs, own));
  if (forge.product.name !== 'gitea') {
    bad(`forge is ${forge.title}`, 'set forge to a Forge of Forge.gitea(…)');
    return;
  }
  // The Forge may have the version without its last number.
  differ('version', forge.version, version.startsWith(`${forge.version}.`) ? forge.version : version);
  differ('internalUrl', forge.internalUrl, internalUrl);
  differ('nodePort', forge.nodePort, nodePort);
  if (ingress) {
    differ('url', forge.url, ingressUrl(ingress));
  }
  if (ssh !== undefined && ssh !== forge.ssh) {
    bad('ssh is not the endpoint of forge', 'set ssh of the Forge, and remove ssh of the release');
  }
}

function valueOf(what: string, value: unknown): string {
  return value === undefined ? `no ${what}` : `${what} ${quoted(String(value))}`;
}

function fixOf(what: string, theirs: unknown, own: unknown): string {
  return own === undefined
    ? `set ${what} of the release to ${String(theirs)}, or remove ${what} of the Forge`
    : `set ${what} of the Forge to ${quoted(String(own))}`;
}

function checkIngress(ingress: GiteaIngress, props: GiteaReleaseProps, bad: Bad): void {
  if (props.serviceMonitor && !props.metricsToken) {
    bad(
      `the ingress shows /metrics of ${quoted(ingress.host)} to anyone`,
      'set metricsToken to a Secret with the key token, or remove serviceMonitor',
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(ingress.host)) {
    bad(`${quoted(ingress.host)} is not the host of an ingress`, "give a host name, e.g. 'git.example.com'");
  }
  if (
    ingress.requestsPerSecond !== undefined &&
    !(Number.isInteger(ingress.requestsPerSecond) && ingress.requestsPerSecond > 0)
  ) {
    bad(
      `requestsPerSecond is ${ingress.requestsPerSecond}`,
      'give a whole number from 1 on; a push of an image alone makes some dozens',
    );
  }
}
