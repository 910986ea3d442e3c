import { Construct } from 'constructs';
import { checkEgress, Egress, Identity, NamedStorage, network, singleStorageProblems } from '../../kube';
import { cronJobProblem, Problems, quoted } from '../../support';
import { canonicalHost } from '../access/docker-hub';
import { isLoopback, Zone } from '../access/zone';
import { Endpoint } from '../endpoint';
import { ImageName } from '../name/image-name';
import { repeatedImages } from '../name/repeated';
import { RegistryMirrorProps } from './props';

const NOT_USED = 'no error: images are pulled without the mirror';

type Bad = (message: string, fix: string, symptom?: string) => void;

interface CheckedMirror {
  readonly props: RegistryMirrorProps;
  readonly of: Endpoint;
  readonly identity: Identity;
  readonly store: NamedStorage;
  readonly egress: Egress;
}

/**
 * Rejects a mirror that would not start, or that its clients would not reach.
 *
 * @throws FORGE-REG-022, and what the workload itself cannot be
 */
export function checkMirror(mirror: Construct, { props, of, identity, store, egress }: CheckedMirror): void {
  const problems = new Problems(mirror.node.path);
  const bad: Bad = (message, fix, symptom) => problems.add({ code: 'FORGE-REG-022', message, fix, symptom });
  identity.check('StatefulSet', problems);
  singleStorageProblems([store], { pods: 1, placement: props.placement }).forEach((problem) => problems.add(problem));
  checkEgress(egress, { urls: [of.url] }, problems);
  checkUpstream(of, bad);
  checkReach(props, bad);
  (props.nodeNetworks ?? []).forEach((value) => problems.collect(() => network(value, 'nodeNetworks')));
  if (props.expireAfter !== undefined && props.expireAfter.toSeconds({ integral: false }) < 60) {
    bad('expireAfter is less than a minute', 'set expireAfter to at least a minute, or remove it');
  }
  if (props.image !== undefined) {
    problems.collect(() => checkImage(props.image!, bad));
  }
  checkSeed(props, of, { bad, problems });
  problems.throwIfAny();
}

function checkUpstream(of: Endpoint, bad: Bad): void {
  if (of.path !== undefined) {
    bad(
      `the registry ${quoted(of.host)} has the path ${quoted(of.path)}, and a mirror copies whole registries`,
      'remove the path of the endpoint in of',
    );
  }
  if (!of.isReachableFrom(Zone.POD)) {
    bad(
      `a pod does not reach the registry ${quoted(of.host)}: it is reached from ${of.zones.join(', ') || 'nowhere'} only`,
      'set of to an endpoint that pods reach, or set its zones',
      isLoopback(of.host) ? 'connect: connection refused' : 'dial tcp: i/o timeout',
    );
  }
}

function checkReach({ nodePort, nodeNetworks, clients }: RegistryMirrorProps, bad: Bad): void {
  if (nodePort === undefined) {
    checkWithoutPort({ nodeNetworks, clients }, bad);
    return;
  }
  if (!(Number.isInteger(nodePort) && nodePort >= 30000 && nodePort <= 32767)) {
    bad(`nodePort is ${nodePort}`, 'set nodePort to a whole number from 30000 to 32767');
  }
  if (clients !== undefined && nodeNetworks === undefined) {
    bad(
      'clients admits pods only, but the nodes use the mirror at nodePort',
      'set nodeNetworks to the networks of the nodes, or remove clients',
      NOT_USED,
    );
  }
  if (nodeNetworks?.length === 0) {
    bad(
      'nodeNetworks is empty, and admits no node to nodePort',
      'set nodeNetworks to the networks of the nodes, or remove nodeNetworks',
      NOT_USED,
    );
  }
}

function checkWithoutPort({ nodeNetworks, clients }: Pick<RegistryMirrorProps, 'nodeNetworks' | 'clients'>, bad: Bad) {
  if (nodeNetworks !== undefined) {
    bad('nodeNetworks is set, but the nodes do not find the mirror', 'set nodePort, or remove nodeNetworks');
  }
  if (clients?.length === 0) {
    bad('clients is empty, and no pod uses the mirror', 'set clients to the pods, or remove clients', NOT_USED);
  }
}

/** Reports an image without a version, or one whose version is not distribution 3. */
function checkImage(image: string, bad: Bad): void {
  const { tag, digest } = ImageName.parse(image);
  if (tag === undefined && digest === undefined) {
    bad(`image ${quoted(image)} has no version`, 'add a tag or digest of distribution 3');
  }
  if (tag !== undefined && /^[012](\.|$)/.test(tag)) {
    bad(
      `image ${quoted(image)} is distribution ${tag}, which does not know proxy.exec`,
      'set image to distribution 3',
      'no error: the mirror pulls without the login',
    );
  }
}

function checkSeed(
  { seed = [], seedArchitectures, seedSchedule }: RegistryMirrorProps,
  of: Endpoint,
  { bad, problems }: { bad: Bad; problems: Problems },
): void {
  repeatedImages(seed).forEach((text) => bad(`seed has ${quoted(text)} twice`, 'remove one of them'));
  seed.forEach((text) =>
    problems.collect(() => {
      const { host, tag, digest } = ImageName.parse(text);
      if (canonicalHost(host) !== canonicalHost(of.host)) {
        bad(`seed has ${quoted(text)}, which is not at ${quoted(of.host)}`, `use a mirror of ${quoted(host)} for it`);
      }
      if (tag === undefined && digest === undefined) {
        bad(`seed has ${quoted(text)} without a tag`, `add the tag that your Dockerfiles have: ${quoted(`${text}:…`)}`);
      }
    }),
  );
  const without = Object.entries({ seedArchitectures, seedSchedule }).filter(([, value]) => value !== undefined);
  if (seed.length === 0 && without.length > 0) {
    bad(`${without.map(([name]) => name).join(', ')} is set, but there is no seed`, 'set seed to the images');
  }
  if (seedArchitectures?.length === 0) {
    bad('seedArchitectures is empty', 'name an architecture, or remove seedArchitectures');
  }
  const noSchedule = seedSchedule === undefined ? undefined : cronJobProblem(seedSchedule);
  if (noSchedule !== undefined) {
    bad(
      `seedSchedule ${quoted(seedSchedule)} is not a schedule: ${noSchedule}`,
      "set seedSchedule to cron's five fields, for example '7 2 * * *'",
    );
  }
}
