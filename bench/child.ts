import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { GitOpsApp } from '../lib/app';
import { buildPipelines } from './pipelines';
import { buildChain, buildCharts } from './platform';

/**
 * One measurement in a process of its own: `child <stock|forge> <charts|chain|pipelines> <count> [folder [changed]]`; prints
 * seconds, CPU seconds in all and of building, those of a second synth, peak memory and the number of documents and bytes. A folder that
 * is given is kept, for a process that builds the same platform, with one changed pipeline.
 */
function main([engine, shape, count, kept, changed]: string[]): void {
  // In memory where there is such a place: both write the same files, and it is the programs that are compared, not the disk.
  const temporary = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = kept ?? fs.mkdtempSync(path.join(temporary, 'cdk8s-forge-bench-'));
  try {
    const outdir = path.join(folder, 'dist');
    const started = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const app =
      engine === 'stock' ? new App({ outdir }) : new GitOpsApp({ outdir, imageLock: path.join(folder, 'images.yaml') });
    if (shape === 'pipelines') {
      buildPipelines(app as GitOpsApp, Number(count), changed !== undefined);
    } else {
      (shape === 'chain' ? buildChain : buildCharts)(app, Number(count));
    }
    const buildCpuSeconds = cpuSince(cpu);
    app.synth();
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const cpuSeconds = cpuSince(cpu);
    const peakMebibytes = process.resourceUsage().maxRSS / 1024;
    console.log(JSON.stringify({ seconds, cpuSeconds, buildCpuSeconds, peakMebibytes, ...ofOutput(app, outdir) }));
  } finally {
    if (kept === undefined) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Counts what was written, and synthesizes once more: nothing has changed. */
function ofOutput(app: App, outdir: string): { documents: number; bytes: number; againCpuSeconds?: number } {
  const files = fs.readdirSync(outdir, { recursive: true, encoding: 'utf8' });
  const manifests = files.filter((file) => file.endsWith('.yaml'));
  const texts = manifests.map((file) => fs.readFileSync(path.join(outdir, file), 'utf8'));
  // An object is a document, and so is the workflow of a repository.
  const documents =
    texts.reduce((sum, text) => sum + text.split(/^---$/m).length, 0) +
    files.filter((file) => file.endsWith('.yml')).length;
  const stats = files.map((file) => fs.statSync(path.join(outdir, file)));
  const bytes = stats.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
  if (!(app instanceof GitOpsApp)) {
    return { documents, bytes };
  }
  const again = process.cpuUsage();
  app.synth();
  return { documents, bytes, againCpuSeconds: cpuSince(again) };
}

main(process.argv.slice(2));
