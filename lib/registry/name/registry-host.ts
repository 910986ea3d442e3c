import { ForgeError, isUrlHost, quoted } from '../../support';

/**
 * Checks an address that precedes the path of an image, and returns it.
 *
 * The grammar is the `domain` of github.com/distribution/reference, restricted to the values that all consumers accept.
 * The address must be lowercase and contain a dot, a port or `localhost`. Otherwise, Docker reads the word as part of
 * the path.
 *
 * @throws FORGE-REG-001 if it is not one
 *
 * @jsii ignore
 */
export function registryHost(host: string): string {
  const why = problemWith(host);
  if (why === undefined) {
    return host;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-001',
    message: `${host.includes('@') ? '(not shown)' : quoted(host)} is not the host of a registry: ${why.problem}`,
    allowed: 'host or host:port in lower case, with a dot or a port; no scheme, no path',
    fix:
      why.fix ??
      "write the part between '://' and the next '/', e.g. 'git.example.com' or 'gitea-http.gitea.svc.cluster.local:3000'",
    symptom: why.symptom,
  });
}

interface Finding {
  readonly problem: string;
  readonly fix?: string;
  readonly symptom?: string;
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function problemWith(host: string): Finding | undefined {
  return shapeProblem(host) ?? portProblem(host) ?? nameProblem(host.replace(/:\d+$/, ''), host.includes(':'));
}

function shapeProblem(host: string): Finding | undefined {
  if (host.includes('://')) {
    return {
      problem: 'it has a scheme',
      fix: `write ${quoted(host.replace(/^.*?:\/\//, '').replace(/\/.*$/, ''))}: Endpoint.http and Endpoint.https say the scheme`,
    };
  }
  if (host.includes('@')) {
    return { problem: 'it has a user or a digest in it' };
  }
  if (host.includes('/')) {
    return { problem: 'it has a path', fix: 'give the host alone; the owner is the first part of the path' };
  }
  if (/[A-Z]/.test(host)) {
    return { problem: 'it has upper case letters', fix: `write ${quoted(host.toLowerCase())}` };
  }
  if (/^\[|:.*:/.test(host)) {
    return {
      problem: 'it is an IPv6 address',
      fix: 'give it a name: containerd, Docker and Flux do not agree on bracketed addresses',
    };
  }
  return undefined;
}

function portProblem(host: string): Finding | undefined {
  const port = /:(.*)$/.exec(host)?.[1];
  if (port === undefined || (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535)) {
    return undefined;
  }
  return { problem: `${quoted(port)} is not a port` };
}

function nameProblem(name: string, hasPort: boolean): Finding | undefined {
  if (name.length > 253 || !name.split('.').every((label) => LABEL.test(label))) {
    return { problem: 'it is not a host name' };
  }
  if (!name.includes('.') && !hasPort && name !== 'localhost') {
    return {
      problem: 'it has neither a dot nor a port',
      symptom: 'pull access denied: Docker takes it for a user of Docker Hub',
    };
  }
  if (/^[\d.]+$/.test(name)) {
    return ipProblem(name);
  }
  // A name that ends in a number is an IPv4 address to some clients, and a broken one; so is punycode that means nothing.
  return isUrlHost(name) ? undefined : { problem: 'it is not a host name to every client' };
}

/**
 * IP address ranges of pods in k3s, kubeadm with flannel, and kind. An address in these ranges is deleted with its pod.
 */
const POD_NETWORKS = [/^10\.42\./, /^10\.244\./];

function ipProblem(name: string): Finding | undefined {
  const parts = name.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) {
    return { problem: 'it is not an IPv4 address' };
  }
  if (!POD_NETWORKS.some((network) => network.test(name))) {
    return undefined;
  }
  return {
    problem: 'it is the address of a pod, which changes when the pod is replaced',
    fix: "use the Service's name, e.g. 'gitea-http.gitea.svc.cluster.local:3000'",
    symptom: 'dial tcp: connect: no route to host, after the next restart',
  };
}
