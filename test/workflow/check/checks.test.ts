import { App, Duration } from 'cdk8s';
import { Forge, RunsOn } from '../../../lib/forge';
import { Checkout } from '../../../lib/recipe';
import {
  Access,
  Action,
  Condition,
  Expression,
  IgnoredKeys,
  Input,
  Job,
  JobContainer,
  JobProps,
  Matrix,
  ReusableWorkflow,
  Shell,
  Step,
  Trigger,
  Workflow,
  WorkflowCallProps,
  WorkflowEvent,
} from '../../../lib/workflow';
import { accepts, codesOf, problemsOf } from '../../support/problems';
import { FORGEJO, GITEA, GITHUB, newWorkflow, OLD_GITEA, rendered, renderedEnv, REPOSITORY, textOf } from '../render';

const step = (name = 'Build', props = {}) => Step.run({ name, script: 'make', ...props });
const job = { runsOn: RunsOn.existing('runner') };

/** Two jobs of a workflow that wait for each other, or the second for the first. */
function cycle({ closed = true } = {}): Workflow {
  const workflow = newWorkflow();
  const a = workflow.addJob('a', { ...job, outputs: { x: 'constant' } });
  const b = workflow.addJob('b', {
    ...job,
    outputs: { y: 'constant' },
    steps: [step('Use', { env: { X: a.output('x') } })],
  });
  a.addStep(step('Use', { env: { Y: closed ? b.output('y') : 'y' } }));
  return workflow;
}

const GITEA_1_26_0 = Forge.gitea({ version: '1.26.0', url: 'https://git.example.com' });

/** A workflow with a job for each concurrency group. */
function sharing(forge: Forge, jobs: { group: string; matrix?: Matrix; needs?: boolean }[]): Workflow {
  const workflow = newWorkflow({ repository: forge.repository('a/b') });
  const others: Job[] = [];
  jobs.forEach(({ group, matrix, needs }, i) =>
    others.push(
      workflow.addJob(`job-${i}`, {
        ...job,
        matrix,
        concurrency: { group },
        needs: needs ? [...others] : undefined,
        steps: [step()],
      }),
    ),
  );
  return workflow;
}

describe('a concurrency group that jobs of one run share', () => {
  const SHARED = [{ group: 'deploy' }, { group: 'deploy' }];
  const MATRIX = Matrix.of({ a: ['x', 'y'] });

  test.each([
    ['other groups', [{ group: 'a' }, { group: 'b' }]],
    ['a job that waits for the other', [{ group: 'deploy' }, { group: 'deploy', needs: true }]],
    ['the matrix value in the group', [{ group: `deploy ${MATRIX.value('a')}`, matrix: MATRIX }]],
    ['a matrix of one job', [{ group: 'deploy', matrix: Matrix.of({ a: ['x'] }) }]],
    ['the name of the job in the group', [{ group: '${{ github.job }}' }, { group: '${{ github.job }}' }]],
  ])('is no problem on Gitea 1.26.0 with %s', (_, jobs) => {
    expect(textOf(sharing(GITEA_1_26_0, jobs))).toContain('group:');
    expect(sharing(GITEA_1_26_0, jobs).warnings).toEqual([]);
  });

  test.each([
    ['1.26', 1],
    ['1.27.3', 1],
    ['1.26.0', 0],
    ['1.25', 0],
  ])('is a warning on Gitea where it is not known: %s', (version, count) => {
    const { warnings } = sharing(Forge.gitea({ version, url: 'https://git.example.com' }), SHARED);
    expect(warnings.filter((one) => one.includes('the concurrency group "deploy"'))).toHaveLength(count);
  });

  test('is nothing on GitHub, which runs them one after the other', () => {
    const workflow = sharing(Forge.github(), SHARED);
    expect(textOf(workflow)).toContain('group: deploy');
    expect(workflow.warnings).toEqual([]);
  });
});

function called(props = {}): Workflow {
  return newWorkflow(
    { triggers: [Trigger.call({ inputs: [Input.text('target', { required: true })], secrets: ['TOKEN'] })], ...props },
    'callee',
  );
}

