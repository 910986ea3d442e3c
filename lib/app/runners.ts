import { IConstruct } from 'constructs';
import { IRunner } from '../runner';

/** A runner of any kind that is part of the program. */
export function isRunner(construct: IConstruct): construct is IConstruct & IRunner {
  return 'accepts' in construct && 'labels' in construct && 'capabilities' in construct;
}
