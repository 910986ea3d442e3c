/**
 * Writes rendered objects, and what the library claims about them, for the Go tests in conformance/pods:
 *
 *   node --import tsx scripts/conformance-pods.ts <outdir>
 *
 * <outdir>/<case>/objects.yaml are the objects, <outdir>/<case>/claims.json the Pod Security level of each pod and who may reach whom.
 * A room adds its cases as a function in scripts/pod-cases/, and its name to the list below.
 */
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { canonicalDocument, canonicalFile } from '../lib/output';
import { buildkitCases } from './pod-cases/buildkit';
import { kubeCases } from './pod-cases/kube';
import { optionCases } from './pod-cases/options';
import { runnerCases } from './pod-cases/runner';

const ROOMS = [kubeCases, buildkitCases, runnerCases, optionCases];

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-pods.ts <outdir>');
  }
  const cases = ROOMS.flatMap((room) => room());
  for (const { name, objects, levels, traffic = [] } of cases) {
    mkdirSync(join(outdir, name), { recursive: true });
    writeFileSync(
      join(outdir, name, 'objects.yaml'),
      canonicalFile(objects.map((object) => canonicalDocument(object, { sortKeys: true }))),
    );
    writeFileSync(join(outdir, name, 'claims.json'), JSON.stringify({ levels, traffic }));
  }
  console.log(`${cases.length} cases`);
}

main(process.argv.slice(2));
