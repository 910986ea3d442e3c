import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Problems } from '../../support';
import { DialectCheck } from '../check/dialect';
import { Resolver } from '../expression/resolver';
import { StepView } from '../expression/scope';
import { Step } from '../step';

/** A context that contains the information needed to render a step. */
export interface StepsContext {
  /** Job or composite action of the steps. */
  readonly owner: IConstruct;
  readonly steps: Step[];
  readonly views: readonly StepView[];
  readonly resolver: Resolver;
  readonly check: DialectCheck;
  readonly problems: Problems;
  /** Tokens of the steps that other values refer to. */
  readonly referred: Set<string>;
  /** Reports whether the job's or the workflow's environment contains a secret. */
  readonly secretAround: boolean;
  /** Trigger that combines untrusted input with the repository's secrets, if the workflow has such a trigger. */
  readonly privileged?: string;
  /** Time limit of the job, if the steps must enforce it. */
  readonly limit?: Duration;
  /** Tokens of background steps that may still run. */
  readonly unfinished?: ReadonlySet<string>;
  /** Reports whether the steps belong to a composite action, which supports fewer contexts. */
  readonly composite?: boolean;
}
