/**
 * Writes programs that use Flux's objects with every option and in many combinations: `node --import tsx scripts/conformance-flux.ts <folder>`.
 * Each goes to a folder of its own, `<folder>/<n>/dist`. The combinations are the same in every run. Every third program is for
 * the oldest Flux that is supported: `<folder>/<n>-oldest/dist`.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart, Duration } from 'cdk8s';
import { GitOpsApp } from '../lib/app';
import {
  Alert,
  ChatKind,
  Cluster,
  ContentName,
  DeletionPolicy,
  DigestReflection,
  FluxInstanceOptions,
  FluxInstanceSize,
  FluxVersion,
  GitReference,
  GitRepository,
  GitVerification,
  GitVerificationMode,
  HelmChart,
  HelmRelease,
  HelmRepository,
  ImagePolicy,
  ImageRepository,
  Kustomization,
  OciReference,
  OciRepository,
  OciVerification,
  Provider,
  ProviderTarget,
  Receiver,
  ReceiverType,
  SigningKey,
  Substitution,
  TagPolicy,
} from '../lib/flux';
import { substitutedText } from '../lib/flux/cluster/substituted-text';
import { Forge } from '../lib/forge';
import { Endpoint, Registry, SignaturePolicyEngine, SignaturePolicyMode, SignedImages } from '../lib/registry';
import { SecretSource } from '../lib/secret';
import { ForgeError } from '../lib/support';
import { CaBundle, SignatureFormat, Signer, Trust } from '../lib/trust';
import { tagCases } from './tag-cases';

const PROGRAMS = 60;
const INSTANCES = 40;
const secret = SecretSource.existing;

/** A generator of its own: always the same choices (mulberry32). */
class Choices {
  constructor(private state: number) {}

  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  of<T>(...values: T[]): T {
    return values[this.below(values.length)];
  }

  maybe<T>(value: T): T | undefined {
    return this.below(2) === 0 ? value : undefined;
  }

  get duration(): Duration {
    return this.of(
      Duration.seconds(1),
      Duration.seconds(59),
      Duration.minutes(5),
      Duration.minutes(90),
      Duration.hours(25),
      Duration.days(2),
      Duration.seconds(3661),
    );
  }
}

/** Choices for a program, and whether the program is for the oldest Flux that is supported. */
interface Case {
  readonly choose: Choices;
  readonly isOldest: boolean;
}

function program(folder: string, { choose, isOldest }: Case): void {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const substitution = choose.maybe(
    Substitution.of({
      values: { A: 'b' },
      configMaps: choose.maybe(['settings']),
      secrets: choose.maybe([secret('variables')]),
    }),
  );
  const home = new Cluster(app, 'home', {
    source: gitea.repository('platform/gitops'),
    branch: choose.maybe('trunk'),
    version: isOldest ? FluxVersion.of('2.7') : undefined,
    parts: choose.of(1, 2, 5),
    expected: choose.of(1, 600),
    substitution,
    decryption: choose.maybe(secret('age')),
    webhookToken: choose.maybe(secret('webhook')),
    imageUpdates: choose.maybe({
      pushBranch: choose.maybe('updates'),
      interval: choose.duration,
      signingKey: choose.maybe(
        choose.of(
          SigningKey.gpg(secret('key')),
          isOldest ? SigningKey.gpg(secret('key')) : SigningKey.ssh(secret('key')),
        ),
      ),
      policyChangeDelay: isOldest ? undefined : choose.maybe(choose.duration),
      suspend: choose.maybe(true),
    }),
  });
  for (let i = choose.below(4) + 1; i > 0; i--) {
    workload(home, `app-${i}`, choose);
  }
  sources(home, new Chart(home, 'sources', { namespace: 'sources' }), { choose, isOldest });
  signatures(new Chart(home, 'signatures', { namespace: 'signatures' }));
  app.synth();
}

