import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { runCommand, lastLines } from '../run/process';
import { WantedSecret } from './wanted';

/** The Actions secrets of a forge. A list contains names only: no API returns a value. */
export class ActionsSecrets {
  private readonly lists = new Map<string, Promise<Set<string> | undefined>>();

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** Returns whether a secret exists; undefined if the forge does not list the secrets of a user. */
  async has(api: ForgeApi, { namespace, name }: WantedSecret): Promise<boolean | undefined> {
    const key = `${api.forge.url} ${namespace}`;
    const list = this.lists.get(key) ?? this.namesIn(api, namespace);
    this.lists.set(key, list);
    return (await list)?.has(name.toUpperCase());
  }

  /** Creates or overwrites a secret. */
  async set(api: ForgeApi, { namespace, name }: WantedSecret, value: string): Promise<void> {
    if (api.isGitHub) {
      await this.setAtGitHub(api, { namespace, name }, value);
      return;
    }
    const place = await placeOf(api, namespace);
    await api.ask('PUT', `${place}/actions/secrets/${name}`, { data: value });
  }

  private async namesIn(api: ForgeApi, owner: string): Promise<Set<string> | undefined> {
    const place = await placeOf(api, owner);
    if (place === 'user') {
      return undefined;
    }
    const all = await api.list<{ name: string }>(`${place}/actions/secrets`, api.isGitHub ? 'secrets' : undefined);
    return new Set(all.map(({ name }) => name.toUpperCase()));
  }

  /** GitHub accepts only values that are encrypted for it: its own command-line tool does that, and reads the value from its input. */
  private async setAtGitHub(api: ForgeApi, { namespace, name }: { namespace: string; name: string }, value: string) {
    const { host } = new URL(api.forge.url);
    const target = namespace.includes('/')
      ? ['--repo', `${host}/${namespace}`]
      : ['--org', namespace, '--visibility', 'all'];
    const environment = { ...this.environment, GH_HOST: host };
    const { code, stderr } = await runCommand('gh', ['secret', 'set', name, ...target], { environment, input: value });
    if (code !== 0) {
      throw new ForgeFailure(undefined, `gh cannot set the secret: ${lastLines(stderr, [value])}`);
    }
  }
}

/** Returns the first part of the API path of an owner: an organization, the user of the token, or a repository. */
async function placeOf(api: ForgeApi, owner: string): Promise<string> {
  if (owner.includes('/')) {
    return `repos/${owner}`;
  }
  if ((await api.find<object>(`orgs/${owner}`)) !== undefined) {
    return `orgs/${owner}`;
  }
  const user = await api.ask<{ login?: string }>('GET', 'user');
  if (user?.login?.toLowerCase() === owner.toLowerCase() && !api.isGitHub) {
    return 'user';
  }
  throw new ForgeFailure(
    404,
    `${owner} at ${api.forge.url} is no organization that the token sees, and not its user: create the organization, or use a token of this user`,
  );
}
