import { IConstruct } from 'constructs';
import { ForgeError, quoted } from '../support';

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Returns whether Kubernetes accepts a text as the key of a label or an annotation. */
function isKey(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop()!;
  return NAME.test(name) && (parts.length === 0 || (parts.length === 1 && PREFIX.test(parts[0])));
}

/**
 * Returns the labels that Kubernetes does not accept, each as `key: value`.
 *
 * @jsii ignore
 */
export function badLabels(labels: Record<string, string> = {}): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isKey(key) || !(value === '' || NAME.test(value)))
    .map(([key, value]) => `${key}: ${value}`);
}

/**
 * Returns the keys of annotations that Kubernetes does not accept.
 *
 * @jsii ignore
 */
export function badAnnotations(annotations: Record<string, string> = {}): string[] {
  return Object.keys(annotations).filter((key) => !isKey(key.toLowerCase()));
}

/**
 * Rejects labels that the API server rejects. Flux may replace a variable `${NAME}` in a value.
 *
 * @throws FORGE-KUBE-028
 * @jsii ignore
 */
export function assertLabels(construct: IConstruct, labels: Record<string, string> | undefined): void {
  const wrong = badLabels(withoutVariables(labels));
  if (wrong.length === 0) {
    return;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-KUBE-028',
    message: `labels has ${wrong.map((label) => quoted(label)).join(', ')}, which Kubernetes does not accept`,
    allowed:
      'keys of letters, digits, "-", "_" and "." after an optional domain and "/", and values alike, at most 63 characters',
    fix: 'correct the labels that the message names; put other text into an annotation',
    symptom:
      "metadata.labels: Invalid value: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'",
  });
}

/**
 * Returns labels with a word instead of each variable in their values.
 *
 * @jsii ignore
 */
export function withoutVariables(labels: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, withoutVariable(value)]));
}

/**
 * Returns a text with a word instead of each variable that Flux replaces, `${NAME}`.
 *
 * @jsii ignore
 */
export function withoutVariable(text: string): string {
  return text.replace(/\$\{[^}]*\}/g, 'x');
}
