// Writes workflows full of hostile text for conformance/workflow, each with the values that its reader must see beside it.
//   node --import tsx scripts/conformance-workflow.ts <folder>
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'cdk8s';
import fc from 'fast-check';
import { Forge, RunsOn } from '../lib/forge';
import { OutputFile } from '../lib/output';
import { ForgeError } from '../lib/support';
import { Condition, Expression, Input, JobContainer, Matrix, Step, Trigger, Workflow } from '../lib/workflow';
import { workflowFile } from '../lib/workflow/render/yaml';
import { HOSTILE_STRINGS, hostileString } from '../test/output/hostile';
import { seedOf } from '../test/support/seed';

const FILES = 40;
const VALUES = 500;
const SEED = seedOf(7);

const repository = Forge.gitea({ version: '1.27', url: 'https://git.example.com' }).repository('platform/hello');
const folder = path.join(process.argv[2], '.gitea', 'workflows');
fs.mkdirSync(folder, { recursive: true });

/** Whether a Gitea workflow can carry a text; the rest is refused, which other tests see to. */
function fits(text: string): boolean {
  try {
    workflowFile({ text }, { header: [], rewritten: true });
    return true;
  } catch (e) {
    if (e instanceof ForgeError) {
      return false;
    }
    throw e;
  }
}

/** A workflow with a bit of everything, and one step whose environment is `env`. */
function write(name: string, env: Record<string, string>): void {
  const input = Input.choice('level', { options: ['1.10', 'on'] });
  const workflow = new Workflow(new App(), name, {
    repository,
    triggers: [
      Trigger.push({ branches: ['main'] }),
      Trigger.dispatch({ inputs: [input, Input.boolean('dry', { defaultValue: true })] }),
      Trigger.schedule({ crons: ['@daily'] }),
    ],
  });
  const compute = Step.run({
    name: 'Compute',
    script: 'printf "version=%s\\n" 1.0 >> "$GITHUB_OUTPUT"',
    outputs: ['version'],
  });
  const version = workflow.addJob('version', {
    runsOn: RunsOn.existing('a', 'b'),
    steps: [compute],
    outputs: { version: compute.output('version') },
  });
  const matrix = Matrix.of(
    { value: ['010', '3.10', '2024-01-01', '1e3', 'yes', "it's"], other: ['a'] },
    { exclude: [{ value: 'yes' }], include: [{ value: '0x1F', more: 'null' }], failFast: false },
  );
  workflow.addJob('build', {
    runsOn: RunsOn.existing('runner'),
    matrix,
    if: Condition.notEqual(version.output('version'), "it's"),
    container: JobContainer.of('debian:12.1', { ports: ['53:53/udp'] }),
    services: { db: JobContainer.of('postgres:17.2', { ports: ['5432:5432'], env: { ON: 'on' } }) },
    steps: [
      Step.run({
        name: 'Hostile',
        script: 'set -eu\n\n  indented: yes\n# it\'s: "quoted"\n\ttab\n',
        env,
        if: Condition.NOT_CANCELLED,
        continueOnError: true,
      }),
      Step.run({
        name: 'Use',
        script: 'true',
        env: { VERSION: version.output('version'), VALUE: matrix.value('value'), TOKEN: Expression.JOB_TOKEN },
      }),
    ],
  });
  const text = workflow.node.children.find(OutputFile.isOutputFile)!.content;
  fs.writeFileSync(path.join(folder, `${name}.yml`), text);
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(env));
}

const values = [...HOSTILE_STRINGS, ...fc.sample(hostileString, { numRuns: FILES * VALUES, seed: SEED })]
  .map((text) => text.replace(/\r\n/g, '\n'))
  .filter((text) => !text.includes('${{') && fits(text));
for (let i = 0; i < FILES; i++) {
  const part = values.slice(i * VALUES, (i + 1) * VALUES);
  if (part.length > 0) {
    write(`hostile-${i}`, Object.fromEntries(part.map((text, n) => [`V${n}`, text])));
  }
}
process.stdout.write(`${values.length} hostile values in ${FILES} workflows\n`);
