import { quoted } from '../../support';
import { Step } from '../step';
import { StepControl } from '../step-props';
import { StepsContext } from './steps-context';

/** Returns the tokens of the background steps that may still run when each step starts. */
export function unfinishedAt(steps: readonly Step[]): ReadonlySet<string>[] {
  const running = new Set<string>();
  return steps.map((step) => {
    const { background, control } = step._content;
    if (control?.kind === 'wait-all') {
      running.clear();
    }
    control?.steps.forEach((other) => running.delete(other._token));
    const now = new Set(running);
    if (background) {
      running.add(step._token);
    }
    return now;
  });
}

/** Returns the key `background` of a step, if the forge knows the key. */
export function renderedBackground(step: Step, context: StepsContext): unknown {
  const { background } = step._content;
  if (!background) {
    return undefined;
  }
  if (context.composite) {
    context.problems.add(misplaced(step, 'a composite action has no background steps', 'remove `background`'));
  }
  return context.check.checked('steps.background', true, `step ${quoted(step.name)}`);
}

/** Returns a step that waits for background steps, or ends one. */
export function renderedControl(step: Step, control: StepControl, context: StepsContext): Record<string, unknown> {
  const { kind, steps } = control;
  const index = context.steps.findIndex((other) => other._token === step._token);
  const ids = steps.map((other) => idOf(step, other, { ...context, index }));
  const value = kind === 'wait-all' ? true : kind === 'cancel' || ids.length === 1 ? ids[0] : ids;
  const isEmpty = kind === 'wait-all' && !context.steps.slice(0, index).some(({ _content }) => _content.background);
  if (isEmpty || (kind === 'wait' && ids.length === 0)) {
    context.problems.add(misplaced(step, 'there is no background step to wait for', 'remove the step'));
  }
  return {
    name: step.name,
    id: undefined,
    'continue-on-error': step._content.continueOnError || undefined,
    [kind]: context.check.checked('steps.background', value, `step ${quoted(step.name)}`),
  };
}

/** Returns the id of a background step before a step. The id is then in the file. */
function idOf(
  step: Step,
  other: StepControl['steps'][number],
  context: StepsContext & { readonly index: number },
): string | undefined {
  const at = context.steps.findIndex((each) => each._token === other._token);
  if (at === -1 || at >= context.index || !context.steps[at]._content.background) {
    context.problems.add(
      misplaced(
        step,
        `${quoted(other.name)} is no background step before it`,
        'set `background: true` of that step, and put it earlier into the same job',
      ),
    );
    return undefined;
  }
  context.referred.add(other._token);
  return context.views[at].id;
}

/** Returns steps with each group under the key `parallel`, if the forge knows the key; otherwise one after the other. */
export function groupedSteps(
  { steps, check, composite }: StepsContext,
  rendered: Record<string, unknown>[],
): Record<string, unknown>[] {
  const isLowered = composite || check.lacks('steps.parallel');
  const result: Record<string, unknown>[] = [];
  let open: { readonly group: number; readonly members: Record<string, unknown>[] } | undefined;
  steps.forEach((step, i) => {
    const { group } = step._content;
    if (group === undefined || isLowered) {
      open = undefined;
      result.push(rendered[i]);
    } else if (open?.group === group) {
      open.members.push(rendered[i]);
    } else {
      open = { group, members: [rendered[i]] };
      result.push({ parallel: open.members });
    }
  });
  return result;
}

function misplaced(step: Step, why: string, fix: string) {
  return { code: 'FORGE-WF-065', message: `step ${quoted(step.name)}: ${why}`, fix };
}
