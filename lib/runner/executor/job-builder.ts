import { connectionOf, IBuilder } from '../../buildkit';
import { ForgeError, quoted } from '../../support';
import { ExecutorContext } from './plan';

/**
 * Makes the pods of a runner clients of a builder that jobs in containers connect to, and returns its addresses.
 *
 * @throws FORGE-RUN-052 if the builder asks for a client certificate
 * @internal
 */
export function jobBuilderEndpoints(builder: IBuilder | undefined, context: ExecutorContext): string[] {
  if (builder === undefined) {
    return [];
  }
  const { addresses, tlsFolder } = connectionOf(builder, context.construct, context.podLabels);
  if (tlsFolder === undefined) {
    return [...addresses];
  }
  throw ForgeError.at(context.construct, {
    code: 'FORGE-RUN-052',
    message: `builder ${quoted(builder.path)} asks for a client certificate, which jobs in containers do not have`,
    allowed: 'a BuildKit daemon without TLS, which a NetworkPolicy protects',
    fix: 'set tls of the Buildkitd to BuildkitTls.none(), or use Executor.host({ builder })',
    symptom: 'could not read certificate: no such file or directory',
  });
}
