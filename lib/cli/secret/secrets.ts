import { ForgeError } from '../../support';
import { ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { PlanFile } from '../plan';
import { Kubectl } from '../run/kubectl';
import { masked } from '../run/process';
import { ActionsSecrets } from './actions';
import { TokenMints } from './mint';
import { readersToRestart, restart } from './readers';
import { SecretStatus, SecretStatuses } from './status';
import { ClusterTarget, SecretTarget } from './targets';
import { textsOf, valuesOf, ValueSources } from './values';
import { WantedSecret } from './wanted';

/** A change of a secret. */
export interface SecretChange {
  readonly place: string;
  readonly state: 'created' | 'replaced' | 'planned' | 'failed';
  /** The place of the secret now, or the reason of the failure. */
  readonly text: string;
}

/** The circumstances of all work with secrets. */
export interface SecretWork {
  readonly plan: PlanFile;
  readonly kubectl: Kubectl;
  readonly forges: Forges;
  /** The environment of other programs. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Looks for the secrets of a plan, creates those that are missing, and replaces one. */
export class Secrets {
  private readonly actions: ActionsSecrets;
  private readonly statuses: SecretStatuses;

  constructor(private readonly work: SecretWork) {
    this.actions = new ActionsSecrets(work.environment);
    this.statuses = new SecretStatuses(work, this.actions);
  }

  /** Returns the state of each secret. */
  async status(secrets: readonly WantedSecret[]): Promise<SecretStatus[]> {
    return this.statuses.of(secrets);
  }

  /**
   * Creates secrets. All values are known before the first secret is created.
   *
   * @throws FORGE-CLI-011, FORGE-CLI-012 for values
   */
  async create(
    secrets: readonly WantedSecret[],
    sources: ValueSources,
    { target = new ClusterTarget(this.work.kubectl), replaces = false }: { target?: SecretTarget; replaces?: boolean },
  ): Promise<SecretChange[]> {
    const data = await valuesOf(secrets, sources);
    const hidden = textsOf(data);
    const changes: SecretChange[] = [];
    for (const secret of secrets) {
      try {
        const where = await this.store(secret, data.get(secret.place)!, target);
        changes.push({ place: secret.place, state: replaces ? 'replaced' : 'created', text: where });
      } catch (e) {
        const text = masked(e instanceof Error ? e.message : String(e), hidden);
        changes.push({ place: secret.place, state: 'failed', text });
      }
    }
    return changes;
  }

  /**
   * Replaces a secret in the order that has no outage: the new value is created, stored wherever the old one is, and
   * read; the old value still works. `revoke` ends that.
   */
  async rotate(
    secrets: readonly WantedSecret[],
    sources: ValueSources,
    report: (line: string) => void,
  ): Promise<SecretChange[]> {
    const changes = await this.create(secrets, sources, { replaces: true });
    for (const secret of secrets.filter(({ home, mint }) => home === 'kubernetes' && mint === undefined)) {
      if (changes.some(({ place, state }) => place === secret.place && state !== 'failed')) {
        for (const workload of await readersToRestart(this.work.kubectl, secret)) {
          report(`restarting ${workload} in ${secret.namespace}`);
          await restart(this.work.kubectl, secret.namespace, workload);
        }
      }
    }
    return changes;
  }

  /** Deletes the older tokens of a secret that this command created, unless it is a dry run, and returns their names. */
  async revoke(secret: WantedSecret, mints: TokenMints, isDry = false): Promise<string[]> {
    if (secret.scopes.length === 0 || this.work.forges.of(secret.forge).isGitHub) {
      throw ForgeError.of({
        code: 'FORGE-CLI-014',
        message: `this command did not create the value of ${secret.place}`,
        fix: 'delete the old value where you created it',
      });
    }
    return mints.revokeOld(secret, isDry);
  }

  private async store(secret: WantedSecret, data: Record<string, string>, target: SecretTarget): Promise<string> {
    if (secret.home === 'kubernetes') {
      return target.store(secret, data);
    }
    const api = this.work.forges.of(secret.forge);
    if (!api.hasToken) {
      throw new ForgeFailure(undefined, `set FORGE_TOKEN to a token of ${api.forge.tokenPage}`);
    }
    await this.actions.set(api, secret, data[secret.keys[0]]);
    return `stored at ${api.forge.url}`;
  }
}
