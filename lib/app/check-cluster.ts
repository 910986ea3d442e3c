import { Model } from '../model';
import { Check, codeSpan, Command, PrivateAuthority } from '../support';

/** A command that asks the cluster of kubectl's current context. */
const ASKS = /(?:^|[|;&(]\s*)(?:kubectl|flux) /m;

/**
 * A check with the cluster that it asks.
 *
 * @jsii ignore
 */
export type PlacedCheck = Check & {
  /** Name of the cluster. @default - none: the app has one cluster, or the check asks no cluster */
  readonly cluster?: string;
};

/**
 * Returns all checks, each with the cluster that it asks.
 *
 * @jsii ignore
 */
export function placedChecks(model: Model): PlacedCheck[] {
  return model.advice.flatMap(({ path, checks = [] }) =>
    checks.map((check) => {
      const [cluster] = asksCluster(check) ? clustersAt(model, [path]) : [];
      return cluster === undefined ? check : { ...check, cluster };
    }),
  );
}

/** The commands of a check or of a step. */
interface Commands {
  readonly run?: readonly Command[];
  readonly commands?: readonly Command[];
  readonly token?: { readonly authority?: PrivateAuthority };
  readonly authority?: PrivateAuthority;
}

/**
 * Returns whether a command of a check or of a step asks the cluster.
 *
 * @jsii ignore
 */
export function asksCluster(of: Commands): boolean {
  const { run = [], commands = [], token, authority } = of;
  const prints = [token?.authority?.print, authority?.print];
  return [...run, ...commands, ...prints].some((one?: Command) => one !== undefined && ASKS.test(one.text));
}

/**
 * Returns the names of the clusters that contain constructs; none if the app has one cluster, because then no reader needs a name.
 *
 * @param paths the paths of the constructs
 *
 * @jsii ignore
 */
export function clustersAt({ clusters }: Model, paths: readonly string[]): string[] {
  const found = clusters.filter(({ node }) => paths.some((path) => `${path}/`.startsWith(`${node.path}/`)));
  return clusters.length > 1 ? found.map(({ name }) => name).sort() : [];
}

/**
 * Returns names of clusters as words: `cluster` with one, `clusters` with several, nothing with none.
 *
 * @jsii ignore
 */
export function clusterWords(names: readonly string[]): string {
  return names.length === 0 ? '' : `cluster${names.length > 1 ? 's' : ''} ${names.map(codeSpan).join(' and ')}`;
}
