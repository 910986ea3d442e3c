import { Construct } from 'constructs';
import { Identity, NamedStorage, singleStorageProblems, WorkloadService } from '../../kube';
import { Problems, quoted } from '../../support';
import { checkedImage } from '../program/checked-image';
import { ImageReference } from '../program/image';
import { CacheServerFacts } from '../program/program';
import { programOf } from '../program/table';
import { RunnerVersion } from '../runner-version';
import { RunnerCacheServerProps } from './server-props';

interface CheckedParts {
  readonly props: RunnerCacheServerProps;
  readonly identity: Identity;
  readonly stores: readonly NamedStorage[];
  readonly port: number;
}

/**
 * Returns what the runner binary says about its cache server, and its image.
 *
 * @throws FORGE-RUN-056 for settings with which no server would start
 */
export function checkedCacheServer(
  construct: Construct,
  { props, identity, stores, port }: CheckedParts,
): { facts: CacheServerFacts; image: string } {
  const problems = new Problems(construct.node.path);
  identity.check(identity.controller, problems);
  singleStorageProblems(stores, { pods: 1, placement: props.placement }).forEach((problem) => problems.add(problem));
  problems.collect(() => checkedImage(props.image, props.imageDigest));
  const bad = (message: string, fix: string) => problems.add({ code: 'FORGE-RUN-056', message, fix });
  const { facts, image } = programFacts(props);
  if (facts === undefined) {
    bad(
      `${props.forge.product.title}'s runner${props.version ? ` ${props.version.version}` : ''} has no cache server that reads its secret from a file`,
      "use Gitea's runner from 2.3.0 on, or Forgejo's",
    );
  }
  limitProblems(props, facts).forEach(([message, fix]) => bad(message, fix));
  if (!(Number.isInteger(port) && port >= 1 && port < 65536)) {
    bad(`port is ${quoted(port)}`, 'set port to a whole number from 1 to 65535');
  }
  if (props.directory !== undefined && !/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(props.directory)) {
    bad(`directory ${quoted(props.directory)} is not a directory of the storage`, 'set directory to a relative path');
  }
  if (identity.service(WorkloadService.CLUSTER_IP) === WorkloadService.NONE) {
    bad('workload.service is NONE, but runners address the server by its Service', 'remove workload.service');
  }
  problems.throwIfAny();
  return { facts: facts!, image };
}

function programFacts({ forge, version, image, imageDigest }: RunnerCacheServerProps) {
  const program = programOf(forge);
  const chosen = version?.version ? version : RunnerVersion.of(program?.latestKnown ?? '0.0.0');
  const reference = new ImageReference(image ?? program?.imageName(chosen) ?? '', chosen.version, imageDigest);
  const { cacheServer, image: full = '' } = program?.facts(chosen, reference) ?? {};
  return { facts: cacheServer, image: full };
}

function limitProblems(props: RunnerCacheServerProps, facts?: CacheServerFacts): [string, string][] {
  if (facts === undefined || facts.hasLimits) {
    return [];
  }
  const { retention, repositorySizeLimit, sizeLimit } = props;
  return Object.entries({ retention, repositorySizeLimit, sizeLimit })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => [
      `${name} is not known to the cache server of this version`,
      `remove ${name}, or use Gitea's runner from 3.2.0 on`,
    ]);
}
