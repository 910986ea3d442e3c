import { IConstruct } from 'constructs';
import { Problem } from '../support';

/**
 * Returns what the validation of a construct says.
 *
 * @jsii ignore
 */
export function problemsOfValidation(construct: IConstruct): Problem[] {
  return construct.node.validate().map((text) => {
    const coded = /^(FORGE-[A-Z]+-\d{3}): (.*?)(?:; fix: (.*))?$/s.exec(text);
    return {
      code: coded?.[1] ?? 'FORGE-APP-001',
      message: coded?.[2] ?? text,
      fix: coded?.[3] ?? "see the construct's documentation: this is its own validation",
      path: construct.node.path,
    };
  });
}
