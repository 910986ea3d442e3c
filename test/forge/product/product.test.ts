import {
  ActionsFacts,
  Dialect,
  Forge,
  ForgeFeature,
  ForgeScope,
  ForgeScopeKind,
  GiteaProduct,
  ScopeTarget,
  TokenAccess,
  TokenResource,
} from '../../../lib/forge';
import { accepts, codesOf } from '../../support/problems';

const url = 'https://git.example.com';
const gitea = Forge.gitea({ version: '1.26', url, internalUrl: 'http://gitea-http.gitea.svc:3000' });
const forgejo = Forge.forgejo({ version: '15.0', url });
const github = Forge.github();

/** What somebody outside the library writes for a fork of Gitea. */
class TeaProduct extends GiteaProduct {
  readonly name: string = 'tea';
  readonly title: string = 'Tea';

  get actions(): ActionsFacts {
    return { ...super.actions, keys: [{ key: 'concurrency', since: '2.0', source: 'its changelog' }] };
  }

  get workflowDirectories(): string[] {
    return ['.tea/workflows'];
  }
}

test('each product names the scopes of a token in its own words', () => {
  const { PACKAGES, REPOSITORY } = TokenResource;
  const { READ, WRITE, DELETE } = TokenAccess;
  const words = (forge: Forge) => [
    forge.product.tokenScope(PACKAGES, READ),
    forge.product.tokenScope(PACKAGES, WRITE),
    forge.product.tokenScope(PACKAGES, DELETE),
    forge.product.tokenScope(REPOSITORY, WRITE),
  ];
  expect(words(gitea)).toEqual(['read:package', 'write:package', 'write:package', 'write:repository']);
  expect(words(forgejo)).toEqual(words(gitea));
  expect(words(github)).toEqual(['read:packages', 'write:packages', 'delete:packages', 'contents: write']);
});

test('each scope knows its pages, its API path and the scope of a token', () => {
  const shown = (scope: ForgeScope) => [
    scope.description,
    scope.runnersPage,
    scope.apiPath,
    scope.tokenScope(TokenAccess.WRITE),
  ];
  expect(shown(gitea.instance())).toEqual(['instance', `${url}/-/admin/actions/runners`, 'admin', 'write:admin']);
  expect(shown(gitea.organization('homelab'))).toEqual([
    'organization homelab',
    `${url}/org/homelab/settings/actions/runners`,
    'orgs/homelab',
    'write:organization',
  ]);
  expect(shown(gitea.user('anna'))).toEqual([
    'user anna',
    `${url}/user/settings/actions/runners`,
    'user',
    'write:user',
  ]);
  expect(shown(ForgeScope.repository(gitea.repository('homelab/web')))).toEqual([
    'repository homelab/web',
    `${url}/homelab/web/settings/actions/runners`,
    'repos/homelab/web',
    'write:repository',
  ]);
  expect(shown(github.organization('homelab'))).toEqual([
    'organization homelab',
    'https://github.com/organizations/homelab/settings/actions/runners',
    'orgs/homelab',
    'organization_self_hosted_runners: write',
  ]);
  expect(shown(ForgeScope.repository(github.repository('homelab/web'))).slice(1, 3)).toEqual([
    'https://github.com/homelab/web/settings/actions/runners',
    'repos/homelab/web',
  ]);
  expect(github.organization('homelab').secretsPage).toBe(
    'https://github.com/organizations/homelab/settings/secrets/actions',
  );
  expect(gitea.organization('homelab').secretsPage).toBe(`${url}/org/homelab/settings/actions/secrets`);
});

test('GitHub has runners of organizations and repositories only', () => {
  const targets: ScopeTarget[] = [{ kind: ForgeScopeKind.INSTANCE }, { kind: ForgeScopeKind.USER, target: 'anna' }];
  const codes = targets.map((target) => codesOf(() => github.product.runnersPage(github.url, target)));
  expect(codes).toEqual([['FORGE-FRG-013'], ['FORGE-FRG-013']]);
  expect(codesOf(() => github.product.apiPath(targets[0]))).toEqual(['FORGE-FRG-013']);
  expect(codesOf(() => github.product.secretsPage(github.url, targets[1]))).toEqual(['FORGE-FRG-013']);
  const organization = { kind: ForgeScopeKind.ORGANIZATION, target: 'anna' };
  accepts(
    () => github.product.runnersPage(github.url, organization),
    () => github.product.apiPath(organization),
    () => github.product.secretsPage(github.url, { kind: ForgeScopeKind.REPOSITORY, target: 'anna/a' }),
  );
});

test.each(['', '-x', 'a/b', 'a b', '$(id)'])('%j is no organization, and "a.b_c-d" is one', (name) => {
  expect(codesOf(() => gitea.organization(name))).toEqual(['FORGE-FRG-014']);
  expect(codesOf(() => gitea.user(name))).toEqual(['FORGE-FRG-014']);
  expect(gitea.organization('a.b_c-d').target).toBe('a.b_c-d');
});

test('a scope covers its own repositories, whatever their case, and no other forge', () => {
  const repository = gitea.repository('HomeLab/Web');
  expect(gitea.instance().isScopeOf(repository)).toBe(true);
  expect(gitea.organization('homelab').isScopeOf(repository)).toBe(true);
  expect(gitea.organization('other').isScopeOf(repository)).toBe(false);
  expect(ForgeScope.repository(gitea.repository('homelab/web')).isScopeOf(repository)).toBe(true);
  expect(ForgeScope.repository(gitea.repository('homelab/api')).isScopeOf(repository)).toBe(false);
  expect(github.organization('homelab').isScopeOf(repository)).toBe(false);
});

