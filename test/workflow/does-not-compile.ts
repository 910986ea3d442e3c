/**
 * Mistakes that TypeScript finds: each line below a `@ts-expect-error` must be one, and `does-not-compile.test.ts` sees to it.
 * The rest of the bad cases are errors at synth: checks.test.ts.
 */
import { RunsOn } from '../../lib/forge';
import {
  Access,
  Action,
  Actions,
  Condition,
  Input,
  Job,
  Shell,
  Step,
  Trigger,
  Workflow,
  WorkflowEvent,
} from '../../lib/workflow';

declare const workflow: Workflow;
declare const job: Job;
declare const step: Step;

export function mistakes(): unknown[] {
  return [
    // @ts-expect-error -- a job without a runner
    workflow.addJob('a', { steps: [step] }),
    // @ts-expect-error -- a label without its runner
    workflow.addJob('a', { runsOn: ['x'], steps: [step] }),
    // @ts-expect-error -- an unknown key of a job
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), step: [step] }),
    // @ts-expect-error -- an unknown key of a workflow
    new Workflow(workflow, 'a', { repository: workflow.repository, trigger: [] }),
    // @ts-expect-error -- a workflow of no repository
    new Workflow(workflow, 'a', {}),
    // @ts-expect-error -- a job that is named, not passed
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), needs: ['build'] }),
    // @ts-expect-error -- an event that does not exist
    Trigger.event(WorkflowEvent.PSUH),
    // @ts-expect-error -- an event by a text
    Trigger.event('psuh'),
    // @ts-expect-error -- an action and a script in one step
    Step.run({ name: 'a', script: 'make', uses: 'actions/checkout@v4' }),
    // @ts-expect-error -- neither
    Step.run({ name: 'a' }),
    // @ts-expect-error -- a step without a name
    Step.run({ script: 'make' }),
    // @ts-expect-error -- an action that is a number
    Step.uses({ name: 'a', action: 42 }),
    // @ts-expect-error -- an action without a ref
    Action.repository('actions', 'checkout'),
    // @ts-expect-error -- an action by a text
    Step.uses({ name: 'a', action: 'actions/checkout@v4' }),
    // @ts-expect-error -- a list in the place of a text
    Step.run({ name: ['a'], script: 'make' }),
    // @ts-expect-error -- a number in an environment
    Step.run({ name: 'a', script: 'make', env: { A: 1 } }),
    // @ts-expect-error -- a condition that is a text, which could be true always
    Step.run({ name: 'a', script: 'make', if: '${{ github.ref }} && true' }),
    // @ts-expect-error -- a permission that does not exist
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), permissions: { content: Access.READ } }),
    // @ts-expect-error -- a level that does not exist
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), permissions: { contents: Access.ADMIN } }),
    // @ts-expect-error -- a level by a text
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), permissions: { contents: 'write' } }),
    // @ts-expect-error -- a shell that does not exist
    Step.run({ name: 'a', script: 'make', shell: Shell.BASHH }),
    // @ts-expect-error -- a shell by a text
    Step.run({ name: 'a', script: 'make', shell: 'bashh' }),
    // @ts-expect-error -- a time that is a text
    workflow.addJob('a', { runsOn: RunsOn.existing('x'), timeout: "${{ 'x' }}" }),
    // @ts-expect-error -- a choice without options
    Input.choice('a', {}),
    // @ts-expect-error -- a default that is no boolean
    Input.boolean('a', { defaultValue: 'maybe' }),
    // @ts-expect-error -- a filter that the event does not have
    Trigger.dispatch({ branches: ['main'] }),
    // @ts-expect-error -- a dangerous trigger without a word
    Trigger.pullRequestTarget({}),
    // @ts-expect-error -- an input that the action does not have
    Actions.login({ name: 'a', username: 'a', password: 'b', insecure: true }),
    // @ts-expect-error -- all secrets at once
    workflow.addCall('a', { workflow: job, secrets: 'inherit' }),
    // @ts-expect-error -- a choice between two values, which goes wrong when the first is empty
    Condition.choose('a', 'b'),
  ];
}
