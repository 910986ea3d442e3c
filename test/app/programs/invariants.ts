import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readTree } from '../../support/workspace';

type Labels = Record<string, string>;

/** An object of the output, as far as the invariants read it. */
export interface Found {
  readonly cluster: string;
  readonly layer: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of every kind
  readonly object: any;
}

interface PodFound {
  readonly owner: Found;
  readonly labels: Labels;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a pod spec
  readonly spec: any;
}

interface PlanFile {
  readonly secrets: { readonly namespace: string; readonly name: string }[];
}

/** What a program wrote. */
export class Output {
  readonly objects: Found[];
  readonly pods: PodFound[];
  readonly files: Record<string, string>;
  private readonly plan: PlanFile;

  constructor(folder: string) {
    this.files = readTree(path.join(folder, 'dist/clusters'));
    this.plan = JSON.parse(fs.readFileSync(path.join(folder, 'dist/.cdk8s-forge.json'), 'utf8')) as PlanFile;
    this.objects = Object.entries(this.files).flatMap(([file, text]) => {
      const [cluster, layer] = file.split('/');
      return parseAllDocuments(text).map((document) => found(document.toJSON(), cluster, layer));
    });
    this.pods = this.objects.flatMap((owner) => podsOf(owner));
  }

  /** Every broken invariant, in words. */
  get broken(): string[] {
    return [
      ...this.pods.flatMap((pod) => this.pulls(pod)),
      ...Object.entries(this.files).flatMap(([file, text]) => this.markers(file.split('/')[0], text)),
      ...this.objects.flatMap((object) => this.secrets(object)),
      ...this.pods.flatMap((pod) => this.ways(pod)),
      ...this.objects.flatMap((object) => this.order(object)),
    ];
  }

  /** A pod with an image of ours has a Secret for its registry, by itself or by its ServiceAccount. */
  private pulls({ owner, spec }: PodFound): string[] {
    const images = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
      ({ image }: { image: string }) => image,
    );
    if (!images.some((image) => image.startsWith('git.example.com/platform/'))) {
      return [];
    }
    const account = spec.serviceAccountName ?? 'default';
    const secrets = [
      ...(spec.imagePullSecrets ?? []),
      ...(this.find(owner, 'ServiceAccount', account)?.object.imagePullSecrets ?? []),
    ];
    return secrets.length > 0 ? [] : [`${say(owner)} cannot pull as ${account}`];
  }

  /** Each marker names a policy of its own cluster. */
  private markers(cluster: string, text: string): string[] {
    return [...text.matchAll(/# \{"\$imagepolicy": "([^":]+):([^":]+)/g)]
      .filter(
        ([, namespace, name]) =>
          !this.objects.some(
            (o) => o.kind === 'ImagePolicy' && o.cluster === cluster && o.namespace === namespace && o.name === name,
          ),
      )
      .map(([marker]) => `${cluster} has no policy for ${marker}`);
  }

  /** Each Secret that an object refers to is in the inventory, or comes from an object of the cluster. */
  private secrets(owner: Found): string[] {
    return secretsIn(owner.object)
      .filter((name) => !this.comes(owner, name))
      .map((name) => `${say(owner)} refers to Secret ${owner.namespace}/${name}, which nothing names`);
  }

  private comes(owner: Found, name: string): boolean {
    const isListed = this.plan.secrets.some((secret) => secret.namespace === owner.namespace && secret.name === name);
    return (
      isListed ||
      this.objects.some(
        (o) =>
          o.cluster === owner.cluster &&
          o.namespace === owner.namespace &&
          o.kind === 'Certificate' &&
          o.object.spec.secretName === name,
      )
    );
  }

  /** Each builder that a pod is told of admits the pod, and the pod may go there. */
  private ways(pod: PodFound): string[] {
    const text = JSON.stringify(pod.spec);
    const targets = [...text.matchAll(/tcp:\/\/(?:([a-z0-9-]+)\.)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.[a-z.]+:(\d+)/g)];
    return targets.flatMap(([, , service, namespace, port]) => {
      const { cluster } = pod.owner;
      const found = this.objects.find(
        (o) => o.kind === 'Service' && o.cluster === cluster && o.namespace === namespace && o.name === service,
      );
      const selector = found?.object.spec.selector as Labels | undefined;
      const servers = this.pods.filter(
        (p) =>
          p.owner.cluster === cluster &&
          p.owner.namespace === namespace &&
          selector !== undefined &&
          includes(p.labels, selector),
      );
      const opens = servers.filter((server) => this.isOpen('ingress', server, pod, Number(port)));
      const leaves = servers.filter((server) => this.isOpen('egress', pod, server, Number(port)));
      return [
        ...(servers.length === 0 ? [`${say(pod.owner)}: nothing is behind ${service}.${namespace}`] : []),
        ...(opens.length < servers.length
          ? [`${say(pod.owner)} is not admitted at ${service}.${namespace}:${port}`]
          : []),
        ...(leaves.length < servers.length ? [`${say(pod.owner)} may not go to ${service}.${namespace}:${port}`] : []),
      ];
    });
  }

  /** Whether the NetworkPolicies of a pod let the other one through. */
  private isOpen(direction: 'ingress' | 'egress', pod: PodFound, other: PodFound, port: number): boolean {
    const type = direction === 'ingress' ? 'Ingress' : 'Egress';
    const policies = this.objects.filter(
      ({ kind, cluster, namespace, object }) =>
        kind === 'NetworkPolicy' &&
        cluster === pod.owner.cluster &&
        namespace === pod.owner.namespace &&
        object.spec.policyTypes.includes(type) &&
        includes(pod.labels, object.spec.podSelector.matchLabels ?? {}),
    );
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a rule of either direction
    const isMatch = (rule: any) =>
      (rule.ports === undefined ||
        rule.ports.some((p: { port?: number }) => p.port === undefined || p.port === port)) &&
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a peer
      (rule.from ?? rule.to ?? [{}]).some((peer: any) => isPeer(peer, pod.owner.namespace, other));
    return policies.length === 0 || policies.some(({ object }) => (object.spec[direction] ?? []).some(isMatch));
  }

  /** What an object needs is applied in its own layer, or in one that its layer waits for. */
  private order(owner: Found): string[] {
    const needed = [
      ...this.objects.filter((o) => o.kind === 'Namespace' && o.name === owner.namespace && owner.kind !== 'Namespace'),
      ...secretsIn(owner.object).flatMap((name) => this.creators(owner, name)),
      ...accountsIn(owner.object).flatMap((name) => this.find(owner, 'ServiceAccount', name) ?? []),
    ].filter(({ cluster }) => cluster === owner.cluster);
    return needed
      .filter(
        (other) =>
          other.layer !== owner.layer &&
          owner.layer !== 'flux' &&
          !this.waitsFor(owner.cluster, owner.layer, other.layer),
      )
      .map((other) => `${say(owner)} (${owner.layer}) needs ${say(other)} of the later layer ${other.layer}`);
  }

  private creators({ cluster, namespace }: Found, name: string): Found[] {
    return this.objects.filter(
      (o) =>
        o.cluster === cluster &&
        o.namespace === namespace &&
        ((['Secret', 'ExternalSecret'].includes(o.kind) && o.name === name) ||
          (o.kind === 'Certificate' && o.object.spec.secretName === name)),
    );
  }

  private waitsFor(cluster: string, layer: string, other: string): boolean {
    if (other === 'flux') {
      return true;
    }
    const found = this.objects.find(
      (o) => o.kind === 'Kustomization' && o.cluster === cluster && o.name === `${cluster}-${layer}`,
    );
    const names = ((found?.object.spec.dependsOn ?? []) as { name: string }[]).map(({ name }) =>
      name.slice(cluster.length + 1),
    );
    return names.includes(other) || names.some((name) => this.waitsFor(cluster, name, other));
  }

  private find({ cluster, namespace }: Found, kind: string, name: string): Found | undefined {
    return this.objects.find(
      (o) => o.cluster === cluster && o.namespace === namespace && o.kind === kind && o.name === name,
    );
  }
}

/** The output without the order of documents in a file: within a chart, objects keep the order in which they were created. */
export function unordered(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      file.endsWith('.k8s.yaml')
        ? text
            .split('\n---\n')
            .map((t) => t.trim())
            .sort()
            .join('\n---\n')
        : text,
    ]),
  );
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of every kind
function found(object: any, cluster: string, layer: string): Found {
  const { name, namespace = '', labels = {} } = object.metadata;
  return { cluster, layer, kind: object.kind, name, namespace, labels, object };
}

