import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { Buildkitd, BuildkitMode } from '../lib/buildkit';
import { Forge } from '../lib/forge';
import { Storage } from '../lib/kube';
import { OutputFile } from '../lib/output';
import { BuildctlBuild } from '../lib/recipe';
import { Endpoint, Registry } from '../lib/registry';
import { Executor, Runner, RunnerScope } from '../lib/runner';
import { SecretSource } from '../lib/secret';
import { Trigger, Workflow } from '../lib/workflow';

/** What conformance/build needs: a daemon's configuration and a step, out of the files that we write for a registry that talks plain HTTP. */
function main([outdir]: string[]): void {
  const forge = Forge.gitea({ version: '1.26', url: 'http://registry.test:3000' });
  const registry = Registry.gitea(forge, { owner: 'platform', push: Endpoint.http('registry.test:3000') });
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(chart, 'buildkitd', { registries: [registry], mode: BuildkitMode.privileged(), storage: Storage.persistent(Size.gibibytes(50)) });
  new Runner(chart, 'runner', { forge, scope: RunnerScope.instance(), registrationToken: SecretSource.existing('runner-token'), executor: Executor.host({ builder }) });
  const config = Testing.synth(chart).find((object) => object.kind === 'ConfigMap' && 'buildkitd.toml' in object.data);
  fs.writeFileSync(path.join(outdir, 'buildkitd.toml'), config.data['buildkitd.toml']);

  const workflow = new Workflow(chart, 'build', { repository: forge.repository('platform/hello'), triggers: [Trigger.push({ branches: ['main'] })] });
  const step = BuildctlBuild.step({ registry, builder, image: 'hello', context: 'app folder', dockerfile: 'docker/Dockerfile' });
  workflow.addJob('build', { runsOn: ['runner'], steps: [step] });
  const { content } = workflow.node.children.find(OutputFile.isOutputFile) as OutputFile;
  const [{ env, run }] = parse(content).jobs.build.steps;
  fs.writeFileSync(path.join(outdir, 'step.json'), JSON.stringify({ env, run }));
}

main(process.argv.slice(2));