/** Policies of both engines, for a key and for an identity: what the cluster's own CRDs must admit. */
function signatures(chart: Chart): void {
  const { KYVERNO, POLICY_CONTROLLER } = SignaturePolicyEngine;
  const credentials = secret('registry');
  const registry = Registry.oci({ owner: 'a', pull: Endpoint.https('registry.example.com'), credentials });
  const key = Signer.keyFile(path.join(__dirname, '../examples/1-gitea-pipeline/cosign.pub'));
  const identity = Signer.keyless({ issuer: 'https://id.example.com', subject: 'https://git.example.com/a/b' });
  for (const engine of [KYVERNO, POLICY_CONTROLLER]) {
    for (const mode of [SignaturePolicyMode.ENFORCE, SignaturePolicyMode.WARN]) {
      const common = { registry, images: ['a', 'team/b'], engine, mode };
      new SignedImages(chart, `key-${engine}-${mode}`, { ...common, signer: key, format: SignatureFormat.LEGACY });
      new SignedImages(chart, `identity-${engine}-${mode}`, { ...common, signer: identity });
    }
  }
}

function registryOf(choose: Choices): Registry {
  const credentials = choose.maybe(secret('registry'));
  return choose.of(
    Registry.oci({ owner: 'a', pull: Endpoint.http('10.96.0.50:5000'), credentials }),
    Registry.oci({
      owner: 'a',
      pull: Endpoint.https('registry.example.com', { trust: Trust.privateCa(CaBundle.fromSecret('ca')) }),
      credentials,
    }),
    Registry.ghcr({ owner: 'a', credentials }),
  );
}

function workload(home: Cluster, id: string, choose: Choices): void {
  const repository = new ImageRepository(home.images, id, {
    registry: registryOf(choose),
    image: id,
    interval: choose.maybe(choose.duration),
    timeout: choose.maybe(choose.duration),
    exclude: choose.maybe(['^.*\\.sig$', '^[a-z]+$']),
    sharedWith: choose.maybe(['other']),
    suspend: choose.maybe(true),
  });
  const [tags, digest] = choose.of<[TagPolicy, DigestReflection | undefined]>(
    [TagPolicy.timestamped(), choose.maybe(DigestReflection.IF_NOT_PRESENT)],
    [
      TagPolicy.semver(choose.of('*', '1.x', '>=1.0.0-0', '^1 || ^2'), { pattern: choose.maybe('^v?(?P<v>.*)$') }),
      choose.maybe(DigestReflection.always(choose.duration)),
    ],
    [
      choose.of(TagPolicy.numeric(), TagPolicy.numeric({ pattern: '^build-(\\d+)$', extract: '$1', initialTag: '7' })),
      undefined,
    ],
    [TagPolicy.newest('latest'), choose.maybe(DigestReflection.always(choose.duration))],
    [TagPolicy.pinned('1.2.3'), undefined],
  );
  const { image } = new ImagePolicy(repository, id, {
    repository,
    tags,
    digest,
    labels: choose.maybe({ team: 'a' }),
    suspend: choose.maybe(true),
  });
  const chart = new Chart(home, id, { namespace: id });
  new ApiObject(chart, 'settings', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { IMAGE: image.reference, SCRIPT: 'echo ${HOME} $$' },
  });
  ContentName.mark(
    new ApiObject(chart, 'job', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: id },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: image.reference }] } } },
    }),
  );
}

function verificationOf({ choose, isOldest }: Case): OciVerification {
  const identities = [{ issuer: '^https://id.example.com$', subject: '^release$' }];
  return choose.of(
    OciVerification.cosign(secret('cosign')),
    OciVerification.notation(secret('trust')),
    OciVerification.keyless(identities, isOldest ? undefined : choose.maybe(secret('sigstore'))),
  );
}

function optionsOf(choose: Choices) {
  return {
    healthCheckExprs: choose.maybe([
      { apiVersion: 'example.com/v1', kind: choose.maybe('Thing'), current: "status.phase == 'Running'" },
    ]),
    components: choose.maybe(['../components/tls']),
    patches: choose.maybe([
      { patch: '- op: remove\n  path: /spec/replicas\n', target: { kind: 'Deployment', labelSelector: 'app=web' } },
      { patch: 'kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  A: "1"\n' },
    ]),
  };
}

