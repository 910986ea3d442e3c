import { IBuilder } from '../../buildkit';
import { RunnerCapabilities } from '../../forge';
import { NodeNeed } from '../../kube';
import { answered, Problem } from '../../support';
import { ExecutorContext, ExecutorPlan, ExecutorTraits, IExecutor } from './plan';
import { ProgramFacts } from '../program/program';

/** A user's own executor, whose answers are checked. */
export class OwnExecutor implements IExecutor {
  constructor(private readonly executor: IExecutor) {}

  get name(): string {
    return this.executor.name;
  }

  get builder(): IBuilder | undefined {
    return this.executor.builder;
  }

  get nodeNeeds(): NodeNeed[] | undefined {
    return this.executor.nodeNeeds;
  }

  capabilities(program: ProgramFacts): RunnerCapabilities {
    return answered('IExecutor.capabilities()', 'forge.RunnerCapabilities', this.executor.capabilities(program));
  }

  traits(program: ProgramFacts): ExecutorTraits {
    return answered('IExecutor.traits()', 'runner.ExecutorTraits', this.executor.traits(program));
  }

  problems(context: ExecutorContext): Problem[] {
    return answered('IExecutor.problems()', 'support.Problem[]', this.executor.problems(context));
  }

  plan(context: ExecutorContext): ExecutorPlan {
    return answered('IExecutor.plan()', 'runner.ExecutorPlan', this.executor.plan(context));
  }
}
