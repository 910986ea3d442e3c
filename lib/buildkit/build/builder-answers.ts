import { Construct } from 'constructs';
import { answered, ScriptSpec } from '../../support';
import { BuilderConnection } from '../access/connection';
import { IBuilder } from './builder';
import { ImageBuild } from './image-build';

/**
 * Returns the script of a builder, which may be a user's own, for an image.
 *
 * @throws FORGE-ARG-001, 002 if the builder returns no ScriptSpec
 *
 * @jsii ignore
 */
export function buildScriptOf(builder: IBuilder, build: ImageBuild): ScriptSpec {
  return answered('IBuilder.buildScript()', 'support.ScriptSpec', builder.buildScript(build));
}

/**
 * Makes a workload a client of a builder, which may be a user's own, and returns the connection.
 *
 * @throws FORGE-ARG-001 if the builder returns no BuilderConnection
 *
 * @jsii ignore
 */
export function connectionOf(
  builder: IBuilder,
  client: Construct,
  podLabels: Record<string, string>,
): BuilderConnection {
  const connection = builder.connectFrom(client, { ...podLabels });
  return answered('IBuilder.connectFrom()', 'buildkit.BuilderConnection', connection);
}
