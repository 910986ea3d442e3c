/**
 * Writes what each kind of registry makes clients' files of, for the Go tests in conformance/registry:
 *
 *   node --import tsx scripts/conformance-registry.ts <outdir>
 *
 * <outdir>/references.json   names, and what ImageName made of each
 * <outdir>/cases/<n>/        certs.d/, registries.yaml, docker/config.json, dockerconfig.tmpl; expected.json says what they must mean
 * The same call gives the same files.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import fc from 'fast-check';
import { DockerConfigJson, ImageName, NodeConfig, registryHost, Zone } from '../lib/registry';
import { SecretSource, SecretStore } from '../lib/secret';
import { ForgeError } from '../lib/support';
import { CA_FILE, REGISTRIES } from '../test/registry/registries';

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    if (e instanceof ForgeError) { return undefined; }
    throw e;
  }
}

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const host = fc.oneof(fc.domain(), fc.constantFrom('localhost:5000', '192.168.1.10:30080', 'zot:5000', 'git.example.com:8443'));
const path = fc.stringMatching(/^[a-z0-9]{1,5}([._-]{0,3}[a-z0-9]{1,4}){0,3}(\/[a-z0-9]{1,5}([._-]{0,2}[a-z0-9]{1,4}){0,2}){0,2}$/);
const version = fc.oneof(fc.constant(''), fc.constant(`@${DIGEST}`), fc.stringMatching(/^:[A-Za-z0-9_.-]{0,20}$/), fc.stringMatching(/^:[a-z0-9]{1,5}$/).map((tag) => `${tag}@${DIGEST}`));
const name = fc.oneof({ weight: 4, arbitrary: fc.tuple(host, path, version).map(([h, p, v]) => `${h}/${p}${v}`) }, fc.stringMatching(/^[a-zA-Z0-9._:\/@-]{0,40}$/));

function references(): object[] {
  return fc.sample(name, { numRuns: 5000, seed: 1 }).map((text) => {
    const parsed = attempt(() => ImageName.parse(text));
    return { text, accepted: parsed !== undefined, repository: parsed?.repository ?? '', tag: parsed?.tag ?? '', digest: parsed?.digest ?? '', host: attempt(() => registryHost(parsed?.host ?? '')) ?? '' };
  });
}

/** What the External Secrets Operator makes a Docker configuration of. */
function templateOf(hosts: string[]): string {
  const chart = new Chart(Testing.app(), 'apps', { namespace: 'apps' });
  const keys = { username: { key: 'user' }, password: { key: 'password' } };
  SecretSource.externalSecret('registry', { store: SecretStore.cluster('vault'), keys })
    .provide(chart, { purpose: 'pulls', type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'], registryHosts: hosts });
  return Testing.synth(chart)[0].spec.target.template.data['.dockerconfigjson'];
}

function writeCase(folder: string, title: string, make: (typeof REGISTRIES)[string]): void {
  const registry = make();
  const nodes = new NodeConfig([registry]);
  const { hosts } = DockerConfigJson.of([registry]);
  for (const [file, text] of Object.entries(nodes.hostsToml)) { write(join(folder, 'certs.d', file), text); }
  // A certificate that is in the cluster is not known here; on the nodes somebody has put one there.
  for (const at of Object.keys(nodes.certificateFiles)) { write(join(folder, 'certs.d', at, 'ca.crt'), nodes.certificates[at] ?? readFileSync(CA_FILE, 'utf8')); }
  write(join(folder, 'registries.yaml'), nodes.k3sRegistriesYaml);
  execFileSync('bash', ['--norc', '-c', DockerConfigJson.script], { env: { PATH: process.env.PATH, DOCKER_CONFIG: join(folder, 'docker'), REGISTRY_HOSTS: hosts.join(' '), REGISTRY_USER: 'ci', REGISTRY_TOKEN: 'made: "up"' } });
  const { pull } = registry;
  write(join(folder, 'dockerconfig.tmpl'), templateOf(hosts));
  write(join(folder, 'expected.json'), JSON.stringify({
    title,
    reference: registry.pullName('app'),
    pull: pull.host,
    urls: [...pull.mirrors.filter((mirror) => mirror.isReachableFrom(Zone.NODE)), pull].map((endpoint) => endpoint.url),
    authorities: Object.fromEntries([...pull.mirrors, pull].map((endpoint) => [endpoint.url, endpoint.host in nodes.certificateFiles])),
    auths: hosts,
  }, null, 2));
}

const out = process.argv[2];
write(join(out, 'references.json'), JSON.stringify(references(), null, 1));
Object.entries(REGISTRIES).forEach(([title, make], i) => writeCase(join(out, 'cases', String(i + 1)), title, make));
