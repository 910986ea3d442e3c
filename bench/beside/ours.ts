import * as path from 'node:path';
import { GitOpsApp } from '../../lib/app';
import { buildCharts } from '../platform';

/** A whole program of charts of six objects: `ours <charts> <directory>`. */
const [count, folder] = process.argv.slice(2);
const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
buildCharts(app, Number(count));
app.synth();
