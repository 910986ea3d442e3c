/** Writes a platform with many images: `node --import tsx scripts/conformance-kustomize.ts <folder>`. */
import * as path from 'node:path';
import { buildPipelines } from '../bench/pipelines';
import { GitOpsApp } from '../lib/app';

const [folder] = process.argv.slice(2);
if (!folder) {
  throw new Error('usage: conformance-kustomize.ts <folder>');
}
const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
buildPipelines(app, Number(process.env.FORGE_IMAGES ?? '6400'));
app.synth();