test('the API is where the product has it', () => {
  const at = (forge: Forge) => forge.product.apiUrl(forge.url, 'repos/a/b');
  expect(at(gitea)).toBe(`${url}/api/v1/repos/a/b`);
  expect(at(github)).toBe('https://api.github.com/repos/a/b');
  expect(at(Forge.github({ url: 'https://team.ghe.com' }))).toBe('https://api.team.ghe.com/repos/a/b');
  expect(at(Forge.github({ url: 'https://ghe.example.com', version: '3.14' }))).toBe(
    'https://ghe.example.com/api/v3/repos/a/b',
  );
});

test('a feature has a version and a source, and is there from that version on', () => {
  expect(
    ['1.23', '1.24', '28.1'].map((version) => Forge.gitea({ version, url }).supports(ForgeFeature.RUNNERS_API)),
  ).toEqual([false, true, true]);
  expect(Forge.forgejo({ version: '14.0', url }).supports(ForgeFeature.RUNNERS_API)).toBe(false);
  expect(forgejo.supports(ForgeFeature.RUNNERS_API)).toBe(true);
  expect(github.supports(ForgeFeature.HOSTED_RUNNERS)).toBe(true);
  expect(gitea.supports(ForgeFeature.HOSTED_RUNNERS)).toBe(false);
  for (const { product } of [gitea, forgejo, github]) {
    const features = product.features.map(({ feature }) => feature);
    expect(new Set(features).size).toBe(features.length);
    product.features.forEach(({ since, source }) => {
      expect(since).toMatch(/^(\*|\d+\.\d+)$/);
      expect(source).not.toBe('');
    });
  }
});

test('forges and repositories made twice are the same, and others are not', () => {
  const again = Forge.gitea({ version: '1.26', url, internalUrl: 'http://gitea-http.gitea.svc:3000' });
  expect(again.isSameAs(gitea)).toBe(true);
  expect(Forge.gitea({ version: '1.26', url }).isSameAs(gitea)).toBe(false);
  expect(Forge.gitea({ version: '1.25', url, internalUrl: gitea.internalUrl }).isSameAs(gitea)).toBe(false);
  expect(Forge.forgejo({ version: '1.26', url, internalUrl: gitea.internalUrl }).isSameAs(gitea)).toBe(false);
  expect(again.repository('a/b').isSameAs(gitea.repository('A/b'))).toBe(true);
  expect(again.repository('a/b').isSameAs(gitea.repository('a/c'))).toBe(false);
});

test('a product of your own is a class, and the forge asks it', () => {
  const tea = Forge.of(new TeaProduct(), { version: '1.9', url });
  expect([tea.title, tea.workflowDirectory, tea.product.runnerProgram]).toEqual(['Tea 1.9', '.tea/workflows', 'gitea']);
  expect(tea.supports(ForgeFeature.REGISTRY)).toBe(true);
  expect(tea.isSameAs(Forge.gitea({ version: '1.9', url }))).toBe(false);
});

test('nobody can change the facts of a product for others', () => {
  expect(() => (gitea.product.actions.keys as unknown[]).push(1)).toThrow();
  gitea.product.features.pop();
  gitea.product.workflowDirectories.pop();
  expect([gitea.product.features.length > 5, gitea.workflowDirectories.length]).toEqual([true, 2]);
});

test('what changed with a version: time zones and run names of Forgejo, the major versions of Gitea', () => {
  const ignored = (forge: Forge, key: string) => Dialect.of(forge).ignores(key) !== undefined;
  const forgejoAt = (version: string) => Forge.forgejo({ version, url });
  expect(['14.0', '15.0', '17.0'].map((version) => ignored(forgejoAt(version), 'on.schedule.timezone'))).toEqual([
    true,
    false,
    false,
  ]);
  expect(['16.0', '17.0'].map((version) => ignored(forgejoAt(version), 'run-name'))).toEqual([true, false]);
  expect([ignored(gitea, 'on.schedule.timezone'), ignored(github, 'on.schedule.timezone')]).toEqual([true, false]);
  expect([gitea, forgejo, github].map((forge) => Dialect.of(forge).startsOn('status'))).toEqual([false, false, true]);
  const newest = Forge.gitea({ version: '28.3.0', url });
  expect([newest.isAtLeast('1.27'), newest.title]).toEqual([true, 'Gitea 28.3.0']);
  expect(Forge.gitea({ version: '1.27', url }).isAtLeast('28.1.0')).toBe(false);
});

test('a version has the advisories that its release fixes later, and no others', () => {
  const ids = (forge: Forge) => forge.product.advisoriesFor(forge.version!).map(({ id }) => id);
  const at = (version: string) => ids(Forge.gitea({ version, url }));
  expect(at('1.26')).toContain('CVE-2026-60004');
  expect(at('1.27.0')).toContain('CVE-2026-60004');
  expect(at('1.27.1')).not.toContain('CVE-2026-60004');
  expect([at('1.27.3').includes('CVE-2026-104626'), at('1.27.4').includes('CVE-2026-104626')]).toEqual([true, false]);
  expect([at('28.2.9').length, at('28.3.0').length]).toEqual([1, 0]);
  const forgejoAt = (version: string) => ids(Forge.forgejo({ version, url })).length;
  expect(['15.0.7', '15.0.8', '16.0.0', '16.0.3', '16.0.4'].map(forgejoAt)).toEqual([1, 0, 1, 1, 0]);
});
