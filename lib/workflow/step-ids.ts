import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';
import { StepView } from './expression/scope';
import { Step } from './step';

/**
 * Throws an error if a job or a composite action has a step twice, or two steps with the same id. An id is the same
 * whatever its case.
 *
 * @throws FORGE-WF-021
 * @jsii ignore
 */
export function checkDistinct(owner: IConstruct, steps: Step[]): void {
  const repeated = steps.find((step, i) => steps.findIndex((other) => other._token === step._token) < i);
  if (repeated) {
    throw duplicate(owner, `step ${quoted(repeated.name)} is in it twice`, 'create a second step');
  }
  const ids = steps.map((step) => step._content.id?.toLowerCase());
  const same = steps.find((_, i) => ids[i] !== undefined && ids.indexOf(ids[i]) < i);
  if (same) {
    throw duplicate(
      owner,
      `two steps have the id ${quoted(same._content.id)}`,
      'remove `id` from one of them: the id is derived from the name',
    );
  }
}

/**
 * Returns the steps with their ids in the file. An explicit id is kept; a derived id avoids the ids that are taken.
 *
 * @jsii ignore
 */
export function viewsOf(steps: Step[]): StepView[] {
  const taken = new Set(steps.map((step) => step._content.id?.toLowerCase()));
  return steps.map((step) => {
    const id = step._content.id ?? freeId(step._wantedId, taken);
    taken.add(id.toLowerCase());
    return { token: step._token, name: step.name, id, outputs: step._content.outputs ?? [] };
  });
}

function freeId(wanted: string, taken: Set<string | undefined>): string {
  let id = wanted;
  for (let i = 2; taken.has(id.toLowerCase()); i++) {
    id = `${wanted}-${i}`;
  }
  return id;
}

function duplicate(owner: IConstruct, why: string, fix: string): ForgeError {
  return ForgeError.at(owner, {
    code: 'FORGE-WF-021',
    message: `${quoted(owner.node.id)}: ${why}`,
    fix,
    symptom: 'The identifier may not be used more than once within the same scope',
  });
}
