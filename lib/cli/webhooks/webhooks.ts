import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { PlannedCluster, PlannedWebhook } from '../plan';
import { Kubectl } from '../run/kubectl';

/** The state of a webhook after the command. */
export interface WebhookResult {
  /** The repository, or the owner. */
  readonly at: string;
  readonly event: string;
  readonly state: 'created' | 'updated' | 'unchanged' | 'failed';
  readonly reason?: string;
}

/** A set of facts about the webhooks of a cluster. */
export interface WebhookRun {
  readonly cluster: PlannedCluster;
  /** The address at which the forge reaches Flux, without a slash at its end. */
  readonly address: string;
  readonly kubectl: Kubectl;
  readonly forges: Forges;
  readonly dryRun: boolean;
}

/** A webhook as a forge lists it. */
interface ListedHook {
  readonly id: number;
  readonly active: boolean;
  readonly events: string[];
  readonly config: { readonly url?: string };
}

interface ReceiverObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly secretRef: { readonly name: string } };
  readonly status?: { readonly webhookPath?: string };
}

/** Sets up webhooks at the forges, so that Flux learns of a push within a second. */
export class Webhooks {
  constructor(private readonly run: WebhookRun) {}

  /** Sets up all webhooks. One that fails does not stop the others. */
  async all(): Promise<WebhookResult[]> {
    const receivers = (await this.run.kubectl.find<{ items: ReceiverObject[] }>(['receivers', '--all-namespaces']))!
      .items;
    const results: WebhookResult[] = [];
    for (const planned of this.run.cluster.webhooks ?? []) {
      const at = planned.repository ?? planned.owner ?? '';
      try {
        results.push({ at, event: planned.event, state: await this.one(planned, receivers) });
      } catch (e) {
        const reason = e instanceof Error ? e.message : String(e);
        results.push({ at, event: planned.event, state: 'failed', reason });
      }
    }
    return results;
  }

  private async one(planned: PlannedWebhook, receivers: readonly ReceiverObject[]): Promise<WebhookResult['state']> {
    const { address, dryRun, forges } = this.run;
    const receiver = receivers.find(({ metadata }) => this.isOwn(metadata) && metadata.name === planned.receiver);
    const path = receiver?.status?.webhookPath;
    if (receiver === undefined || path === undefined) {
      throw new Error(
        `Receiver ${planned.receiver} has no path yet: wait until it is ready, and run the command again`,
      );
    }
    const api = forges.of(planned.forge);
    const hooks = await placeOf(api, planned);
    const url = `${address}${path}`;
    const found = await this.existing(await api.list<ListedHook>(hooks), url, receivers);
    // The path is derived from the token, so a webhook that has the path has the token.
    if (found?.config.url === url && found.active && found.events.includes(planned.event)) {
      return 'unchanged';
    }
    if (!dryRun) {
      const body = { active: true, events: [planned.event], config: await this.config(url, receiver) };
      const kind = api.isGitHub ? { name: 'web' } : { type: 'gitea' };
      await (found === undefined
        ? api.ask('POST', hooks, { ...kind, ...body })
        : api.ask('PATCH', `${hooks}/${found.id}`, body));
    }
    return found === undefined ? 'created' : 'updated';
  }

  /** Returns the webhook with this URL, or one at this address whose path no Receiver has: that one is of a former token. */
  private existing(
    hooks: readonly ListedHook[],
    url: string,
    receivers: readonly ReceiverObject[],
  ): ListedHook | undefined {
    const live = new Set(receivers.map(({ status }) => `${this.run.address}${status?.webhookPath ?? ''}`));
    return (
      hooks.find(({ config }) => config.url === url) ??
      hooks.find(({ config: { url: old = '' } }) => old.startsWith(`${this.run.address}/hook/`) && !live.has(old))
    );
  }

  private async config(url: string, { metadata, spec }: ReceiverObject): Promise<Record<string, string>> {
    const { namespace } = metadata;
    const place = ['secret', spec.secretRef.name, '--namespace', namespace];
    const secret = await this.run.kubectl.find<{ data?: Record<string, string> }>(place);
    const token = Buffer.from(secret?.data?.token ?? '', 'base64').toString();
    if (token === '') {
      throw new Error(
        `Secret ${namespace}/${spec.secretRef.name} has no key token: run npx cdk8s-forge secrets create`,
      );
    }
    return { url, content_type: 'json', secret: token };
  }

  private isOwn({ namespace }: ReceiverObject['metadata']): boolean {
    return namespace === this.run.cluster.namespace;
  }
}

/** Returns the path of the API for the webhooks of a repository, an organization, or the user of the token. */
async function placeOf(api: ForgeApi, { repository, owner = '' }: PlannedWebhook): Promise<string> {
  if (repository !== undefined) {
    return `repos/${repository}/hooks`;
  }
  if ((await api.find(`orgs/${owner}`)) !== undefined) {
    return `orgs/${owner}/hooks`;
  }
  const user = await api.ask<{ login: string }>('GET', 'user');
  if (user.login.toLowerCase() === owner.toLowerCase()) {
    return 'user/hooks';
  }
  throw new ForgeFailure(undefined, `${owner} is a user: only a token of that user may set its webhooks`);
}
