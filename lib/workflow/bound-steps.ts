import { answered } from '../support';

/** A source of steps; see `IStepSource`. */
interface Source<J, S> {
  bind(job: J): S[];
}

/**
 * Returns the steps of a source for a job. The source may be a user's own.
 *
 * @throws FORGE-ARG-001 if the source returns something else than steps
 *
 * @jsii ignore
 */
export function boundSteps<J, S>(source: Source<J, S>, job: J): S[] {
  return answered('IStepSource.bind()', 'workflow.Step[]', source.bind(job));
}
