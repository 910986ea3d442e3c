import { App } from 'cdk8s';
import { RunsOn } from '../../../lib/forge';
import { CompositeAction, Input, JobProps, Matrix, Step, Trigger } from '../../../lib/workflow';
import { accepts, codesOf } from '../../support/problems';
import { officialErrors } from '../official';
import { GITEA, GITHUB, newWorkflow, textOf } from '../render';

const step = (env: Record<string, string> = {}) =>
  Step.run({ name: 'Build', script: 'make', outputs: ['v', 'V'], env });

/** The file of a workflow with one job, for a forge. */
function fileOf(forge: typeof GITHUB, job: Partial<JobProps>, outputs: Record<string, string> = {}): string {
  const triggers = [Object.keys(outputs).length > 0 ? Trigger.call() : Trigger.push()];
  const workflow = newWorkflow({ repository: forge.repository('platform/hello'), triggers });
  workflow.addJob('build', { runsOn: RunsOn.existing('ubuntu-latest'), steps: [step()], ...job });
  Object.entries(outputs).forEach(([name, value]) => workflow.addOutput(name, value));
  return textOf(workflow);
}

const build = step();
const CASES: [string, (second: string) => [Partial<JobProps>, Record<string, string>?]][] = [
  ['outputs of a job', (v) => [{ steps: [build], outputs: { v: build.output('v'), [v]: build.output('v') } }]],
  ['axes of a matrix', (v) => [{ matrix: Matrix.of({ v: ['1'], [v]: ['2'] }) }]],
  ['values of a leg', (v) => [{ matrix: Matrix.of({ a: ['1'] }, { include: [{ a: '1', v: '2', [v]: '3' }] }) }]],
];

test.each(CASES)('%s are the same to a forge if they differ only in case', (_, of) => {
  for (const forge of [GITHUB, GITEA]) {
    expect(codesOf(() => fileOf(forge, ...of('V')))).toEqual(['FORGE-WF-021']);
    accepts(() => fileOf(forge, ...of('w')));
  }
});

test('variables that differ only in case are refused for GitHub, whose parser refuses them, and are two on other forges', async () => {
  const env = { FOO: '1', foo: '2' };
  expect(codesOf(() => fileOf(GITHUB, { steps: [step(env)] }))).toEqual(['FORGE-WF-021']);
  expect(codesOf(() => fileOf(GITHUB, { env }))).toEqual(['FORGE-WF-021']);
  accepts(() => fileOf(GITHUB, { env: { FOO: '1', FOO_: '2' } }));
  const text = fileOf(GITEA, { env });
  expect(text).toMatch(/FOO: '1'\n +foo: '2'/);
  expect((await officialErrors('build.yml', text)).join()).toMatch(/'foo' is already defined/);
});

test.each([GITHUB, GITEA].map((forge) => [forge.product.name, forge] as const))(
  'inputs and outputs of a composite action of %s are distinct without case',
  (_, forge) => {
    const action = (input: string, output: string) =>
      new CompositeAction(new App(), 'act', {
        repository: forge.repository('platform/hello'),
        description: 'Builds',
        inputs: [Input.text('a'), Input.text(input)],
        outputs: { v: build.output('v'), [output]: build.output('v') },
        steps: [build],
      });
    const file = (input: string, output: string) => () =>
      action(input, output)
        .node.findAll()
        .map((construct) => (construct as { content?: string }).content);
    expect(codesOf(file('A', 'w'))).toEqual(['FORGE-WF-028']);
    expect(codesOf(file('b', 'V'))).toEqual(['FORGE-WF-021']);
    accepts(file('b', 'w'));
  },
);
