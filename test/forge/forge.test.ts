import fc from 'fast-check';
import { Forge, PublicUrlDetection } from '../../lib/forge';
import { CaBundle, Trust } from '../../lib/trust';
import { outcomeOf } from '../support/outcome';
import { accepts, codesOf, problemsOf } from '../support/problems';

const url = 'https://git.example.com';
const gitea = (version: string, more: object = {}) => Forge.gitea({ version, url, ...more });
const ca = CaBundle.fromConfigMap('home-ca');

test('versions compare as numbers, patch included', () => {
  expect(
    ['1.9', '1.25.9', '1.26', '1.26.0', '1.26.1', '1.100', '2.0'].map((version) => gitea(version).isAtLeast('1.26')),
  ).toEqual([false, false, true, true, true, true, true]);
  expect(gitea('1.26').isAtLeast('1.26.1')).toBe(false);
  expect(Forge.github().isAtLeast('99.0')).toBe(true);
  expect(Forge.github({ version: '3.14' }).isAtLeast('3.15')).toBe(false);
});

test('a version compares with any other as numbers do', () => {
  const part = fc.nat(300);
  fc.assert(
    fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
      const weight = ([x, y, z]: number[]) => x * 1e6 + y * 1e3 + z;
      expect(gitea(a.join('.')).isAtLeast(b.join('.'))).toBe(weight(a) >= weight(b));
    }),
  );
});

test('each product has its own folders and names', () => {
  const forges = [gitea('1.26'), Forge.forgejo({ version: '12.0', url }), Forge.github()];
  expect(forges.map((forge) => forge.workflowDirectory)).toEqual([
    '.gitea/workflows',
    '.forgejo/workflows',
    '.github/workflows',
  ]);
  expect(forges.map((forge) => forge.product.name)).toEqual(['gitea', 'forgejo', 'github']);
  expect(forges.map((forge) => forge.title)).toEqual(['Gitea 1.26', 'Forgejo 12.0', 'GitHub']);
  expect(forges.map((forge) => forge.jobTokenMayPush)).toEqual([false, false, true]);
});

test('the server finds its public address as its version does, unless it is told', () => {
  const { AUTO, LEGACY, NEVER } = PublicUrlDetection;
  expect(['1.22', '1.25.3', '1.26', '1.27.1'].map((version) => gitea(version).publicUrlDetection)).toEqual([
    LEGACY,
    LEGACY,
    AUTO,
    AUTO,
  ]);
  expect(gitea('1.24', { publicUrlDetection: AUTO }).publicUrlDetection).toBe(AUTO);
  expect(gitea('1.26', { publicUrlDetection: NEVER }).publicUrlDetection).toBe(NEVER);
  expect(gitea('1.22', { publicUrlDetection: LEGACY }).publicUrlDetection).toBe(LEGACY);
  expect(Forge.forgejo({ version: '12.0', url }).publicUrlDetection).toBe(LEGACY);
  expect(codesOf(() => gitea('1.23', { publicUrlDetection: AUTO }))).toEqual(['FORGE-FRG-004']);
  expect(codesOf(() => gitea('1.25', { publicUrlDetection: NEVER }))).toEqual(['FORGE-FRG-004']);
});

test('trust follows from the scheme, and is said once for both URLs', () => {
  const forge = gitea('1.26', { internalUrl: 'http://gitea-http.gitea.svc:3000', trust: Trust.privateCa(ca) });
  expect([forge.trust.kind, forge.internalTrust.kind]).toEqual(['private-ca', 'plain-http']);
  expect(gitea('1.26').trust.kind).toBe('public-ca');
  const both = gitea('1.26', { internalUrl: 'https://gitea.gitea.svc', trust: Trust.privateCa(ca) });
  expect(both.internalTrust.caBundle).toBe(ca);
  expect(codesOf(() => gitea('1.26', { trust: Trust.plainHttp() }))).toEqual(['FORGE-FRG-007']);
  expect(codesOf(() => Forge.gitea({ version: '1.26', url: 'http://git.local', trust: Trust.publicCa() }))).toEqual([
    'FORGE-FRG-007',
  ]);
});

test.each([
  '',
  'v1.26',
  '1',
  '1.26-rc0',
  '1.26.1+dev',
  '01.2',
  '1.2.3.4',
  ' 1.26',
  '1.26\n',
  '1.１',
  '12.0.1+gitea-1.22.0',
])('fails for version %j', (version) => {
  expect(codesOf(() => gitea(version))).toEqual(['FORGE-FRG-001']);
  expect(() => ['1.26', '1.26.1', '0.0', '28.3.0', '1.100'].map((good) => gitea(good))).not.toThrow();
});

