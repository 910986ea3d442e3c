/**
 * Writes what the library renders in place of workloads that run, for the Go test in conformance/migration:
 *
 *   node --import tsx scripts/conformance-migration.ts <outdir>
 *
 * <outdir>/<case>/after.yaml takes over what is in before/<case>.yaml, <outdir>/<case>/naive.yaml does not say what is there.
 */
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App, Chart } from 'cdk8s';
import { canonicalDocument, canonicalFile } from '../lib/output';
import { MIGRATION_CASES } from './migration-cases';

function rendered(declare: (chart: Chart) => void): string {
  const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
  declare(chart);
  return canonicalFile((chart.toJson() as object[]).map((object) => canonicalDocument(object, { sortKeys: true })));
}

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-migration.ts <outdir>');
  }
  for (const { name, inPlace, naive } of MIGRATION_CASES) {
    mkdirSync(join(outdir, name), { recursive: true });
    writeFileSync(join(outdir, name, 'after.yaml'), rendered(inPlace));
    writeFileSync(join(outdir, name, 'naive.yaml'), rendered(naive));
  }
  console.log(`${MIGRATION_CASES.length} cases`);
}

main(process.argv.slice(2));
