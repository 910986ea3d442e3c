import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { GitOpsApp } from '../lib/app';
import { buildPipelines } from './pipelines';
import { buildChain, buildCharts } from './platform';

/**
 * One measurement in a process of its own: `child <stock|forge> <charts|chain|pipelines> <count>`; prints seconds, CPU seconds
 * and peak memory.
 */
function main([engine, shape, count]: string[]): void {
  // In memory where there is such a place: both write the same files, and it is the programs that are compared, not the disk.
  const temporary = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(temporary, 'cdk8s-forge-bench-'));
  try {
    const outdir = path.join(folder, 'dist');
    const started = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const app =
      engine === 'stock' ? new App({ outdir }) : new GitOpsApp({ outdir, imageLock: path.join(folder, 'images.yaml') });
    if (shape === 'pipelines') {
      buildPipelines(app as GitOpsApp, Number(count));
    } else {
      (shape === 'chain' ? buildChain : buildCharts)(app, Number(count));
    }
    app.synth();
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    console.log(JSON.stringify({ seconds, cpuSeconds, peakMebibytes: process.resourceUsage().maxRSS / 1024 }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2));