function sources(home: Cluster, chart: Chart, each: Case): void {
  const { choose, isOldest } = each;
  const common = {
    interval: choose.maybe(choose.duration),
    timeout: choose.maybe(choose.duration),
    suspend: choose.maybe(true),
  };
  const git = new GitRepository(chart, 'git', {
    ...common,
    repository: home.source.repository,
    credentials: choose.maybe(secret('git')),
    url: choose.maybe('ssh://git@git.example.com:22/a/b.git'),
    recurseSubmodules: choose.maybe(true),
    sparseCheckout: choose.maybe(['deploy', 'components']),
    verify: choose.maybe(
      isOldest ? GitVerification.gpg(secret('keys')) : GitVerification.ssh(secret('keys'), GitVerificationMode.HEAD),
    ),
    reference: choose.maybe(
      choose.of(GitReference.tag('v1'), GitReference.semver('1.x'), GitReference.commit('0'.repeat(40), 'main')),
    ),
  });
  const oci = new OciRepository(chart, 'oci', {
    ...common,
    registry: registryOf(choose),
    artifact: 'manifests',
    reference: choose.of(
      OciReference.tag('a'),
      OciReference.semver('1.x', choose.maybe('-rc')),
      OciReference.digest(`sha256:${'0'.repeat(64)}`),
    ),
    verify: choose.maybe(verificationOf(each)),
  });
  const helm = new HelmRepository(chart, 'helm', {
    ...common,
    url: choose.of('https://charts.example.com', 'oci://ghcr.io/charts'),
    credentials: choose.maybe(secret('helm')),
    certificates: choose.maybe(secret('ca')),
  });
  const first = new HelmRelease(chart, 'first', { chart: HelmChart.fromOci(oci) });
  const release = new HelmRelease(chart, 'second', {
    chart: HelmChart.fromRepository(helm, { name: 'app', version: '1.x' }),
    values: choose.maybe({ a: [1, true, 'x'] }),
    secretValues: choose.maybe(secret('values')),
    releaseName: choose.maybe('release'),
    targetNamespace: choose.maybe('target'),
    createNamespace: choose.maybe(true),
    dependsOn: choose.maybe([first]),
    interval: common.interval,
    timeout: common.timeout,
    retries: choose.of(undefined, 0, 5),
  });
  const before = new Kustomization(chart, 'before', { source: oci, path: './' });
  const after = new Kustomization(chart, 'after', {
    ...common,
    source: git,
    path: './deploy',
    dependsOn: [before],
    readyExpr: choose.maybe('dep.metadata.generation == dep.status.observedGeneration'),
    ...optionsOf(choose),
    retryInterval: choose.maybe(choose.duration),
    prune: choose.maybe(false),
    force: choose.maybe(true),
    healthChecks: choose.maybe([release.apiObject]),
    deletionPolicy: choose.maybe(choose.of(...Object.values(DeletionPolicy))),
    decryption: choose.maybe(secret('age')),
    serviceAccountName: choose.maybe('applier'),
    substitution: choose.maybe(Substitution.of({ values: { B: 'c' } })),
  });
  new Receiver(chart, 'receiver', {
    type: choose.of(...Object.values(ReceiverType)),
    token: secret('token'),
    resources: [git, oci, helm, after, release],
    events: choose.maybe(['push']),
    interval: common.interval,
    suspend: common.suspend,
  });
  const target = choose.of(
    ProviderTarget.webhook('http://a.example.com/x'),
    ProviderTarget.signedWebhook('https://a.example.com', secret('hmac')),
    ProviderTarget.alertmanager('http://a.example.com'),
    ProviderTarget.chat(choose.of(...Object.values(ChatKind)), secret('chat')),
    ProviderTarget.commitStatus(home.source.repository, secret('token')),
  );
  const provider = new Provider(chart, 'provider', { target, channel: choose.maybe('ci'), suspend: common.suspend });
  new Alert(chart, 'alert', {
    provider,
    sources: [after, release],
    errorsOnly: choose.maybe(true),
    exclude: choose.maybe(['^up to date']),
    suspend: common.suspend,
  });
}

