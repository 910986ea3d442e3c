import { Dialect } from '../../forge';
import { ownOf, quoted } from '../../support';
import { parseTemplate } from '../expression/template';
import { Input } from '../input';
import { WorkflowCall } from '../reusable-workflow';

/**
 * Returns in words what a value is if it is one expression that always yields text: a text input, an output of a job, or a
 * variable. Returns undefined for other values.
 *
 * @param value the value
 * @param inputs the inputs of the workflow that passes the value
 *
 * @jsii ignore
 */
export function alwaysText(value: string, inputs: readonly Input[]): string | undefined {
  const [root, name = '', member] = onlyUse(value) ?? [];
  switch (root) {
    case 'needs':
      return member && `the ${member.toLowerCase().replace(/s$/, '')} of a job`;
    case 'vars':
      return `the variable ${name}`;
    default:
      return textInput(value, inputs);
  }
}

/** Returns the path of a context if a value is one expression that is the use of this context. */
function onlyUse(value: string): string[] | undefined {
  const parts = value.includes('${{') ? parseTemplate(value) : [];
  const [part] = parts;
  if (parts.length !== 1 || typeof part === 'string' || part.uses.length !== 1) {
    return undefined;
  }
  const [{ path, open, start, end }] = part.uses;
  return open || start !== 0 || end !== part.text.length ? undefined : path;
}

/** Returns in words a text input of the workflow, if a value is one expression that yields it. */
function textInput(value: string, inputs: readonly Input[]): string | undefined {
  const [root, name = ''] = onlyUse(value) ?? [];
  const declared = inputs.filter((input) => root === 'inputs' && input.name.toLowerCase() === name.toLowerCase());
  const isText = declared.length > 0 && declared.every(({ type }) => type !== 'boolean' && type !== 'number');
  return isText ? `the text input ${quoted(name)}` : undefined;
}

/**
 * Returns warnings about inputs of called workflows that are booleans or numbers and get a text that somebody writes, at a
 * forge that passes each text on.
 *
 * @param call the job that calls
 * @param inputs the inputs of the workflow that calls
 *
 * @jsii ignore
 */
export function callWarnings(call: WorkflowCall, inputs: readonly Input[], dialect: Dialect): string[] {
  if (dialect.facts.typedCalls) {
    return [];
  }
  const { workflow, with: values = {} } = call._props;
  return Object.entries(values).flatMap(([name, value]) => {
    const type = ownOf(workflow._contract.types, name);
    const text = type === 'boolean' || type === 'number' ? textInput(value, inputs) : undefined;
    return text !== undefined
      ? [
          `${call.node.path}: ${quoted(name)} of the called workflow is a ${type} and gets ${text}: ${dialect.name} passes on any text; declare Input.${type}(…), or pass Expression.fromJson(…)`,
        ]
      : [];
  });
}
