import { domainToUnicode } from 'node:url';
import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ForgeError } from './forge-error';
import { quoted } from './text';

/** The pattern of an RFC 1123 label, which Kubernetes requires in most names. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The pattern of an RFC 1123 subdomain, which consists of labels joined by dots. */
export const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Returns whether every client reads a name as the name of a host, and as this one. A name whose last part is a number is an
 * IPv4 address to some clients: `1.2` is 1.0.0.2.
 *
 * @jsii ignore
 */
export function isUrlHost(name: string): boolean {
  try {
    return new URL(`https://${name}/`).hostname === name && hasOnlyDecodableLabels(name);
  } catch {
    return false;
  }
}

/**
 * Returns whether each label of a host that begins with `xn--` stands for other letters. Node.js 20 and 22 cannot parse a URL
 * with another one, newer ones can: without this check, the result of a synth would depend on the version.
 *
 * @jsii ignore
 */
export function hasOnlyDecodableLabels(host: string): boolean {
  const encoded = host.split('.').filter((label) => /^xn--/i.test(label));
  return encoded.map(domainToUnicode).every((label) => /[^ -~]/.test(label) && !label.startsWith('xn--'));
}

/**
 * Returns the chart that contains a construct.
 *
 * @jsii ignore
 */
export function chartOf(construct: IConstruct): Chart {
  const chart = construct.node.scopes.reverse().find(Chart.isChart) as Chart | undefined;
  if (!chart) {
    throw ForgeError.at(construct, {
      code: 'FORGE-NAME-003',
      message: `${quoted(construct.node.path)} is not in a chart`,
      allowed: 'a Chart as scope, or a construct in a Chart',
      fix: "create a chart and pass it as scope: new Chart(cluster, 'apps', { namespace: 'apps' })",
      symptom: 'cannot find a parent chart (directly or indirectly)',
    });
  }
  return chart;
}

/**
 * Returns the name of an object that a construct creates. The name is the construct's path inside its chart, readable
 * and without a hash.
 *
 * Synthesis detects collisions and rejects two objects with the same kind, namespace and name.
 *
 * @jsii ignore
 */
export function objectName(construct: IConstruct, ...suffix: string[]): string {
  const chart = chartOf(construct);
  const scopes = construct.node.scopes;
  const ids = scopes
    .slice(scopes.indexOf(chart) + 1)
    .map((c) => c.node.id)
    .filter((id) => id !== 'Resource' && id !== 'Default');
  const name = [...ids, ...suffix].join('-').toLowerCase();
  if (!DNS_LABEL.test(name)) {
    throw ForgeError.at(construct, {
      code: 'FORGE-NAME-001',
      message: `the object name ${quoted(name)}, made from the construct ids below chart ${quoted(chart.node.path)}, is not a DNS label`,
      allowed: 'a-z, 0-9 and "-", at most 63 characters, first and last a letter or digit',
      fix: 'choose shorter ids of letters, digits and dashes',
    });
  }
  return name;
}

/**
 * Returns the namespace of the objects that this construct creates.
 *
 * @jsii ignore
 */
export function namespaceOf(construct: IConstruct): string {
  const chart = chartOf(construct);
  if (!chart.namespace) {
    throw ForgeError.at(construct, {
      code: 'FORGE-NAME-002',
      message: `chart ${quoted(chart.node.path)} has no namespace`,
      fix: "give the chart one: new Chart(scope, id, { namespace: '…' }); what this construct refers to is looked up by namespace",
    });
  }
  return chart.namespace;
}

/**
 * Returns the end of the names of variables and secrets for a host, such as `_GHCR_IO`.
 *
 * @jsii ignore
 */
export function hostSuffix(host: string): string {
  return `_${host.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

/**
 * Returns the host of a URL with its port, such as `git.example.com:8443`; the text itself if it is not a URL.
 *
 * @jsii ignore
 */
export function hostOfUrl(url: string): string {
  return (URL.canParse(url) && new URL(url).host) || url;
}
