import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Forge, ForgeFeature } from '../forge';
import { PodOptions, Storage } from '../kube';
import { CaBundle } from '../trust';
import { ExecutorTraits } from './executor/plan';
import { ProgramFacts } from './program/program';
import { keepsIdentity } from './registration/purpose';
import { Registration, RegistrationKind } from './registration/registration';
import { RegistrationTokenJob } from './registration/token-job';
import { RunnerScope } from './runner-scope';
import { Scaling, ScalingKind } from './scaling/scaling';

/** A runner, as far as its parts depend on it. */
interface RunnerFacts extends Construct {
  readonly name: string;
  readonly forge: Forge;
  readonly scope: RunnerScope;
  readonly registration: Registration;
  readonly scaling: Scaling;
}

/** Returns the registration, with the Secret of a Job in place of a token that the Job is to fetch. */
export function fetchedRegistration(runner: RunnerFacts, pod?: PodOptions): Registration {
  const { registration, forge, scope, name } = runner;
  if (registration.kind !== RegistrationKind.MINTED) {
    return registration;
  }
  const isShared = forge.supports(ForgeFeature.SHARED_REGISTRATION_TOKENS);
  const { imagePullSecrets, hostAliases, dns } = pod ?? {};
  const job = new RegistrationTokenJob(runner, 'token', {
    forge,
    scope,
    mint: registration._mint!,
    ...(isShared ? {} : { runner: name }),
    // What pods need to pull images and to reach the forge.
    pod: { imagePullSecrets, hostAliases, dns },
  });
  return isShared ? Registration.token(job.secret, { key: registration.key }) : registration._created(job.secret);
}

/** Returns the storage of the runner's state; undefined if the runner keeps none. */
export function stateOf(
  { scaling, registration, forge }: Pick<RunnerFacts, 'scaling' | 'registration' | 'forge'>,
  { keepsState }: ProgramFacts,
  { state }: ExecutorTraits,
): Storage | undefined {
  if (!keepsState) {
    return undefined;
  }
  const size = Size.gibibytes(1);
  const isKept = scaling.kind === ScalingKind.FIXED && keepsIdentity(registration, forge);
  return state ?? (isKept ? Storage.persistent(size) : Storage.ephemeral(size));
}

/** Returns the private CAs that a runner trusts. */
export function authoritiesOf({ trust, internalTrust }: Forge, others: readonly CaBundle[] = []): CaBundle[] {
  const own = [trust, internalTrust].flatMap(({ caBundle }) => (caBundle ? [caBundle] : []));
  return [...own, ...others];
}