function podsOf(owner: Found): PodFound[] {
  const { kind, object } = owner;
  if (kind === 'Pod') {
    return [{ owner, labels: owner.labels, spec: object.spec }];
  }
  const template = object.spec?.jobTemplate?.spec.template ?? object.spec?.template;
  return template?.spec?.containers === undefined
    ? []
    : [{ owner, labels: template.metadata?.labels ?? {}, spec: template.spec }];
}

/** The names of the Secrets that an object refers to, wherever it does. */
function secretsIn(value: unknown, key = ''): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown) =>
      key === 'imagePullSecrets' ? [(one as { name: string }).name] : secretsIn(one, key),
    );
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const of = value as Record<string, unknown>;
  if (['secretKeyRef', 'secretRef', 'certSecretRef'].includes(key)) {
    return of.optional === true ? [] : [String(of.name)];
  }
  return Object.entries(of).flatMap(([name, one]) =>
    name === 'secretName' && key === 'secret' ? [String(one)] : secretsIn(one, name),
  );
}

function accountsIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"serviceAccountName":"([^"]+)"/g)].map(([, name]) => name);
}

const includes = (labels: Labels, wanted: Labels) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

interface Peer {
  readonly ipBlock?: unknown;
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly namespaceSelector?: { readonly matchLabels?: Labels };
}

function isPeer({ ipBlock, podSelector, namespaceSelector }: Peer, namespace: string, other: PodFound): boolean {
  if (ipBlock !== undefined) {
    return false;
  }
  const wanted =
    namespaceSelector === undefined
      ? namespace
      : (namespaceSelector.matchLabels?.['kubernetes.io/metadata.name'] ?? other.owner.namespace);
  return wanted === other.owner.namespace && includes(other.labels, podSelector?.matchLabels ?? {});
}

const say = ({ cluster, kind, namespace, name }: Found) => `${cluster}: ${kind} ${namespace}/${name}`;