const LITERALS = [
  '',
  '',
  '.',
  '-',
  '1',
  '0x',
  '1e',
  'git.',
  'http://',
  'a b',
  "it's ",
  '"',
  '\\',
  '$',
  '${HOME}',
  'é',
  't',
  'n',
  ': ',
  ' #',
  '\n',
];
const VALUES = [
  '',
  '1',
  '007',
  '0x1F',
  '1e3',
  '.5',
  'true',
  'NO',
  'null',
  '~',
  'example.com',
  '2024-01-01',
  '1:30',
  '*',
  '&a',
  '[1]',
  '{a: 1}',
  '- x',
  'a: b',
  'a #b',
  '#',
  '!t',
  '%',
  '@',
  '`',
  '|',
  '>',
  "it's",
  'say "x"',
  'C:\\x',
  ' x ',
  'é',
  'e',
  'ue',
];

/** Returns texts with variables, as the library writes them. A value that only the cluster knows is a usual one. */
function substituted(choose: Choices): { written: string; values: Record<string, string>; read: string }[] {
  const usual = VALUES.filter((value) => !/^$|['"\\]|: | #|^ | $/.test(value));
  return Array.from({ length: 20000 }, () => {
    const isKnown = choose.below(2) === 0;
    const list = isKnown ? VALUES : usual;
    const values = { A: choose.of(...list), B: choose.of(...list) };
    const parts = [choose.of(...LITERALS), '<variable:A>', choose.of(...LITERALS)];
    const text = [...parts, ...(choose.below(3) === 0 ? ['<variable:B>', choose.of(...LITERALS)] : [])].join('');
    try {
      const written = substitutedText(text, (name) => (isKnown ? values[name as 'A' | 'B'] : undefined));
      return [
        { written, values, read: text.replace('<variable:A>', () => values.A).replace('<variable:B>', () => values.B) },
      ];
    } catch (e) {
      if (e instanceof ForgeError) {
        return [];
      }
      throw e;
    }
  }).flat();
}

/** Writes a program whose Flux the Flux Operator installs. It is apart from the others: an API server without the operator refuses it. */
function operated(folder: string, choose: Choices): void {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');
  const instance = instanceOf(choose);
  const home = new Cluster(app, 'home', {
    source,
    instance,
    shard: instance.shards?.[0],
    version: choose.of(undefined, FluxVersion.of('2.9')),
    webhookToken: choose.maybe(secret('webhook')),
  });
  if (choose.below(2) === 0) {
    workload(home, 'app', choose);
  }
  app.synth();
}

/** Returns what the Flux Operator installs. */
function instanceOf(choose: Choices): FluxInstanceOptions {
  return {
    distribution: choose.of(undefined, '2.x', '2.9.x', '2.10.*', '2.7.3'),
    registry: choose.maybe('registry.example.com/fluxcd'),
    size: choose.of(undefined, FluxInstanceSize.SMALL, FluxInstanceSize.MEDIUM, FluxInstanceSize.LARGE),
    multitenant: choose.maybe(true),
    networkPolicy: choose.of(undefined, false, true),
    components: choose.maybe(['helm-controller', 'source-watcher']),
    shards: choose.maybe(['shard1', 'shard2']),
    patches: choose.maybe([
      {
        patch: '- op: add\n  path: /spec/template/spec/priorityClassName\n  value: system-cluster-critical',
        target: { kind: 'Deployment' },
      },
    ]),
  };
}

const [folder] = process.argv.slice(2);
if (!folder) {
  throw new Error('usage: conformance-flux.ts <folder>');
}
for (let i = 0; i < PROGRAMS; i++) {
  const isOldest = i % 3 === 0;
  program(path.join(folder, `${i}${isOldest ? '-oldest' : ''}`), { choose: new Choices(i), isOldest });
}
for (let i = 0; i < INSTANCES; i++) {
  operated(path.join(folder, 'instances', `${i}`), new Choices(PROGRAMS + 2 + i));
}
fs.writeFileSync(path.join(folder, 'tags.json'), JSON.stringify(tagCases(new Choices(PROGRAMS + 1), 1000)));
fs.writeFileSync(path.join(folder, 'substituted.json'), JSON.stringify(substituted(new Choices(PROGRAMS))));
