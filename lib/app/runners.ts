import { IConstruct } from 'constructs';
import { IRunner } from '../runner';

/** Returns whether a construct is a runner of any kind that is part of the cdk8s app. */
export function isRunner(construct: IConstruct): construct is IConstruct & IRunner {
  return 'accepts' in construct && 'labels' in construct && 'capabilities' in construct;
}
