/**
 * Writes the steps that sign and scan, as they are in a workflow file, and the policies of the cluster:
 * `node --import tsx scripts/conformance-signing.ts <folder>`.
 */
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import { Forge, RunsOn } from '../lib/forge';
import { OutputFile } from '../lib/output';
import { Sbom, SbomFormat, Scan, ScanOptions, Severity, Sign } from '../lib/recipe';
import { Endpoint, Registry, SignaturePolicyEngine, SignedImages } from '../lib/registry';
import { CaBundle, SignatureFormat, Signer, Trust } from '../lib/trust';
import { IStepSource, Trigger, Workflow } from '../lib/workflow';

const [folder] = process.argv.slice(2);
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = Signer.key(publicKey.export({ type: 'spki', format: 'pem' }).toString());
const keyless = Signer.keyless({ issuer: 'https://token.example.com', subject: 'https://git\\.example\\.com/team/.+' });

/** The test puts a certificate of its own in the place of this one, and a port in the place of 5000. */
const ca = CaBundle.fromFile(path.join(__dirname, '../test/fixtures/trust/ca.crt'));
const registries = {
  plain: Registry.oci({ owner: 'team', pull: Endpoint.http('registry.example.com:5000') }),
  private: Registry.oci({
    owner: 'team',
    pull: Endpoint.https('registry.example.com', { trust: Trust.privateCa(ca) }),
  }),
  local: Registry.oci({ owner: 'team', pull: Endpoint.http('127.0.0.1:5000') }),
  hub: Registry.oci({ owner: 'team', pull: Endpoint.https('docker.io') }),
};

/** The step that a workflow file has, the first of its source. */
function rendered(step: IStepSource): object {
  const repository = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('team/web');
  const workflow = new Workflow(new App(), 'sign', { repository, triggers: [Trigger.push()] });
  workflow.addJob('sign', { runsOn: RunsOn.existing('runner'), steps: [step] });
  return parse(workflow.node.children.find(OutputFile.isOutputFile)!.content).jobs.sign.steps[0];
}

function policy(registry: Registry, who: Signer): object {
  const chart = new Chart(new App(), 'policies');
  const engine = SignaturePolicyEngine.POLICY_CONTROLLER;
  new SignedImages(chart, 'signed', { registry, images: ['web'], signer: who, engine });
  return chart.toJson()[0];
}

const SCANS: Record<string, ScanOptions> = {
  high: { failOn: Severity.HIGH, cacheDir: '/cache', database: 'http://mirror.example.com/databases/v6/latest.json' },
  never: { failOn: Severity.NEVER, cacheDir: '/cache', ignoreUnfixed: true },
  offline: { cacheDir: '/cache', offline: true },
  ignored: { cacheDir: '/cache', ignoreFile: 'ignored.yaml', failOn: Severity.LOW },
};

const sboms = Object.values(SbomFormat).map((format) => Sbom.syft({ format }));

const cases = Object.entries(registries).map(([name, registry]) => {
  const references = `${registry.pushName('web')}@sha256:${'0'.repeat(64)}`;
  const sign = (format: SignatureFormat) => Sign.cosign(signer, { format });
  const statement = { predicate: 'sbom.json', predicateType: 'spdxjson' };
  return {
    name,
    image: registry.pushName('web'),
    sign: Object.values(SignatureFormat).map((format) => rendered(sign(format).step({ references, registry }))),
    attest: Object.values(SignatureFormat).map((format) =>
      rendered(sign(format).attest({ references, registry, ...statement })),
    ),
    scan: Object.fromEntries(
      Object.entries(SCANS).map(([id, options]) => [
        id,
        rendered(Scan.grype(options).steps({ reference: references, registry })),
      ]),
    ),
    sbom: Object.fromEntries(
      sboms.map((sbom) => [sbom.format, rendered(sbom.step({ reference: references, registry }))]),
    ),
    attestSbom: Object.fromEntries(
      sboms.map((sbom) => [
        sbom.format,
        rendered(
          sign(SignatureFormat.LEGACY).attest({
            references,
            registry,
            predicate: sbom.file,
            predicateType: sbom.format,
          }),
        ),
      ]),
    ),
    // Policy-controller reads no registry over plain HTTP, but on hosts that are local.
    ...(name === 'plain' ? {} : { policy: policy(registry, signer), keyless: policy(registry, keyless) }),
  };
});
fs.writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(cases, null, 2));
fs.writeFileSync(path.join(folder, 'public.pem'), signer.publicKey!);
fs.writeFileSync(path.join(folder, 'private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
