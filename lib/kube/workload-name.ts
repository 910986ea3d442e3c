import { IConstruct } from 'constructs';
import { chartOf, DNS_LABEL, ForgeError, objectName, quoted } from '../support';

const NAME = 'cdk8s-forge:workload-name';

/**
 * Notes the name that the user gives to the workload of a construct. Names of what belongs to the workload start with it.
 *
 * @jsii ignore
 */
export function noteWorkloadName(construct: IConstruct, name: string): void {
  construct.node.addMetadata(NAME, name);
}

function noted(construct: IConstruct): string | undefined {
  return construct.node.metadata.find(({ type }) => type === NAME)?.data;
}

/**
 * Returns the name of an object that belongs to a workload. It starts with the workload's name: the name that the user
 * gives, or the construct's path inside its chart.
 *
 * @jsii ignore
 */
export function workloadName(construct: IConstruct, ...suffix: string[]): string {
  const scopes = construct.node.scopes;
  const inChart = scopes.slice(scopes.indexOf(chartOf(construct)) + 1);
  const last = inChart.map((scope) => noted(scope) !== undefined).lastIndexOf(true);
  if (last < 0) {
    return objectName(construct, ...suffix);
  }
  const below = inChart.slice(last + 1).map(({ node }) => node.id);
  const name = [noted(inChart[last]), ...below, ...suffix].join('-').toLowerCase();
  if (!DNS_LABEL.test(name)) {
    throw ForgeError.at(construct, {
      code: 'FORGE-NAME-001',
      message: `the object name ${quoted(name)}, made from workload.name, is not a DNS label`,
      allowed: 'a-z, 0-9 and "-", at most 63 characters, first and last a letter or digit',
      fix: 'set a shorter workload.name',
    });
  }
  return name;
}
