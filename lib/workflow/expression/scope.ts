import { Place } from './contexts';
import { Origin } from './origin';

/** A view of a step that references use. */
export interface StepView {
  /** Unique identifier of the step: `name@number`. */
  readonly token: string;
  readonly name: string;
  /** Id in the generated file. */
  readonly id: string;
  readonly outputs: readonly string[];
}

/** A view of a job that references use. */
export interface JobView {
  readonly id: string;
  /** Construct path of the job, which references contain. */
  readonly path: string;
  readonly outputs: readonly string[];
  readonly steps: readonly StepView[];
}

/** A scope that contains everything that expressions can refer to, for one job or for the workflow around its jobs. */
export interface Scope {
  /** Label for messages: `job "build"`. */
  readonly label: string;
  readonly inputs: readonly string[];
  /** Inputs that are booleans, not text. */
  readonly booleanInputs?: readonly string[];
  readonly jobs: readonly JobView[];
  /** The job; undefined outside jobs. */
  readonly job?: JobView;
  /** Inputs whose text the caller chooses freely: no boolean, number or choice. */
  readonly freeInputs?: readonly string[];
  /** Axes of the job's matrix whose values are not fixed by the cdk8s app. */
  readonly freeMatrix?: readonly string[];
  /** Origins of the environment variables that the workflow and the job declare, by name in lower case. */
  readonly origins?: Map<string, Origin>;
  /** Axes of the job's matrix. */
  readonly matrix?: readonly string[];
  /** Name of the forge, if the forge does not know the function `case`. */
  readonly withoutCase?: string;
  /** Function that returns the problem with the name of a secret, if any. */
  readonly secretNameProblem: (name: string) => string | undefined;
  /** Callback for each job whose result or output is used. */
  readonly needs: (job: JobView) => void;
  /** Callback for each secret that is used. */
  readonly usesSecret: (name: string) => void;
  /** Callback for each step that is referred to. */
  readonly refers: (step: StepView) => void;
}

/** A position that a value has in the file. */
export interface Where {
  readonly place: Place;
  /** Human-readable position: `env.VERSION of step "Build"`. */
  readonly key: string;
  /** Number of earlier steps of the job; if undefined, all steps. */
  readonly stepsBefore?: number;
  /** Tokens of earlier steps that may still run. */
  readonly unfinished?: ReadonlySet<string>;
  /** Origins of the environment variables of the step, by name in lower case. */
  readonly origins?: Map<string, Origin>;
}

/** A value that is resolved for the file. */
export interface Resolved {
  readonly text: string;
  /** Reports whether the value contains a secret. */
  readonly secret: boolean;
  /** Trust in the text. */
  readonly origin: Origin;
}
