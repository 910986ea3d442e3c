/**
 * Writes the steps that sign, as they are in a workflow file: `node --import tsx scripts/conformance-signing.ts <folder>`.
 */
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { Forge, RunsOn } from '../lib/forge';
import { OutputFile } from '../lib/output';
import { Sign } from '../lib/recipe';
import { Endpoint, Registry } from '../lib/registry';
import { SignatureFormat, Signer } from '../lib/trust';
import { Trigger, Workflow } from '../lib/workflow';

const [folder] = process.argv.slice(2);
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = Signer.key(publicKey.export({ type: 'spki', format: 'pem' }).toString());
const registry = Registry.oci({ owner: 'team', pull: Endpoint.http('127.0.0.1:5000') });
const references = `127.0.0.1:5000/team/web@sha256:${'0'.repeat(64)}`;

const steps = [SignatureFormat.LEGACY, SignatureFormat.BUNDLE].map((format) => {
  const repository = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('team/web');
  const workflow = new Workflow(new App(), 'sign', { repository, triggers: [Trigger.push()] });
  const step = Sign.cosign(signer, { format }).step({ references, registry, name: `Sign (${format})` });
  workflow.addJob('sign', { runsOn: RunsOn.existing('runner'), steps: [step] });
  return parse(workflow.node.children.find(OutputFile.isOutputFile)!.content).jobs.sign.steps[0];
});
fs.writeFileSync(path.join(folder, 'steps.json'), JSON.stringify(steps, null, 2));
