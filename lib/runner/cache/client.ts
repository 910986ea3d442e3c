import { Construct, IConstruct } from 'constructs';
import { declaredClusterOf } from '../../kube';
import { ForgeError, quoted } from '../../support';
import { RunnerConfig } from '../config/config';

/**
 * Returns the settings of a runner with the address and the secret of its cache server.
 *
 * @throws FORGE-RUN-056 for two servers, or a server of another cluster
 */
export function withCacheServer(runner: IConstruct, config: RunnerConfig = {}): RunnerConfig {
  const { server, externalServer, externalSecret } = config.cache ?? {};
  if (server === undefined) {
    return config;
  }
  const wrong = (message: string, fix: string, symptom?: string) =>
    ForgeError.at(runner, { code: 'FORGE-RUN-056', message, fix, ...(symptom ? { symptom } : {}) });
  if (externalServer !== undefined || externalSecret !== undefined) {
    throw wrong(
      'config.cache has a server, and externalServer or externalSecret as well',
      'remove config.cache.externalServer and config.cache.externalSecret: the server decides them',
    );
  }
  const [here, there] = [runner, server].map((one) =>
    Construct.isConstruct(one) ? declaredClusterOf(one) : undefined,
  );
  if (here !== undefined && there !== undefined && here !== there) {
    throw wrong(
      `the runner is in cluster ${quoted(here)}, its cache server in cluster ${quoted(there)}`,
      'create a RunnerCacheServer in the cluster of the runner',
      'dial tcp: lookup runner-cache.….svc.cluster.local: no such host',
    );
  }
  return { ...config, cache: { ...config.cache, externalServer: server.url, externalSecret: server.secret } };
}
