import { Construct } from 'constructs';
import { Forge } from '../forge';
import { checkEgress, Egress, restrictEgress } from '../kube';
import { Problems } from '../support';
import { RunnerProxy } from './pod/proxy';

/** The parts of a runner that decide where its pods connect to. */
export interface EgressOfRunner {
  readonly egress?: Egress;
  readonly forge: Forge;
  readonly proxy?: RunnerProxy;
  /** The name of the runner. */
  readonly name: string;
  readonly labels: Record<string, string>;
  /** The URLs of other endpoints: builder, Docker daemon, registries, cache server. */
  readonly endpoints: readonly string[];
}

/**
 * Creates the NetworkPolicy of a runner's pods.
 *
 * @throws FORGE-KUBE-011 for an endpoint whose address is not declared
 */
export function egressOfRunner(
  construct: Construct,
  { egress = Egress.open(), forge, proxy, name, labels, endpoints }: EgressOfRunner,
): void {
  const urls = [forge.url, forge.internalUrl, ...(proxy ? [proxy.url] : []), ...endpoints];
  const needs = { urls: [...new Set(urls)] };
  const problems = new Problems(construct.node.path);
  checkEgress(egress, needs, problems);
  problems.throwIfAny();
  restrictEgress(construct, { name, labels, egress, needs: () => needs });
}
