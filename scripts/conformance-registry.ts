/**
 * Writes what each kind of registry makes clients' files of, for the Go tests in conformance/registry:
 *
 *   node --import tsx scripts/conformance-registry.ts <outdir>
 *
 * <outdir>/references.json   names, and what ImageName made of each
 * <outdir>/bundles.json      CA bundles that were taken; known_hosts.json: one file and who is in it
 * <outdir>/cases/<n>/        certs.d/, registries.yaml, docker/config.json, dockerconfig.tmpl; expected.json says what they must mean
 * The same call gives the same files.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import fc from 'fast-check';
import { SshEndpoint } from '../lib/forge';
import { DockerConfigJson, ImageName, NodeConfig, registryHost, Zone } from '../lib/registry';
import { SecretSource, SecretStore } from '../lib/secret';
import { certificatesIn } from '../lib/trust';
import { ForgeError } from '../lib/support';
import { CA_FILE, REGISTRIES } from '../test/registry/registries';
import { seedOf } from '../test/support/seed';

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    if (e instanceof ForgeError) {
      return undefined;
    }
    throw e;
  }
}

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const host = fc.oneof(
  fc.domain(),
  fc.constantFrom('localhost:5000', '192.168.1.10:30080', 'zot:5000', 'git.example.com:8443'),
);
const path = fc.stringMatching(
  /^[a-z0-9]{1,5}([._-]{0,3}[a-z0-9]{1,4}){0,3}(\/[a-z0-9]{1,5}([._-]{0,2}[a-z0-9]{1,4}){0,2}){0,2}$/,
);
const version = fc.oneof(
  fc.constant(''),
  fc.constant(`@${DIGEST}`),
  fc.stringMatching(/^:[A-Za-z0-9_.-]{0,20}$/),
  fc.stringMatching(/^:[a-z0-9]{1,5}$/).map((tag) => `${tag}@${DIGEST}`),
);
const name = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(host, path, version).map(([h, p, v]) => `${h}/${p}${v}`) },
  fc.stringMatching(/^[a-zA-Z0-9._:\/@-]{0,40}$/),
);

function references(): object[] {
  return fc.sample(name, { numRuns: 5000, seed: seedOf(1) }).map((text) => {
    const parsed = attempt(() => ImageName.parse(text));
    return {
      text,
      accepted: parsed !== undefined,
      repository: parsed?.repository ?? '',
      tag: parsed?.tag ?? '',
      digest: parsed?.digest ?? '',
      host: attempt(() => registryHost(parsed?.host ?? '')) ?? '',
    };
  });
}

/** What the External Secrets Operator makes a Docker configuration of. */
function templateOf(hosts: string[]): string {
  const chart = new Chart(Testing.app(), 'apps', { namespace: 'apps' });
  const keys = { username: { key: 'user' }, password: { key: 'password' } };
  SecretSource.externalSecret('registry', { store: SecretStore.cluster('vault'), keys }).provide(chart, {
    purpose: 'pulls',
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
    registryHosts: hosts,
  });
  return Testing.synth(chart)[0].spec.target.template.data['.dockerconfigjson'];
}

function writeCase(folder: string, title: string, make: (typeof REGISTRIES)[string]): void {
  const registry = make();
  const nodes = new NodeConfig([registry]);
  const { hosts } = DockerConfigJson.of([registry]);
  for (const [file, text] of Object.entries(nodes.hostsToml)) {
    write(join(folder, 'certs.d', file), text);
  }
  // A certificate that is in the cluster is not known here; on the nodes somebody has put one there.
  for (const [host, file] of Object.entries(nodes.certificateFiles)) {
    const path = file.replace('/etc/containerd/', '');
    write(join(folder, path), nodes.certificates[host] ?? readFileSync(CA_FILE, 'utf8'));
  }
  write(join(folder, 'registries.yaml'), nodes.k3sRegistriesYaml);
  execFileSync('bash', ['--norc', '-c', DockerConfigJson.script], {
    env: {
      PATH: process.env.PATH,
      DOCKER_CONFIG: join(folder, 'docker'),
      REGISTRY_HOSTS: hosts.join(' '),
      REGISTRY_USER: 'ci',
      REGISTRY_TOKEN: 'made: "up"',
    },
  });
  const { pull } = registry;
  write(join(folder, 'dockerconfig.tmpl'), templateOf(hosts));
  write(
    join(folder, 'expected.json'),
    JSON.stringify(
      {
        title,
        reference: registry.pullName('app'),
        pull: pull.host,
        urls: [...pull.mirrors.filter((mirror) => mirror.isReachableFrom(Zone.NODE)), pull].map(
          (endpoint) => endpoint.url,
        ),
        authorities: Object.fromEntries(
          [...pull.mirrors, pull].map((endpoint) => [endpoint.url, endpoint.host in nodes.certificateFiles]),
        ),
        auths: hosts,
      },
      null,
      2,
    ),
  );
}

/** Bundles as they were handed on: of certificates with words between them, and of spoiled ones that were taken all the same. */
function bundles(): string[] {
  const all = ['ca.crt', 'expired-ca.crt', 'chain.crt'].map((file) =>
    readFileSync(join(dirname(CA_FILE), file), 'utf8'),
  );
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n -';
  const spoiled = fc
    .tuple(fc.nat(all[0].length - 1), fc.constantFrom(...characters))
    .map(([at, character]) => all[0].slice(0, at) + character + all[0].slice(at + 1));
  const mixed = fc
    .tuple(fc.shuffledSubarray(all, { minLength: 1 }), fc.constantFrom('', '\n', '# a comment\n', 'Bag Attributes\r\n'))
    .map(([some, between]) => some.join(between));
  return [
    ...new Set(
      [
        ...fc.sample(spoiled, { numRuns: 5000, seed: seedOf(1) }),
        ...fc.sample(mixed, { numRuns: 200, seed: seedOf(1) }),
      ].flatMap((text) => attempt(() => certificatesIn(text)) ?? []),
    ),
  ];
}

function knownHosts(): object {
  const key = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from('ssh-ed25519'),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, 7),
  ]).toString('base64');
  const ssh = SshEndpoint.of('host.docker.internal', 30022, {
    aliases: ['127.0.0.1', 'git.example.com:22', 'gitea-ssh.gitea.svc.cluster.local:2222'],
    hostKeys: [`ssh-ed25519 ${key}`],
  });
  return {
    text: ssh.knownHosts,
    key,
    addresses: [
      'host.docker.internal:30022',
      '127.0.0.1:30022',
      'git.example.com:22',
      'gitea-ssh.gitea.svc.cluster.local:2222',
    ],
    strangers: ['host.docker.internal:22', 'git.example.com:2222'],
  };
}

const out = process.argv[2];
write(join(out, 'bundles.json'), JSON.stringify(bundles()));
write(join(out, 'known_hosts.json'), JSON.stringify(knownHosts()));
write(join(out, 'references.json'), JSON.stringify(references(), null, 1));
Object.entries(REGISTRIES).forEach(([title, make], i) => writeCase(join(out, 'cases', String(i + 1)), title, make));