/** A code, what is refused with it, and its nearest neighbour that is accepted. */
const cases: [string, string, () => unknown, () => unknown][] = [
  [
    'FORGE-WF-001',
    'a secret of a reserved name',
    () => Expression.secret('GITHUB_THING'),
    () => Expression.secret('MY_GITHUB_THING'),
  ],
  [
    'FORGE-WF-001',
    'a secret that begins with a digit',
    () => Expression.secret('1TOKEN'),
    () => Expression.secret('_1TOKEN'),
  ],
  [
    'FORGE-WF-001',
    'a secret that the forge reserves, in a raw expression',
    () => renderedEnv({ A: '${{ secrets.GITEA_THING }}' }),
    () => renderedEnv({ A: '${{ secrets.MY_GITEA_THING }}' }),
  ],
  [
    'FORGE-WF-002',
    'an expression in a script',
    () => Step.run({ name: 'x', script: 'echo "${{ github.sha }}"' }),
    () => Step.run({ name: 'x', script: 'echo "${GITHUB_SHA} {{ }}"' }),
  ],
  [
    'FORGE-WF-002',
    'an expression in a comment of a script',
    () => Step.run({ name: 'x', script: '# ${{ }}\nmake' }),
    () => Step.run({ name: 'x', script: '# $ {{ }}\nmake' }),
  ],
  [
    'FORGE-WF-002',
    'dots in the place of an expression',
    () => Step.run({ name: 'x', script: '# ${{ ... }}\nmake' }),
    () => Step.run({ name: 'x', script: '# {{ ... }}\nmake' }),
  ],
  [
    'FORGE-WF-002',
    'an output inside a script',
    () => Step.run({ name: 'x', script: `make ${step('c', { outputs: ['v'] }).output('v')}` }),
    () => step('x', { env: { V: step('c', { outputs: ['v'] }).output('v') } }),
  ],
  [
    'FORGE-WF-010',
    'an operator without an operand',
    () => Condition.raw('github.ref =='),
    () => Condition.raw("github.ref == ''"),
  ],
  [
    'FORGE-WF-010',
    'double quotes',
    () => Condition.raw('github.ref == "main"'),
    () => Condition.raw("github.ref == 'main'"),
  ],
  [
    'FORGE-WF-010',
    'a text that is not closed',
    () => Condition.raw("github.ref == 'main"),
    () => Condition.raw("github.ref == 'it''s'"),
  ],
  [
    'FORGE-WF-010',
    'braces inside a condition: part of it would always be true',
    () => Condition.raw('${{ github.ref }} && true'),
    () => Condition.raw('github.ref && true'),
  ],
  [
    'FORGE-WF-010',
    'an expression that is not closed',
    () => renderedEnv({ A: '${{ github.sha' }),
    () => renderedEnv({ A: '${{ github.sha }}' }),
  ],
  ['FORGE-WF-010', 'an empty expression', () => renderedEnv({ A: '${{ }}' }), () => renderedEnv({ A: '${{ 0 }}' })],
  [
    'FORGE-WF-010',
    'two expressions one after the other',
    () => Expression.raw('github.sha github.ref'),
    () => renderedEnv({ A: `${Expression.raw('github.sha')} ${Expression.raw('github.ref')}` }),
  ],
  ['FORGE-WF-011', 'an unknown context', () => Expression.raw('githb.sha'), () => Expression.raw('github.sha')],
  [
    'FORGE-WF-011',
    'an unknown function',
    () => Expression.raw('upper(github.sha)'),
    () => Expression.raw('toJSON(github.sha)'),
  ],
  [
    'FORGE-WF-011',
    'a function that Gitea does not have',
    () => renderedEnv({ A: "${{ case(true, 'a', 'b') }}" }),
    () => renderedEnv({ A: "${{ format('{0}', 'b') }}" }),
  ],
  [
    'FORGE-WF-011',
    'too few arguments',
    () => Expression.raw('contains(github.ref)'),
    () => Expression.raw("contains(github.ref, 'a')"),
  ],
  [
    'FORGE-WF-011',
    'too many arguments',
    () => Expression.raw('fromJSON(github.ref, 1)'),
    () => Expression.raw('fromJSON(github.ref)'),
  ],
  [
    'FORGE-WF-012',
    'a secret in the condition of a job',
    () => rendered({ if: Condition.notEqual(Expression.secret('A'), '') }),
    () => rendered({ if: Condition.notEqual(Expression.variable('A'), '') }),
  ],
  [
    'FORGE-WF-012',
    'a secret in the condition of a step',
    () => rendered({ steps: [step('x', { if: Condition.notEqual(Expression.secret('A'), '') })] }),
    () =>
      rendered({
        steps: [
          step('x', { if: Condition.notEqual(Expression.environment('A'), ''), env: { A: Expression.secret('A') } }),
        ],
      }),
  ],
  [
    'FORGE-WF-012',
    'the environment in runs-on',
    () => rendered({ runsOn: RunsOn.existing(Expression.environment('RUNNER')) }),
    () => rendered({ runsOn: RunsOn.existing(Expression.variable('RUNNER')) }),
  ],
  [
    'FORGE-WF-012',
    'a matrix in the condition of a job',
    () => rendered({ matrix: Matrix.of({ a: ['b'] }), if: Condition.equal('${{ matrix.a }}', 'b') }),
    () =>
      rendered({
        matrix: Matrix.of({ a: ['b'] }),
        steps: [step('x', { if: Condition.equal('${{ matrix.a }}', 'b') })],
      }),
  ],
  [
    'FORGE-WF-012',
    "a hash of files in a job's environment",
    () => rendered({ env: { A: Expression.hashFiles('**') } }),
    () => renderedEnv({ A: Expression.hashFiles('**') }),
  ],
  [
    'FORGE-WF-012',
    'the state of the job in an environment',
    () => renderedEnv({ A: '${{ always() }}' }),
    () => rendered({ steps: [step('x', { if: Condition.raw('always()') })] }),
  ],
  [
    'FORGE-WF-012',
    'a secret in concurrency',
    () => rendered({}, { concurrency: { group: Expression.secret('A') } }),
    () => rendered({}, { concurrency: { group: Expression.REF } }),
  ],
  [
    'FORGE-WF-013',
    'a member of github that does not exist',
    () => renderedEnv({ A: '${{ github.reff }}' }),
    () => renderedEnv({ A: '${{ github.ref }}' }),
  ],
  [
    'FORGE-WF-013',
    'a member of github that is always empty',
    () => renderedEnv({ A: '${{ github.job_workflow_sha }}' }),
    () => renderedEnv({ A: '${{ github.workflow }}' }),
  ],
  [
    'FORGE-WF-013',
    'an axis of no matrix',
    () => renderedEnv({ A: '${{ matrix.os }}' }),
    () => renderedEnv({ A: '${{ matrix.os }}' }, { matrix: Matrix.of({ os: ['a'] }) }),
  ],
  [
    'FORGE-WF-013',
    'an input that no trigger declares',
    () => renderedEnv({ A: Input.text('level').value }),
    () =>
      renderedEnv(
        { A: Input.text('level').value },
        {},
        { triggers: [Trigger.dispatch({ inputs: [Input.text('level')] })] },
      ),
  ],
  [
    'FORGE-WF-014',
    'all secrets as one text',
    () => renderedEnv({ A: Expression.toJson('${{ secrets }}') }),
    () => renderedEnv({ A: Expression.toJson('${{ vars }}') }),
  ],
  [
    'FORGE-WF-014',
    'a secret whose name the run decides',
    () => renderedEnv({ A: '${{ secrets[github.ref_name] }}' }),
    () => renderedEnv({ A: '${{ vars[github.ref_name] }}' }),
  ],
  [
    'FORGE-WF-015',
    'an output that the step does not declare',
    () => step('a', { outputs: ['version'] }).output('versoin'),
    () => step('a', { outputs: ['version'] }).output('version'),
  ],
  [
    'FORGE-WF-015',
    'an output of a later step',
    () => {
      const later = step('Later', { outputs: ['v'] });
      return rendered({ steps: [step('First', { env: { V: later.output('v') } }), later] });
    },
    () => {
      const earlier = step('Earlier', { outputs: ['v'] });
      return rendered({ steps: [earlier, step('Last', { env: { V: earlier.output('v') } })] });
    },
  ],
  [
    'FORGE-WF-015',
    'a step that uses its own output',
    () => rendered({ steps: [step('Self', { outputs: ['v'], env: { A: '${{ steps.self.outputs.v }}' } })] }),
    () =>
      rendered({
        steps: [step('Self', { outputs: ['v'] }), step('Other', { env: { A: '${{ steps.self.outputs.v }}' } })],
      }),
  ],
  [
    'FORGE-WF-015',
    'an output of a step of another job',
    () => {
      const workflow = newWorkflow();
      const compute = step('Compute', { outputs: ['v'] });
      workflow.addJob('a', { ...job, steps: [compute] });
      workflow.addJob('b', { ...job, steps: [step()], outputs: { v: compute.output('v') } });
      return textOf(workflow);
    },
    () => {
      const compute = step('Compute', { outputs: ['v'] });
      return rendered({ steps: [compute], outputs: { v: compute.output('v') } });
    },
  ],
  [
    'FORGE-WF-015',
    'a step that is in no job',
    () => renderedEnv({ A: '${{ steps.nope.outputs.x }}' }),
    () =>
      rendered({ steps: [step('Nope', { outputs: ['x'] }), step('b', { env: { A: '${{ steps.nope.outputs.x }}' } })] }),
  ],
  [
    'FORGE-WF-015',
    'something that a step does not have',
    () => rendered({ steps: [step('a'), step('b', { env: { A: '${{ steps.a.status }}' } })] }),
    () => rendered({ steps: [step('a'), step('b', { env: { A: '${{ steps.a.outcome }}' } })] }),
  ],
  [
    'FORGE-WF-016',
    'an output that the job does not declare',
    () =>
      newWorkflow()
        .addJob('a', { ...job, outputs: { x: 'y' } })
        .output('z'),
    () =>
      newWorkflow()
        .addJob('a', { ...job, outputs: { x: 'y' } })
        .output('x'),
  ],
  [
    'FORGE-WF-016',
    'an output of no job',
    () => renderedEnv({ A: '${{ needs.nope.outputs.x }}' }),
    () => {
      const workflow = newWorkflow();
      workflow.addJob('nope', { ...job, steps: [step()], outputs: { x: 'y' } });
      workflow.addJob('b', { ...job, steps: [step('b', { env: { A: '${{ needs.nope.outputs.x }}' } })] });
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-016',
    'an output of a job of another workflow',
    () =>
      renderedEnv({
        A: newWorkflow({}, 'other')
          .addJob('a', { ...job, outputs: { x: 'y' } })
          .output('x'),
      }),
    () => {
      const workflow = newWorkflow();
      const a = workflow.addJob('a', { ...job, steps: [step()], outputs: { x: 'y' } });
      workflow.addJob('b', { ...job, steps: [step('b', { env: { A: a.output('x') } })] });
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-016',
    'a job of another workflow in needs',
    () => rendered({ needs: [newWorkflow({}, 'other').addJob('a', job)] }),
    () => {
      const workflow = newWorkflow();
      const a = workflow.addJob('a', { ...job, steps: [step()] });
      workflow.addJob('b', { ...job, needs: [a], steps: [step()] });
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-016',
    'a job that uses its own output',
    () => {
      const workflow = newWorkflow();
      const a = workflow.addJob('a', { ...job, outputs: { x: 'y' } });
      a.addStep(step('Use', { env: { X: a.output('x') } }));
      return textOf(workflow);
    },
    () => {
      const workflow = newWorkflow();
      const compute = step('Compute', { outputs: ['x'] });
      const a = workflow.addJob('a', { ...job, steps: [compute], outputs: { x: compute.output('x') } });
      a.addStep(step('Use', { env: { X: compute.output('x') } }));
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-017',
    'jobs that wait for each other',
    () => textOf(cycle()),
    () => {
      const workflow = newWorkflow();
      const a = workflow.addJob('a', { ...job, steps: [step()], outputs: { x: 'constant' } });
      workflow.addJob('b', { ...job, steps: [step('Use', { env: { X: a.output('x') } })] });
      return textOf(workflow);
    },
  ],
  ['FORGE-WF-018', 'a workflow without jobs', () => textOf(newWorkflow()), () => rendered({})],
  ['FORGE-WF-020', 'an axis without values', () => Matrix.of({ os: [] }), () => Matrix.of({ os: ['a'] })],
  ['FORGE-WF-020', 'a value twice', () => Matrix.of({ os: ['a', 'a'] }), () => Matrix.of({ os: ['a', 'A'] })],
  ['FORGE-WF-020', 'no axis', () => Matrix.of({}), () => Matrix.of({}, { include: [{ os: 'a' }] })],
  [
    'FORGE-WF-020',
    'too many jobs',
    () =>
      Matrix.of({ a: Array.from({ length: 20 }, (_, i) => `${i}`), b: Array.from({ length: 20 }, (_, i) => `${i}`) }),
    () =>
      Matrix.of({ a: Array.from({ length: 16 }, (_, i) => `${i}`), b: Array.from({ length: 16 }, (_, i) => `${i}`) }),
  ],
  [
    'FORGE-WF-020',
    'an exclusion of a value that is not there',
    () => Matrix.of({ os: ['a'] }, { exclude: [{ os: 'b' }] }),
    () => Matrix.of({ os: ['a', 'b'] }, { exclude: [{ os: 'b' }] }),
  ],
  [
    'FORGE-WF-020',
    'an exclusion of an axis that is not there',
    () => Matrix.of({ os: ['a'] }, { exclude: [{ gpu: 'a' }] }),
    () => Matrix.of({ os: ['a'], gpu: ['a', 'b'] }, { exclude: [{ gpu: 'a' }] }),
  ],
  [
    'FORGE-WF-020',
    'a name that is an axis of no matrix',
    () => Matrix.of({ os: ['a'] }).value('ox'),
    () => Matrix.of({ os: ['a'] }).value('os'),
  ],
  [
    'FORGE-WF-020',
    'a computed axis that nothing computed',
    () => Matrix.computed({ os: '["a"]' }),
    () => Matrix.computed({ os: '${{ vars.LIST }}' }),
  ],
  ['FORGE-WF-020', 'a bad name of an axis', () => Matrix.of({ 'a b': ['x'] }), () => Matrix.of({ 'a-b': ['x'] })],
  [
    'FORGE-WF-020',
    'no runners at a time',
    () => Matrix.of({ os: ['a'] }, { maxParallel: 0 }),
    () => Matrix.of({ os: ['a'] }, { maxParallel: 1 }),
  ],
  [
    'FORGE-WF-021',
    'a bad id of a job',
    () => newWorkflow().addJob('1 bad id', job),
    () => newWorkflow().addJob('_1-good-id', job),
  ],
  ['FORGE-WF-021', 'a bad id of a step', () => step('x', { id: '1 bad id' }), () => step('x', { id: '_1-good-id' })],
  [
    'FORGE-WF-021',
    'an id of a step twice',
    () => rendered({ steps: [step('a', { id: 'x' }), step('b', { id: 'X' })] }),
    () => rendered({ steps: [step('a', { id: 'x' }), step('b', { id: 'y' })] }),
  ],
  [
    'FORGE-WF-021',
    'a step twice',
    () => {
      const twice = step();
      return rendered({ steps: [twice, twice] });
    },
    () => rendered({ steps: [step(), step()] }),
  ],
  [
    'FORGE-WF-021',
    'a job twice',
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', job);
      workflow.addJob('a', job);
    },
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', job);
      workflow.addJob('b', job);
    },
  ],
  [
    'FORGE-WF-021',
    'a job twice but for its case',
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', job);
      workflow.addJob('A', job);
    },
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', job);
      workflow.addJob('AA', job);
    },
  ],
  [
    'FORGE-WF-021',
    'an output of the workflow twice',
    () => {
      const workflow = called();
      workflow.addOutput('a', 'x');
      workflow.addOutput('a', 'x');
    },
    () => {
      const workflow = called();
      workflow.addOutput('a', 'x');
      workflow.addOutput('b', 'x');
    },
  ],
  ['FORGE-WF-021', 'a step without a name', () => step(' '), () => step('-')],
  [
    'FORGE-WF-021',
    'a shell that is not given the script',
    () => Shell.command('bash'),
    () => Shell.command('bash {0}'),
  ],
  [
    'FORGE-WF-021',
    'an empty working directory',
    () => step('a', { workingDirectory: '' }),
    () => step('a', { workingDirectory: '.' }),
  ],
  [
    'FORGE-WF-022',
    'an empty script',
    () => Step.run({ name: 'x', script: ' \n ' }),
    () => Step.run({ name: 'x', script: ' \n:\n' }),
  ],
  [
    'FORGE-WF-022',
    'a script that begins with white space',
    () => Step.run({ name: 'x', script: '  a\nb' }),
    () => Step.run({ name: 'x', script: 'a\n  b' }),
  ],
  [
    'FORGE-WF-022',
    'a script with a control character',
    () => Step.run({ name: 'x', script: 'printf "\u001b[0m"' }),
    () => Step.run({ name: 'x', script: 'printf "\\033[0m\t"' }),
  ],
  [
    'FORGE-WF-022',
    'a command that runners ignore',
    () => Step.run({ name: 'x', script: 'echo "::set-output name=a::b"' }),
    () => Step.run({ name: 'x', script: 'echo "::notice title=a::b"' }),
  ],
  [
    'FORGE-WF-023',
    'a trace beside a secret',
    () => rendered({ steps: [Step.run({ name: 'x', script: 'set -eux\nmake', env: { T: Expression.secret('T') } })] }),
    () => rendered({ steps: [Step.run({ name: 'x', script: 'set -eu\nmake', env: { T: Expression.secret('T') } })] }),
  ],
  [
    'FORGE-WF-023',
    'a trace below a secret of the job',
    () => rendered({ env: { T: Expression.JOB_TOKEN }, steps: [Step.run({ name: 'x', script: 'bash -x build.sh' })] }),
    () => rendered({ env: { T: Expression.JOB_TOKEN }, steps: [Step.run({ name: 'x', script: 'bash build.sh -x' })] }),
  ],
  [
    'FORGE-WF-023',
    'a trace below a secret of the workflow',
    () =>
      rendered({ steps: [Step.run({ name: 'x', script: 'set -o xtrace' })] }, { env: { T: Expression.secret('T') } }),
    () =>
      rendered({ steps: [Step.run({ name: 'x', script: 'set +o xtrace' })] }, { env: { T: Expression.secret('T') } }),
  ],
  [
    'FORGE-WF-024',
    'branches and branches to ignore',
    () => Trigger.push({ branches: ['a'], branchesIgnore: ['b'] }),
    () => Trigger.push({ branches: ['a', '!b'] }),
  ],
  ['FORGE-WF-024', 'an empty filter', () => Trigger.push({ branches: [] }), () => Trigger.push({ branches: ['**'] })],
  [
    'FORGE-WF-024',
    'only patterns that leave out',
    () => Trigger.push({ paths: ['!docs/**'] }),
    () => Trigger.push({ paths: ['**', '!docs/**'] }),
  ],
  [
    'FORGE-WF-024',
    'no trigger',
    () => rendered({}, { triggers: [] }),
    () => rendered({}, { triggers: [Trigger.dispatch()] }),
  ],
  [
    'FORGE-WF-024',
    'two triggers for an event',
    () => newWorkflow({ triggers: [Trigger.push(), Trigger.push()] }),
    () => newWorkflow({ triggers: [Trigger.push(), Trigger.pullRequest()] }),
  ],
  [
    'FORGE-WF-024',
    'a schedule without a cron',
    () => Trigger.schedule({ crons: [] }),
    () => Trigger.schedule({ crons: ['0 5 * * *'] }),
  ],
  [
    'FORGE-WF-024',
    'no workflow to follow',
    () => Trigger.workflowRun({ workflows: [], acknowledgement: 'x' }),
    () => Trigger.workflowRun({ workflows: ['a'], acknowledgement: 'x' }),
  ],
  [
    'FORGE-WF-025',
    'a full ref',
    () => Trigger.push({ branches: ['refs/heads/main'] }),
    () => Trigger.push({ branches: ['heads/main', 'a/refs/heads/b'] }),
  ],
  [
    'FORGE-WF-025',
    'a bracket that is not closed',
    () => Trigger.push({ tags: ['v[0-9'] }),
    () => Trigger.push({ tags: ['v[0-9]'] }),
  ],
  [
    'FORGE-WF-025',
    'a range that runs backwards',
    () => Trigger.push({ tags: ['v[9-0]'] }),
    () => Trigger.push({ tags: ['v[9-9]'] }),
  ],
  [
    'FORGE-WF-025',
    'a path that begins with a dot',
    () => Trigger.push({ paths: ['./src/**'] }),
    () => Trigger.push({ paths: ['.src/**'] }),
  ],
  [
    'FORGE-WF-025',
    'a path that begins at the root',
    () => Trigger.push({ paths: ['/src/**'] }),
    () => Trigger.push({ paths: ['src/**'] }),
  ],
  [
    'FORGE-WF-025',
    'a branch with a space',
    () => Trigger.push({ branches: ['a b'] }),
    () => Trigger.push({ branches: ['a-b'] }),
  ],
  [
    'FORGE-WF-025',
    'an expression in a filter',
    () => Trigger.push({ branches: [Expression.REF_NAME] }),
    () => Trigger.push({ branches: ['$a'] }),
  ],
  [
    'FORGE-WF-025',
    'a repetition of nothing',
    () => Trigger.push({ branches: ['+a'] }),
    () => Trigger.push({ branches: ['a+'] }),
  ],
  [
    'FORGE-WF-027',
    'an activity that does not exist',
    () => Trigger.pullRequest({ types: ['opend'] }),
    () => Trigger.pullRequest({ types: ['opened'] }),
  ],
  [
    'FORGE-WF-027',
    'an activity of an event that has none',
    () => Trigger.event(WorkflowEvent.FORK, { types: ['created'] }),
    () => Trigger.event(WorkflowEvent.FORK),
  ],
  [
    'FORGE-WF-028',
    'a choice without options',
    () => Input.choice('a', { options: [] }),
    () => Input.choice('a', { options: ['b'] }),
  ],
  [
    'FORGE-WF-028',
    'a default that is no option',
    () => Input.choice('a', { options: ['b'], defaultValue: 'c' }),
    () => Input.choice('a', { options: ['b', 'c'], defaultValue: 'c' }),
  ],
  [
    'FORGE-WF-028',
    'an option twice',
    () => Input.choice('a', { options: ['b', 'b'] }),
    () => Input.choice('a', { options: ['b', 'B'] }),
  ],
  ['FORGE-WF-028', 'a bad name of an input', () => Input.text('1a'), () => Input.text('_1a')],
  [
    'FORGE-WF-028',
    'an infinite number',
    () => Input.number('a', { defaultValue: Infinity }),
    () => Input.number('a', { defaultValue: Number.MAX_SAFE_INTEGER }),
  ],
  [
    'FORGE-WF-028',
    'two inputs of one name',
    () => Trigger.dispatch({ inputs: [Input.text('a'), Input.text('A')] }),
    () => Trigger.dispatch({ inputs: [Input.text('a'), Input.text('AA')] }),
  ],
  [
    'FORGE-WF-028',
    'a choice in a call',
    () => Trigger.call({ inputs: [Input.choice('a', { options: ['b'] })] }),
    () => Trigger.dispatch({ inputs: [Input.choice('a', { options: ['b'] })] }),
  ],
  [
    'FORGE-WF-029',
    'a dangerous trigger without a word',
    () => Trigger.pullRequestTarget({ acknowledgement: '' }),
    () => Trigger.pullRequestTarget({ acknowledgement: 'x' }),
  ],
  [
    'FORGE-WF-029',
    'another one',
    () => Trigger.workflowRun({ workflows: ['a'], acknowledgement: 'two\nlines' }),
    () => Trigger.workflowRun({ workflows: ['a'], acknowledgement: 'one line' }),
  ],
  [
    'FORGE-WF-030',
    'an action without an owner',
    () => Action.repository('', 'checkout', { ref: 'v4' }),
    () => Action.repository('a', 'checkout', { ref: 'v4' }),
  ],
  [
    'FORGE-WF-030',
    'an action without a ref',
    () => Action.repository('actions', 'checkout', { ref: '' }),
    () => Action.repository('actions', 'checkout', { ref: '4' }),
  ],
  [
    'FORGE-WF-030',
    'an action with half a commit',
    () => Action.repository('actions', 'checkout', { ref: 'v4', sha: 'abcdef0' }),
    () => Action.repository('actions', 'checkout', { ref: 'v4', sha: 'abcdef0123'.repeat(4) }),
  ],
  [
    'FORGE-WF-030',
    'an action outside its repository',
    () => Action.repository('actions', 'checkout', { ref: 'v4', path: '../x' }),
    () => Action.repository('actions', 'checkout', { ref: 'v4', path: '..x' }),
  ],
  [
    'FORGE-WF-030',
    'an action by a URL with credentials',
    () => Action.url('https://me:secret@example.com/a/b', { ref: 'v1' }),
    () => Action.url('https://example.com/a/b', { ref: 'v1' }),
  ],
  [
    'FORGE-WF-030',
    'an action by a URL, at GitHub',
    () =>
      rendered(
        { steps: [Step.uses({ name: 'a', action: Action.url('https://example.com/a/b', { ref: 'v1' }) })] },
        { repository: GITHUB.repository('a/b') },
      ),
    () => rendered({ steps: [Step.uses({ name: 'a', action: Action.url('https://example.com/a/b', { ref: 'v1' }) })] }),
  ],
  ['FORGE-WF-030', 'a local action outside the repository', () => Action.local('../x'), () => Action.local('./x')],
  ['FORGE-WF-030', 'an image without a version', () => Action.docker('alpine'), () => Action.docker('alpine:3.20')],
  [
    'FORGE-WF-031',
    'an expression in the script of github-script',
    () =>
      Step.uses({
        name: 'a',
        action: Action.repository('actions', 'github-script', { ref: 'v7' }),
        with: { script: 'console.log("${{ github.head_ref }}")' },
      }),
    () =>
      Step.uses({
        name: 'a',
        action: Action.repository('actions', 'github-script', { ref: 'v7' }),
        with: { script: 'console.log(process.env.REF)' },
        env: { REF: '${{ github.head_ref }}' },
      }),
  ],
  [
    'FORGE-WF-032',
    'an environment variable that no shell can read',
    () => step('a', { env: { 'a-b': 'x' } }),
    () => step('a', { env: { a_b: 'x' } }),
  ],
  [
    'FORGE-WF-032',
    'an environment variable that the runner sets',
    () => rendered({ env: { GITHUB_SHA: 'x' } }),
    () => rendered({ env: { MY_GITHUB_SHA: 'x' } }),
  ],
  [
    'FORGE-WF-032',
    'a folder that the runner sets',
    () => rendered({ env: { RUNNER_TEMP: '/tmp' } }),
    () => rendered({ env: { TEMP_RUNNER: '/tmp' } }),
  ],
  [
    'FORGE-WF-032',
    'commands that a pull request could give',
    () => rendered({}, { env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true' } }),
    () => rendered({}, { env: { ACTIONS_STEP_DEBUG: 'true' } }),
  ],
  [
    'FORGE-WF-035',
    'a file that the CLI would take for a manifest',
    () => newWorkflow({ fileName: 'build.yaml' }),
    () => newWorkflow({ fileName: 'build.yml' }),
  ],
  [
    'FORGE-WF-035',
    'a folder that the forge does not look at',
    () => newWorkflow({ directory: '.forgejo/workflows' }),
    () => newWorkflow({ directory: '.github/workflows' }),
  ],
  [
    'FORGE-WF-035',
    'a file that is too large',
    () => rendered({ steps: [Step.run({ name: 'x', script: 'true # '.repeat(200_000) })] }),
    () => rendered({ steps: [Step.run({ name: 'x', script: 'true # '.repeat(20_000) })] }),
  ],
  ['FORGE-WF-036', 'a control character', () => renderedEnv({ A: 'a\u0000b' }), () => renderedEnv({ A: 'a\tb' })],
  ['FORGE-WF-036', 'half a character', () => renderedEnv({ A: 'a\ud800' }), () => renderedEnv({ A: 'a\ud83d\ude00' })],
  [
    'FORGE-WF-036',
    'several lines that begin with white space, at Gitea',
    () => renderedEnv({ A: '\n a\n' }),
    () => renderedEnv({ A: 'a\n a\n' }),
  ],
  [
    'FORGE-WF-037',
    'a condition that always holds',
    () => Condition.raw("'a' == 'a'"),
    () => Condition.raw("github.ref == 'a'"),
  ],
  [
    'FORGE-WF-037',
    'a condition between plain texts',
    () => Condition.equal('github.ref', 'main'),
    () => Condition.equal(Expression.REF, 'main'),
  ],
  ['FORGE-WF-038', 'a job without steps', () => rendered({ steps: [] }), () => rendered({ steps: [step()] })],
  [
    'FORGE-WF-039',
    'a call of a workflow that cannot be called',
    () => ReusableWorkflow.local(newWorkflow()),
    () => ReusableWorkflow.local(called()),
  ],
  [
    'FORGE-WF-039',
    'a call without a required input',
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        secrets: { TOKEN: Expression.secret('A') },
      }),
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: Expression.secret('A') },
      }),
  ],
  [
    'FORGE-WF-039',
    'a call with an unknown input',
    () => newWorkflow().addCall('a', { workflow: ReusableWorkflow.local(called()), with: { target: 'x', other: 'y' } }),
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: '' },
        secrets: { TOKEN: 'x' },
      }),
  ],
  [
    'FORGE-WF-039',
    'a call without its secret',
    () => newWorkflow().addCall('a', { workflow: ReusableWorkflow.local(called()), with: { target: 'x' } }),
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
      }),
  ],
  [
    'FORGE-WF-039',
    'a call with a secret that is not wanted',
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x', MORE: 'y' },
      }),
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
      }),
  ],
  [
    'FORGE-WF-039',
    'a call of a local workflow of another repository',
    () =>
      newWorkflow({ repository: GITEA.repository('platform/other') }).addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
      }),
    () =>
      newWorkflow({ repository: REPOSITORY }).addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
      }),
  ],
  [
    'FORGE-ARG-001',
    'a call that runs on no runner',
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
        runsOn: ['x'],
      } as unknown as WorkflowCallProps),
    () =>
      newWorkflow().addCall('a', {
        workflow: ReusableWorkflow.local(called()),
        with: { target: 'x' },
        secrets: { TOKEN: 'x' },
        runsOn: RunsOn.existing('x'),
      }),
  ],
  [
    'FORGE-WF-039',
    'a remote workflow without a ref',
    () => ReusableWorkflow.remote({ repository: 'a/b', path: 'x.yml', ref: '' }),
    () => ReusableWorkflow.remote({ repository: 'a/b', path: 'x.yml', ref: 'v1' }),
  ],
  [
    'FORGE-WF-039',
    'outputs that nobody gets',
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', { ...job, steps: [step()] });
      workflow.addOutput('x', 'y');
      return textOf(workflow);
    },
    () => {
      const workflow = called();
      workflow.addJob('a', { ...job, steps: [step()] });
      workflow.addOutput('x', 'y');
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-040',
    'an override of a key that has a prop',
    () => newWorkflow().addJob('a', job).addOverride('runs-on', 'x'),
    () => newWorkflow().addJob('a', job).addOverride('runs-off', 'x'),
  ],
  [
    'FORGE-WF-040',
    'an override of no key',
    () => newWorkflow().addJob('a', job).addOverride('Runs On', 'x'),
    () => newWorkflow().addJob('a', job).addOverride('runs-off', 'x'),
  ],
  [
    'FORGE-WF-041',
    'a password in the program',
    () => JobContainer.of('a:1', { credentials: { username: 'a', password: 'plain' } }),
    () => JobContainer.of('a:1', { credentials: { username: 'a', password: Expression.secret('A') } }),
  ],
  [
    'FORGE-WF-041',
    'an image with a scheme',
    () => JobContainer.of('https://example.com/a:1'),
    () => JobContainer.of('example.com/a:1'),
  ],
  [
    'FORGE-WF-041',
    'a port that is none',
    () => JobContainer.of('a:1', { ports: ['70000'] }),
    () => JobContainer.of('a:1', { ports: ['65535'] }),
  ],
  [
    'FORGE-WF-041',
    'a volume that is none',
    () => JobContainer.of('a:1', { volumes: ['data'] }),
    () => JobContainer.of('a:1', { volumes: ['data:/data'] }),
  ],
  [
    'FORGE-WF-042',
    'half a minute',
    () => step('a', { timeout: Duration.seconds(30) }),
    () => step('a', { timeout: Duration.seconds(60) }),
  ],
  [
    'FORGE-WF-042',
    'a job that goes on always and sometimes',
    () => rendered({ continueOnError: true, continueOnErrorIf: Condition.onBranch('a') }),
    () => rendered({ continueOnErrorIf: Condition.onBranch('a') }),
  ],
  [
    'FORGE-WF-042',
    'a run that is cancelled always and sometimes',
    () =>
      rendered({ concurrency: { group: 'a', cancelInProgress: true, cancelInProgressIf: Condition.onBranch('a') } }),
    () => rendered({ concurrency: { group: 'a', cancelInProgressIf: Condition.onBranch('a') } }),
  ],
  [
    'FORGE-WF-044',
    'a runner without a label',
    () =>
      newWorkflow().addJob('a', {
        runsOn: { ...RunsOn.existing('x'), jobLabels: [], canRunJobsOf: () => [] } as never,
      }),
    () =>
      newWorkflow().addJob('a', {
        runsOn: { ...RunsOn.existing('x'), jobLabels: ['x'], canRunJobsOf: () => [] } as never,
      }),
  ],
  [
    'FORGE-ARG-001',
    'a job for no runner',
    () => newWorkflow().addJob('a', {} as JobProps),
    () => newWorkflow().addJob('a', job),
  ],
  [
    'FORGE-ARG-001',
    'labels without their runner, in a program that nobody compiled',
    () => newWorkflow().addJob('a', { runsOn: ['x'] } as unknown as JobProps),
    () => newWorkflow().addJob('a', { runsOn: RunsOn.existing('x') }),
  ],
  [
    'FORGE-ARG-001',
    'something that is no runner',
    () => {
      const workflow = newWorkflow();
      workflow.addJob('a', { runsOn: workflow } as unknown as JobProps);
    },
    () => newWorkflow().addJob('a', { runsOn: RunsOn.existing('x', 'y') }),
  ],
  ['FORGE-FRG-012', 'no label', () => RunsOn.existing(), () => RunsOn.existing('a')],
  ['FORGE-FRG-012', 'an empty label', () => RunsOn.existing('a', ' '), () => RunsOn.existing('a', 'b')],
  ['FORGE-FRG-012', 'labels in one text', () => RunsOn.existing('a, b'), () => RunsOn.existing('a-b')],
  [
    'FORGE-WF-045',
    'a permission that the forge does not have',
    () => rendered({ permissions: { idToken: Access.WRITE } }),
    () => rendered({ permissions: { idToken: Access.WRITE } }, { repository: GITHUB.repository('a/b') }),
  ],
  [
    'FORGE-WF-045',
    'a permission that cannot be read',
    () => rendered({ permissions: { idToken: Access.READ } }, { repository: GITHUB.repository('a/b') }),
    () => rendered({ permissions: { contents: Access.READ } }, { repository: GITHUB.repository('a/b') }),
  ],
  [
    'FORGE-WF-014',
    'a part of a secret',
    () => renderedEnv({ A: Expression.fromJson(Expression.secret('A')) }),
    () => renderedEnv({ A: Expression.fromJson(Expression.variable('A')) }),
  ],
  [
    'FORGE-WF-046',
    'a script that steers later steps, started by a stranger',
    () =>
      rendered(
        { steps: [Step.run({ name: 'x', script: 'echo "A=b" >> "$GITHUB_ENV"' })] },
        { triggers: [Trigger.pullRequestTarget({ acknowledgement: 'x' })] },
      ),
    () =>
      rendered(
        { steps: [Step.run({ name: 'x', script: 'echo "A=b" >> "$GITHUB_STEP_SUMMARY"' })] },
        { triggers: [Trigger.pullRequestTarget({ acknowledgement: 'x' })] },
      ),
  ],
  [
    'FORGE-WF-047',
    'a value inside a fixed text',
    () => Condition.contains('refs/heads/main refs/heads/develop', Expression.REF),
    () => Condition.contains(Expression.REF, 'refs/heads/main'),
  ],
  [
    'FORGE-WF-047',
    'a bot by who acted last',
    () => Condition.equal(Expression.ACTOR, 'dependabot[bot]'),
    () => Condition.equal(Expression.ACTOR, 'somebody'),
  ],
  [
    'FORGE-WF-048',
    'more jobs than a run of Gitea has',
    () => {
      const workflow = newWorkflow();
      const matrix = Matrix.of({ a: Array.from({ length: 129 }, (_, i) => `${i}`) });
      ['a', 'b'].forEach((id) => workflow.addJob(id, { ...job, matrix, steps: [step()] }));
      return textOf(workflow);
    },
    () => {
      const workflow = newWorkflow();
      const matrix = Matrix.of({ a: Array.from({ length: 128 }, (_, i) => `${i}`) });
      ['a', 'b'].forEach((id) => workflow.addJob(id, { ...job, matrix, steps: [step()] }));
      return textOf(workflow);
    },
  ],
  [
    'FORGE-WF-058',
    'jobs of one concurrency group on Gitea 1.26.0',
    () => textOf(sharing(GITEA_1_26_0, [{ group: 'deploy' }, { group: 'deploy' }])),
    () => textOf(sharing(GITEA_1_26_0, [{ group: 'deploy' }, { group: 'deploy', needs: true }])),
  ],
  [
    'FORGE-WF-058',
    'a matrix whose jobs have one concurrency group on Gitea 1.26.0',
    () => textOf(sharing(GITEA_1_26_0, [{ group: 'deploy', matrix: Matrix.of({ a: ['x', 'y'] }) }])),
    () => textOf(sharing(GITEA_1_26_0, [{ group: 'deploy', matrix: Matrix.of({ a: ['x'] }) }])),
  ],
  [
    'FORGE-RECIPE-001',
    'a token in the program',
    () => Checkout.git({ token: 'plain' }),
    () => Checkout.git({ token: Expression.secret('TOKEN') }),
  ],
  [
    'FORGE-RECIPE-001',
    'SSH to a forge that takes none',
    () => Checkout.git({ sshKey: Expression.secret('KEY') }).bind({ id: 'build', repository: REPOSITORY }),
    () => Checkout.git({ token: Expression.secret('TOKEN') }).bind({ id: 'build', repository: REPOSITORY }),
  ],
];

