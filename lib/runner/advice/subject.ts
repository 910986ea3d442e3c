import { IConstruct } from 'constructs';
import { IBuilder } from '../../buildkit';
import { Forge, RunnerCapabilities } from '../../forge';
import { Problem } from '../../support';
import { Executor } from '../executor/executor';
import { IRunnerProgram } from '../program/program';
import { Registration } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';
import { Scaling } from '../scaling/scaling';

/** A runner, as its advice sees it. */
export interface AdvisedRunner extends IConstruct {
  readonly name: string;
  /** The workload as kubectl names it. */
  readonly _reference: string;
  readonly forge: Forge;
  readonly scope: RunnerScope;
  readonly executor: Executor;
  readonly registration: Registration;
  readonly scaling: Scaling;
  readonly version: RunnerVersion;
  readonly program: IRunnerProgram;
  readonly labels: RunnerLabel[];
  readonly capabilities: RunnerCapabilities;
  readonly builder?: IBuilder;
  readonly podLabels: Record<string, string>;
  readonly warnings: Problem[];
}
