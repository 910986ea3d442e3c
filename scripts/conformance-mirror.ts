/**
 * Writes the configuration, the login and the seed of mirrors, for the Go tests in conformance/mirror:
 *
 *   node --import tsx scripts/conformance-mirror.ts <outdir>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Architecture, Storage } from '../lib/kube';
import { Endpoint, RegistryMirror, RegistryMirrorProps } from '../lib/registry';
import { SecretSource } from '../lib/secret';

const out = process.argv[2];
const cases: Record<string, Partial<RegistryMirrorProps>> = {
  hub: {},
  seeded: { seed: ['docker.io/library/hello:v1'], seedArchitectures: [Architecture.AMD64] },
  expiring: { expireAfter: Duration.minutes(90), credentials: SecretSource.existing('login') },
  plain: { of: Endpoint.http('registry.example.com:5000') },
};
for (const [name, props] of Object.entries(cases)) {
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  new RegistryMirror(chart, 'mirror', { storage: Storage.persistent(Size.gibibytes(1)), ...props });
  mkdirSync(join(out, name), { recursive: true });
  for (const { kind, data } of Testing.synth(chart) as { kind: string; data: Record<string, string> }[]) {
    Object.entries(kind === 'ConfigMap' ? data : {}).forEach(([file, text]) =>
      writeFileSync(join(out, name, file), text, { mode: 0o755 }),
    );
  }
}
