import { dockerConfigKey } from '../../secret';
import { ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { Kubectl } from '../run/kubectl';
import { inParallel } from '../run/slots';
import { ActionsSecrets } from './actions';
import { isDockerConfig } from './fields';
import { WantedSecret } from './wanted';

/** The state of a secret at the place where its users read it. */
export interface SecretStatus {
  readonly secret: WantedSecret;
  readonly state: 'present' | 'missing' | 'incomplete' | 'unknown';
  /** The missing part, or the reason for which the state is not known. */
  readonly reason?: string;
}

/** Looks for secrets: in the cluster, at the forges, and in the environment. */
export class SecretStatuses {
  private readonly kubectl: Kubectl;
  private readonly forges: Forges;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    work: { readonly kubectl: Kubectl; readonly forges: Forges; readonly environment: NodeJS.ProcessEnv },
    private readonly actions: ActionsSecrets,
  ) {
    this.kubectl = work.kubectl;
    this.forges = work.forges;
    this.environment = work.environment;
  }

  /** Returns the state of each secret. What cannot be asked is unknown, with the reason. */
  async of(secrets: readonly WantedSecret[]): Promise<SecretStatus[]> {
    return inParallel(secrets, 4, async (secret) => {
      try {
        return { secret, ...(await this.stateOf(secret)) };
      } catch (e) {
        return { secret, state: 'unknown' as const, reason: e instanceof Error ? e.message : String(e) };
      }
    });
  }

  private stateOf(secret: WantedSecret): Promise<Omit<SecretStatus, 'secret'>> {
    switch (secret.home) {
      case 'kubernetes':
        return this.inCluster(secret);
      case 'actions':
        return this.atForge(secret);
      default:
        return Promise.resolve(this.environment[secret.name] ? { state: 'present' } : missing('export the variable'));
    }
  }

  private async inCluster(secret: WantedSecret): Promise<Omit<SecretStatus, 'secret'>> {
    const { namespace, name, keys, type } = secret;
    const found = await this.kubectl.find<{ type: string; data?: Record<string, string> }>([
      'secret',
      name,
      '--namespace',
      namespace,
    ]);
    if (found === undefined) {
      return missing();
    }
    if (type !== 'Opaque' && found.type !== type) {
      return {
        state: 'incomplete',
        reason: `its type is ${found.type}, not ${type}: delete the Secret, then create it`,
      };
    }
    const absent = keys.filter((key) => !found.data?.[key]);
    if (absent.length > 0) {
      return { state: 'incomplete', reason: `no key ${absent.join(', ')}` };
    }
    const hosts = isDockerConfig(secret) ? secret.hosts.filter((host) => !hasLogin(found.data![keys[0]], host)) : [];
    return hosts.length === 0
      ? { state: 'present' }
      : { state: 'incomplete', reason: `no entry for ${hosts.join(', ')}: run secrets rotate ${secret.place}` };
  }

  private async atForge(secret: WantedSecret): Promise<Omit<SecretStatus, 'secret'>> {
    const api = this.forges.of(secret.forge);
    if (!api.hasToken) {
      throw new ForgeFailure(undefined, `set FORGE_TOKEN to a token of ${api.forge.tokenPage}`);
    }
    const has = await this.actions.has(api, secret);
    return has === undefined
      ? { state: 'unknown', reason: 'the forge does not list the Actions secrets of a user' }
      : has
        ? { state: 'present' }
        : missing();
  }
}

function missing(reason?: string): Omit<SecretStatus, 'secret'> {
  return { state: 'missing', ...(reason === undefined ? {} : { reason }) };
}

function hasLogin(base64: string, host: string): boolean {
  try {
    const { auths } = JSON.parse(Buffer.from(base64, 'base64').toString()) as { auths?: Record<string, object> };
    const key = dockerConfigKey(host);
    return Object.keys(auths ?? {}).some(
      (name) => name === key || name.replace(/^https?:\/\//, '').split('/')[0] === host,
    );
  } catch {
    return false;
  }
}