test.each(cases)('fails with %s for %s, and not for its neighbour', (code, _, act, neighbour) => {
  accepts(neighbour);
  const problems = problemsOf(act);
  expect(problems.map((problem) => problem.code)).toContain(code);
  problems.forEach((problem) =>
    expect(problem).toMatchObject({
      message: expect.stringMatching(/^(?:[^A-Z]|Gitea |Forgejo |GitHub ).*[^.]$/),
      fix: expect.stringMatching(/./),
    }),
  );
});

describe('schedules', () => {
  const schedule = (cron: string, forge: Forge) =>
    rendered({}, { repository: forge.repository('a/b'), triggers: [Trigger.schedule({ crons: [cron] })] });
  test.each(['30 5 * * 1-5', '0 0 1 JAN *', '*/5 * * * *', '0,30 */2 1-7 * MON'])('%s runs everywhere', (cron) => {
    expect(schedule(cron, GITHUB)).toContain(`'${cron}'`.replace(/^'\*.*/, '*/5'));
    schedule(cron, GITEA);
  });
  test.each([
    ['* * * *', '* * * * *'],
    ['60 * * * *', '59 * * * *'],
    ['* 24 * * *', '* 23 * * *'],
    ['0 0 0 * *', '0 0 1 * *'],
    ['0 0 32 * *', '0 0 31 * *'],
    ['0 0 * 13 *', '0 0 * 12 *'],
    ['0 0 31 2 *', '0 0 29 2 *'],
    ['0 0 31 4,6 *', '0 0 31 4,7 *'],
    ['0 0 31 4,6 *', '0 0 30 4,6 *'],
    ['0 0 31 4,6 *', '0 0 31 4,6 1'],
    ['5-1 * * * *', '1-5 * * * *'],
    ['*/0 * * * *', '*/1 * * * *'],
    ['a * * * *', '1 * * * *'],
    ['0 0 * * 7', '0 0 * * 6'],
    ['@reboot', '@daily'],
    ['0 0 0 * * *', '0 0 * * *'],
  ])('%s runs nowhere, and %s runs', (cron, neighbour) => {
    accepts(() => schedule(neighbour, GITEA));
    expect(codesOf(() => schedule(cron, GITEA))).toEqual(['FORGE-WF-026']);
  });
  test('aliases run at Gitea only', () => {
    expect(schedule('@daily', GITEA)).toContain("- cron: '@daily'");
    expect(codesOf(() => schedule('@daily', GITHUB))).toEqual(['FORGE-WF-026']);
  });
  test('every minute runs at Gitea only', () => {
    accepts(
      () => schedule('* * * * *', GITEA),
      () => schedule('*/5 * * * *', GITHUB),
    );
    expect(codesOf(() => schedule('*/4 * * * *', GITHUB))).toEqual(['FORGE-WF-026']);
  });
  test('a time zone is a key of its own at GitHub, and stands in front of the cron at Gitea', () => {
    const trigger = [Trigger.schedule({ crons: ['0 5 * * *'], timezone: 'Europe/Zurich' })];
    expect(rendered({}, { repository: GITHUB.repository('a/b'), triggers: trigger })).toContain(
      'timezone: Europe/Zurich',
    );
    expect(rendered({}, { triggers: trigger })).toContain('- cron: CRON_TZ=Europe/Zurich 0 5 * * *\n');
    expect(rendered({}, { triggers: trigger })).not.toContain('timezone');
  });
  test.each([
    '@every 6h',
    '@every 1h30m',
    'TZ=Europe/Zurich 0 9 * * *',
    'CRON_TZ=UTC @daily',
    '0 0 ? * 1',
    '0  0 * * *',
    'TZ= 0 9 * * *',
  ])('%s runs at Gitea only', (cron) => {
    expect(schedule(cron, GITEA)).toContain(cron);
    expect(codesOf(() => schedule(cron, GITHUB))).toEqual(['FORGE-WF-026']);
  });
  test.each([
    ['@every', '@every 1s'],
    ['@every day', '@every 24h'],
    ['@every 6', '@every 6m'],
    ['TZ=Europe/Zurich', 'TZ=Europe/Zurich @daily'],
    ['ZONE=UTC 0 9 * * *', 'TZ=UTC 0 9 * * *'],
  ])('%s runs nowhere either, and %s runs', (cron, neighbour) => {
    accepts(() => schedule(neighbour, GITEA));
    expect(codesOf(() => schedule(cron, GITEA))).toEqual(['FORGE-WF-026']);
  });
  test('a Gitea before 1.23 reads schedules in the time zone of its server', () => {
    const warnings = (version: string) =>
      newWorkflow({
        repository: Forge.gitea({ version, url: 'https://git.example.com' }).repository('a/b'),
        triggers: [Trigger.schedule({ crons: ['0 5 * * *'] })],
      }).warnings;
    expect(warnings('1.22')).toEqual([expect.stringContaining('time zone of the server')]);
    expect(warnings('1.23')).toEqual([]);
  });
});

describe('messages', () => {
  test('a missing root job quotes what Gitea says', () => {
    accepts(() => textOf(cycle({ closed: false })));
    expect(problemsOf(() => textOf(cycle()))[0]).toMatchObject({
      message: 'jobs wait for each other: "a" needs "b" needs "a"',
      symptom: 'The workflow must contain at least one job without dependencies.',
    });
  });

  test('an output of a later step names both ends', () => {
    const later = step('Later', { outputs: ['v'] });
    const [problem] = problemsOf(() => rendered({ steps: [step('First', { env: { V: later.output('v') } }), later] }));
    const earlier = step('Earlier', { outputs: ['v'] });
    accepts(() => rendered({ steps: [earlier, step('Last', { env: { V: earlier.output('v') } })] }));
    expect(problem.message).toBe(
      'in env.V of step "First" of job "build": step "Later" has no results yet: it comes after this one',
    );
    expect(problem.path).toBe('build/build');
  });

  test('a context that is not known in a place comes with those that are', () => {
    accepts(() => rendered({ if: Condition.notEqual(Expression.variable('A'), '') }));
    const [problem] = problemsOf(() => rendered({ if: Condition.notEqual(Expression.secret('A'), '') }));
    expect(problem).toMatchObject({
      message: 'in `if` of job "build": `secrets` is not known there',
      allowed: 'github, inputs, vars, needs',
      symptom: "Unrecognized named-value: 'secrets'",
    });
  });

  test('everything that is wrong is said at once', () => {
    accepts(() => rendered({ env: { A: '${{ github.sha }}' } }, { runName: '${{ github.ref }}' }));
    expect(
      codesOf(() => rendered({ steps: [], env: { A: '${{ githb.sha }}' } }, { triggers: [], runName: '${{ env.A }}' })),
    ).toEqual(['FORGE-WF-038', 'FORGE-WF-011', 'FORGE-WF-012', 'FORGE-WF-024']);
  });
});

describe('dialects', () => {
  const old = OLD_GITEA.repository('platform/hello');

  test('what an old Gitea ignores is refused, with the version that heeds it', () => {
    const job = { continueOnError: true, concurrency: { group: 'a' } };
    const problems = problemsOf(() =>
      rendered(
        { ...job, environment: { name: 'x' }, runnerGroup: 'g' },
        { repository: old, concurrency: { group: 'a' } },
      ),
    );
    accepts(() => rendered(job, { concurrency: { group: 'b' } }));
    expect(problems.map((problem) => problem.code)).toEqual(Array(5).fill('FORGE-WF-033'));
    expect(problems.map((problem) => problem.message)).toContain(
      'job "build": Gitea 1.22 ignores `continue-on-error` before 1.27',
    );
  });

  test('a limit of a job becomes one of each step, and a comment says so', () => {
    const text = rendered(
      { timeout: Duration.minutes(20), steps: [step('a'), step('b', { timeout: Duration.minutes(5) })] },
      { repository: old },
    );
    expect(text).toContain(
      "      - name: a\n        timeout-minutes: 20 # instead of the job's limit, which Gitea 1.22 ignores\n",
    );
    expect(text).toContain('      - name: b\n        timeout-minutes: 5\n');
    expect(text).not.toContain('    timeout-minutes: 20\n    ');
    expect(rendered({ timeout: Duration.minutes(20) })).toContain('    timeout-minutes: 20\n    steps:');
  });

  test('permissions and the name of a run are written all the same, with a comment', () => {
    const text = rendered({}, { repository: old, runName: 'x' });
    expect(text).toContain('# Gitea 1.22 ignores this (heeded from 1.25).\nrun-name: x\n');
    expect(text).toContain('# Gitea 1.22 ignores this (heeded from 1.26).\npermissions:\n  contents: read\n');
    expect(rendered({})).not.toContain('ignores');
  });

  test('everything can be kept, or everything refused', () => {
    const props = { repository: old, concurrency: { group: 'a' } };
    expect(rendered({}, { ...props, ignoredKeys: IgnoredKeys.KEEP })).toContain(
      '# Gitea 1.22 ignores this (heeded from 1.26).\nconcurrency:\n  group: a\n',
    );
    expect(
      codesOf(() => rendered({ timeout: Duration.minutes(1) }, { ...props, ignoredKeys: IgnoredKeys.REFUSE })),
    ).toEqual(['FORGE-WF-033', 'FORGE-WF-033', 'FORGE-WF-033']);
  });

  test('an event that starts nothing is refused', () => {
    expect(codesOf(() => rendered({}, { triggers: [Trigger.event(WorkflowEvent.DISCUSSION)] }))).toEqual([
      'FORGE-WF-034',
    ]);
    expect(codesOf(() => rendered({}, { repository: old, triggers: [Trigger.dispatch()] }))).toEqual(['FORGE-WF-033']);
    accepts(
      () => rendered({}, { triggers: [Trigger.event(WorkflowEvent.ISSUES)] }),
      () => rendered({}, { triggers: [Trigger.dispatch()] }),
      () => rendered({}, { triggers: [Trigger.dispatch({ inputs: [Input.text('where')] })] }),
    );
    expect(
      codesOf(() => rendered({}, { triggers: [Trigger.dispatch({ inputs: [Input.environment('where')] })] })),
    ).toEqual(['FORGE-WF-034']);
  });

  test('Forgejo takes inputs of a call only on a runner', () => {
    const repository = FORGEJO.repository('platform/hello');
    const call = (runsOn?: RunsOn) => {
      const callee = called({ repository });
      const caller = newWorkflow({ repository });
      caller.addCall('deploy', {
        workflow: ReusableWorkflow.local(callee),
        with: { target: 'x' },
        secrets: { TOKEN: Expression.secret('T') },
        runsOn,
      });
      return textOf(caller);
    };
    expect(codesOf(() => call())).toEqual(['FORGE-WF-034']);
    expect(call(RunsOn.existing('docker'))).toContain(
      '    runs-on: docker\n    uses: ./.forgejo/workflows/callee.yml\n    with:\n      target: x\n    secrets:\n      TOKEN: ${{ secrets.T }}\n',
    );
  });

  test('an older Gitea passes over a workflow that is called with inputs and has another trigger', () => {
    const call = Trigger.call({ inputs: [Input.text('a')] });
    expect(codesOf(() => rendered({}, { repository: old, triggers: [Trigger.push(), call] }))).toEqual([
      'FORGE-WF-034',
    ]);
    accepts(
      () => rendered({}, { repository: old, triggers: [call] }),
      () => rendered({}, { repository: old, triggers: [Trigger.push(), Trigger.call()] }),
      () => rendered({}, { triggers: [Trigger.push(), call] }),
    );
  });

  test('tags beside branches are a warning on Forgejo', () => {
    const triggers = [Trigger.push({ branches: ['main'], tags: ['v*'] })];
    const forgejo = FORGEJO.repository('a/b');
    expect(rendered({}, { repository: forgejo, triggers })).toContain('    tags:\n      - v*\n');
    expect(newWorkflow({ repository: forgejo, triggers }).warnings).toEqual([expect.stringContaining('tags beside')]);
    expect(newWorkflow({ triggers }).warnings).toEqual([]);
    expect(newWorkflow({ repository: forgejo, triggers: [Trigger.push({ tags: ['v*'] })] }).warnings).toEqual([]);
  });

  test('each product has its folder, and one folder hides the others', () => {
    expect([GITEA, FORGEJO, GITHUB].map((forge) => newWorkflow({ repository: forge.repository('a/b') }).path)).toEqual([
      '.gitea/workflows/build.yml',
      '.forgejo/workflows/build.yml',
      '.github/workflows/build.yml',
    ]);
    const app = new App();
    new Workflow(app, 'a', { repository: REPOSITORY, directory: '.github/workflows' });
    const [problem] = problemsOf(() => new Workflow(app, 'b', { repository: REPOSITORY }));
    expect(problem).toMatchObject({
      code: 'FORGE-WF-043',
      message: expect.stringContaining('.gitea/workflows hides .github/workflows'),
    });
    new Workflow(new App(), 'b', { repository: REPOSITORY });
  });

  test('other names of the context are written as github', () => {
    expect(renderedEnv({ A: '${{ gitea.sha }}', B: "${{ forgejo['ref'] }}", C: '${{ gitea.event.*.id }}' })).toContain(
      'A: ${{ github.sha }}\n          B: ${{ github.ref }}\n          C: ${{ github.event.*.id }}\n',
    );
  });
});

test('case() is a function of GitHub', () => {
  const text = "${{ case(github.ref == 'a', 'b', 'c') }}";
  const at = (repository: typeof REPOSITORY) => () => renderedEnv({ A: text }, {}, { repository });
  expect(at(GITHUB.repository('platform/hello'))()).toContain(text);
  expect(codesOf(at(FORGEJO.repository('platform/hello')))).toEqual(['FORGE-WF-011']);
});
