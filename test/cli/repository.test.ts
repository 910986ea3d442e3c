import { ensureRepository } from '../../lib/cli/bootstrap/source';
import { ForgeApi } from '../../lib/cli/forge/forge-api';
import { HttpClient } from '../../lib/cli/run/http';
import { ForgeServer } from '../support/played-forge';

/** Asks a forge with these users and organizations, as `anna`, for the repository of an owner. */
async function ensured(owner: string, found: Record<string, object>, product = 'gitea') {
  const forge = await ForgeServer.start(({ method, path }) =>
    method === 'POST'
      ? { status: 201, body: {} }
      : path === 'user'
        ? { status: 200, body: { login: 'anna' } }
        : path in found
          ? { status: 200, body: found[path] }
          : { status: 404, body: {} },
  );
  const api = new ForgeApi(forge.planned(product), { token: 'x' }, new HttpClient({}, 1));
  const result = await ensureRepository(api, `${owner}/gitops`, false).catch((e: Error) => e.message);
  await forge.end();
  return [result, ...forge.log.filter((line) => line.startsWith('POST'))];
}

test('the repository of an owner is created, with an organization that does not exist', async () => {
  expect(await ensured('platform', {})).toEqual(['created', 'POST orgs', 'POST orgs/platform/repos']);
  expect(await ensured('platform', { 'orgs/platform': {} })).toEqual(['created', 'POST orgs/platform/repos']);
  expect(await ensured('Anna', { 'users/Anna': {} })).toEqual(['created', 'POST user/repos']);
});

test.each(['gitea', 'github'])('no organization is created with the name of another user: %s', async (product) => {
  expect(await ensured('berta', { 'users/berta': { type: 'User' } }, product)).toEqual([
    'berta is a user: create the repository berta/gitops, or use a token of that user, which may create it',
  ]);
});

test('an organization of GitHub that the token does not see is no user', async () => {
  expect(await ensured('platform', { 'users/platform': { type: 'Organization' } }, 'github')).toEqual([
    expect.stringContaining('has no organization platform that the token sees'),
  ]);
});
