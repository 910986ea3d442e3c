import { repositoryPart, runsCheck } from '../../forge';
import { Advice, Part } from '../../support';
import { WorkflowBase } from '../workflow-base';

/**
 * Returns a workflow as a part of the diagram in the runbook.
 *
 * @jsii ignore
 */
export function workflowPart({ node, fileName }: WorkflowBase): Part {
  return { kind: 'workflow', name: node.path, label: ['workflow', fileName] };
}

/**
 * Returns the advice that an operator needs for a workflow.
 *
 * @param events what starts it
 */
export function workflowAdvice(workflow: WorkflowBase, events: readonly string[]): Advice {
  const { repository, reaches, warnings } = workflow;
  return {
    reaches,
    warnings,
    checks: [runsCheck(repository)],
    links: [{ from: repositoryPart(repository), to: workflowPart(workflow), label: events.join(', ') }],
  };
}
