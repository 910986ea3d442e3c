import { Chart, Size, Testing } from 'cdk8s';
import {
  ActionsSecret,
  ActionsSecretScope,
  Forge,
  PublicUrlDetection,
  ServerSettings,
  SshEndpoint,
} from '../../lib/forge';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf } from '../support/problems';

const url = 'https://git.example.com';
const gitea = Forge.gitea({ version: '1.26', url, ssh: SshEndpoint.of('git.example.com', 2222) });

test('the settings stand in three forms, which say the same', () => {
  const settings = new ServerSettings(gitea, { layerLimit: Size.gibibytes(10), ownerLimit: Size.gibibytes(100) });
  expect(settings.appIni).toBe(`[server]
ROOT_URL = https://git.example.com/
SSH_DOMAIN = git.example.com
SSH_PORT = 2222
PUBLIC_URL_DETECTION = auto

[packages]
ENABLED = true
LIMIT_SIZE_CONTAINER = 10485760 KiB
LIMIT_TOTAL_OWNER_SIZE = 104857600 KiB

[actions]
ENABLED = true
`);
  const lines = Object.entries(settings.environment).map(([name, value]) => [...name.split('__'), value]);
  const values = Object.entries(settings.helmValues.gitea.config).flatMap(([section, entries]) =>
    Object.entries(entries).map(([key, value]) => ['GITEA', section, key, value]),
  );
  expect(lines).toEqual(values);
  expect(lines).toHaveLength(settings.appIni.match(/ = /g)!.length);
});

test('a server is not told what it does not know', () => {
  const of = (forge: Forge) => new ServerSettings(forge).environment;
  expect(of(Forge.gitea({ version: '1.23', url }))).not.toHaveProperty('GITEA__server__PUBLIC_URL_DETECTION');
  expect(of(Forge.gitea({ version: '1.25', url }))).toHaveProperty('GITEA__server__PUBLIC_URL_DETECTION', 'legacy');
  expect(of(Forge.gitea({ version: '1.26', url, publicUrlDetection: PublicUrlDetection.NEVER }))).toHaveProperty(
    'GITEA__server__PUBLIC_URL_DETECTION',
    'never',
  );
  expect(of(Forge.forgejo({ version: '12.0', url }))).toEqual({
    FORGEJO__server__ROOT_URL: `${url}/`,
    FORGEJO__packages__ENABLED: 'true',
    FORGEJO__actions__ENABLED: 'true',
  });
  expect(codesOf(() => new ServerSettings(Forge.github()))).toEqual(['FORGE-FRG-009']);
});

test.each<[string[], string | undefined, string[]]>([
  [['ci/all'], 'ci/all', ['/ci/all']],
  [['.gitea/scoped', 'ci'], '.gitea/scoped, ci', ['ci/']],
  [[], ', ,', ['']],
  [['.gitea/workflow'], '.gitea/workflow', ['.gitea/workflows']],
  [['.gitea/workflows-all'], '.gitea/workflows-all', ['.gitea/workflows/all']],
  [['.github/all'], '.github/all', ['.github']],
  [['a..b'], 'a..b', ['a/../b']],
])('directories of scoped workflows are %j in the settings, and %j with %j is refused', (accepted, value, refused) => {
  const of = (scopedWorkflowDirectories: string[], version = '1.27') =>
    Forge.gitea({ version, url, scopedWorkflowDirectories });
  expect(new ServerSettings(of(accepted)).helmValues.gitea.config.actions.SCOPED_WORKFLOW_DIRS).toBe(value);
  expect(codesOf(() => of(refused))).toEqual(['FORGE-FRG-004']);
  expect(codesOf(() => of(accepted, '1.26'))).toEqual(['FORGE-FRG-004']);
});

test('a run is started again as often as the server allows', () => {
  const of = (maxRerunAttempts: number, version = '1.27') =>
    new ServerSettings(Forge.gitea({ version, url }), { maxRerunAttempts }).environment;
  expect(of(3)).toHaveProperty('GITEA__actions__MAX_RERUN_ATTEMPTS', '3');
  expect(of(1)).toHaveProperty('GITEA__actions__MAX_RERUN_ATTEMPTS', '1');
  for (const wrong of [0, 1.5, -1, 1_000_001]) {
    expect(codesOf(() => of(wrong))).toEqual(['FORGE-FRG-004']);
  }
  expect(codesOf(() => of(3, '1.26'))).toEqual(['FORGE-FRG-004']);
  expect(codesOf(() => new ServerSettings(Forge.forgejo({ version: '15.0', url }), { maxRerunAttempts: 3 }))).toEqual([
    'FORGE-FRG-004',
  ]);
});

test('an Actions secret stands in the inventory, with the page where it is made', () => {
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  const repository = gitea.repository('platform/hello');
  expect(
    ActionsSecret.of('REGISTRY_TOKEN', { purpose: 'jobs push images', tokenScope: 'write:package' }).provide(
      chart,
      repository,
    ),
  ).toBe('REGISTRY_TOKEN');
  ActionsSecret.of('NTFY_TOKEN', {
    purpose: 'jobs tell people',
    optional: true,
    scope: ActionsSecretScope.OWNER,
    rotation: 'any time',
  }).provide(chart, repository);
  ActionsSecret.of('X', { purpose: 'x', scope: ActionsSecretScope.OWNER }).provide(
    chart,
    Forge.github().repository('example/x'),
  );
  expect(SecretSource.requirementsAt(chart)).toMatchObject([
    {
      home: 'actions',
      namespace: 'platform/hello',
      secretName: 'REGISTRY_TOKEN',
      tokenScope: 'write:package',
      origin: 'created by hand: https://git.example.com/platform/hello/settings/actions/secrets',
      rotation: expect.stringContaining('run a workflow'),
    },
    {
      home: 'actions',
      namespace: 'platform',
      secretName: 'NTFY_TOKEN',
      purpose: 'optional: jobs tell people',
      origin: 'created by hand: https://git.example.com/org/platform/settings/actions/secrets',
      rotation: 'any time',
    },
    {
      home: 'actions',
      namespace: 'example',
      secretName: 'X',
      origin: 'created by hand: https://github.com/organizations/example/settings/secrets/actions',
    },
  ]);
});

test.each(['GITEA_TOKEN', 'github_token', 'CI', '1A', 'A-B', 'A B', ''])(
  'fails for an Actions secret named %j',
  (name) => {
    const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
    expect(codesOf(() => ActionsSecret.of(name, { purpose: 'x' }).provide(chart, gitea.repository('a/b')))).toEqual([
      'FORGE-FRG-008',
    ]);
    accepts(
      ...['MY_GITEA_TOKEN', 'FORGEJO_TOKEN', 'CI_', '_1A', 'a_b'].map(
        (good) => () => ActionsSecret.of(good, { purpose: 'x' }).provide(chart, gitea.repository('a/b')),
      ),
    );
  },
);