test.each([
  '',
  'git.example.com',
  'ssh://git@git.example.com',
  'https://',
  'https://user:pw@git.example.com',
  'https://git.example.com?x',
  'https://git.example.com#x',
  'javascript:alert(1)',
  'http://a b',
  'https://git.xn--a.com',
])('fails for URL %j', (bad) => {
  expect(codesOf(() => Forge.gitea({ version: '1.26', url: bad }))).toEqual(['FORGE-FRG-002']);
  const good = [
    'https://git.example.com',
    'http://git:3000',
    'https://git.example.com/gitea',
    'https://xn--mnchen-3ya.de/',
  ];
  expect(() => good.map((url) => Forge.gitea({ version: '1.26', url }))).not.toThrow();
});

test('a URL with credentials is not repeated in the error', () => {
  expect(
    JSON.stringify(problemsOf(() => Forge.gitea({ version: '1.26', url: 'https://user:hunter2@git.example.com' }))),
  ).not.toContain('hunter2');
  expect(JSON.stringify(problemsOf(() => Forge.gitea({ version: '1.26', url: 'user:hunter2@:' })))).not.toContain(
    'hunter2',
  );
  accepts(() => Forge.gitea({ version: '1.26', url: 'https://git.example.com/user' }));
});

test.each([
  '',
  'name',
  'a/b/c',
  '/b',
  'a/',
  'https://git.example.com/a/b',
  'a/b.git',
  'a/..',
  'a/.',
  '-a/b',
  'a b/c',
  'a/b\n',
])('fails for repository %j', (name) => {
  expect(codesOf(() => gitea('1.26').repository(name))).toEqual(['FORGE-FRG-003']);
  const good = ['a/b', 'a-b/b.c', 'A_b/c-', 'a/b.gi', '0/1'];
  expect(() => good.map((each) => gitea('1.26').repository(each))).not.toThrow();
});

test("the names of Actions secrets follow each product's rules", () => {
  const problems = (forge: Forge) =>
    [
      'REGISTRY_TOKEN',
      '_x',
      'GITHUB_X',
      'github_x',
      'GITEA_X',
      'FORGEJO_X',
      'CI',
      'ci',
      'CIRCLE',
      '1A',
      'A-B',
      '',
      'Ä',
    ].filter((name) => forge.secretNameProblem(name) === undefined);
  expect(problems(gitea('1.26'))).toEqual(['REGISTRY_TOKEN', '_x', 'FORGEJO_X', 'CIRCLE']);
  expect(problems(Forge.forgejo({ version: '12.0', url }))).toEqual(['REGISTRY_TOKEN', '_x', 'CIRCLE']);
  expect(problems(Forge.github())).toEqual(['REGISTRY_TOKEN', '_x', 'GITEA_X', 'FORGEJO_X', 'CI', 'ci', 'CIRCLE']);
});

const anyText = fc.oneof(
  fc.stringMatching(/^1\.[0-9]{1,2}(\.[0-9]{1,2})?$/),
  fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}\/[a-z][a-z0-9._-]{0,6}$/),
  fc.stringMatching(/^https?:\/\/[a-z]{1,6}\.example\.(com|org)(:[1-9][0-9]{1,3})?(\/[a-z]{1,4})?\/?$/),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.webUrl(),
  fc.stringMatching(/^[a-z0-9:\/.@ #?%-]{0,30}$/),
);
test('any text is a version, URL, repository name or a ForgeError, never anything else', () => {
  const taken = { versions: 0, repositories: 0, urls: 0 };
  const count = (kind: keyof typeof taken, outcome: object) => {
    taken[kind] += 'value' in outcome ? 1 : 0;
  };
  fc.assert(
    fc.property(anyText, (text) => {
      count(
        'versions',
        outcomeOf(() => gitea(text)),
      );
      count(
        'repositories',
        outcomeOf(() => gitea('1.26').repository(text)),
      );
      const outcome = outcomeOf(() => Forge.gitea({ version: '1.26', url: text }));
      count('urls', outcome);
      if ('value' in outcome) {
        expect(new URL(outcome.value.url).username).toBe('');
      }
    }),
    { numRuns: 1000 },
  );
  Object.values(taken).forEach((number) => expect(number).toBeGreaterThan(40));
});
