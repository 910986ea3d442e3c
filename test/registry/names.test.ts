import { Size } from 'cdk8s';
import fc from 'fast-check';
import { Forge } from '../../lib/forge';
import { Endpoint, ImageName, Registry, registryHost, Zone } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';
import { outcomeOf } from '../support/outcome';
import { accepts, codesOf, problemsOf } from '../support/problems';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

test.each([
  'git.example.com',
  'git.example.com:8443',
  'gitea-http.gitea.svc.cluster.local:3000',
  'localhost:5000',
  'localhost',
  'zot:5000',
  '192.168.1.10:30080',
  '10.43.0.1:5000',
  'a.b',
  '1.example',
])('%j is a registry host', (host) => {
  expect(registryHost(host)).toBe(host);
});

test.each<[string, string]>([
  ['', 'not a host name'],
  ['http://git.example.com', 'scheme'],
  ['git.example.com/platform', 'path'],
  ['git.example.com/', 'path'],
  ['Git.example.com', 'upper case'],
  ['gitea', 'neither a dot nor a port'],
  ['user@git.example.com', 'user'],
  ['[::1]:5000', 'IPv6'],
  ['::1', 'IPv6'],
  ['git.example.com:', 'not a port'],
  ['git.example.com:0', 'not a port'],
  ['git.example.com:65536', 'not a port'],
  ['git.example.com:080', 'not a port'],
  ['git.example.com:x', 'not a port'],
  ['git..example.com', 'not a host name'],
  ['-git.example.com', 'not a host name'],
  ['git.example.com.', 'not a host name'],
  ['git_x.example.com', 'not a host name'],
  [' git.example.com', 'not a host name'],
  ['git.example.com\n', 'not a host name'],
  ['gít.example.com', 'not a host name'],
  ['10.42.2.16:3000', 'address of a pod'],
  ['10.244.0.7:5000', 'address of a pod'],
  ['256.1.1.1', 'not an IPv4'],
  ['1.2.3', 'not an IPv4'],
  ['01.2.3.4', 'not an IPv4'],
  [`${'a'.repeat(64)}.com`, 'not a host name'],
  ['a.0', 'not a host name to every client'],
  ['registry.0x1f', 'not a host name to every client'],
  ['xn--a.com', 'not a host name to every client'],
  ['xn--xn---epa.com', 'not a host name to every client'],
])('%j is no registry host, because of: %s', (host, why) => {
  accepts(
    ...['git.example.com', 'gitea:3000', 'localhost', 'g:1', 'git.example.com:65535', '255.1.1.1', '1.2.3.4:80'].map(
      (good) => () => registryHost(good),
    ),
    ...[`${'a'.repeat(63)}.com`, 'a.0y', 'a0.b-c.d', 'git.xn--mnchen-3ya.de', '10.96.0.7:5000', '9.42.2.16:3000'].map(
      (good) => () => registryHost(good),
    ),
  );
  const [problem] = problemsOf(() => registryHost(host));
  expect([problem.code, problem.message]).toEqual(['FORGE-REG-001', expect.stringContaining(why)]);
});

test('an image name is taken apart, and put together again', () => {
  const name = ImageName.parse(`git.example.com:8443/platform/sub/hello-app:v1.2.3@${DIGEST}`);
  expect({ ...name }).toEqual({
    host: 'git.example.com:8443',
    path: 'platform/sub/hello-app',
    tag: 'v1.2.3',
    digest: DIGEST,
  });
  expect([name.repository, name.text]).toEqual([
    'git.example.com:8443/platform/sub/hello-app',
    `git.example.com:8443/platform/sub/hello-app:v1.2.3@${DIGEST}`,
  ]);
});

/** The nearest names that are accepted. */
const ACCEPTED = [
  'git.example.com/a',
  'git.example.com/platform/a',
  'git.example.com/a/b',
  'git.example.com/a.b',
  'git.example.com/a__b',
  'git.example.com/a-b',
  'git.example.com/a:x',
  'git.example.com/a:x-',
  `git.example.com/a:${'x'.repeat(128)}`,
  `git.example.com/a@${DIGEST}`,
  `git.example.com/a:b@${DIGEST}`,
  `git.example.com/${'a'.repeat(230)}`,
];

test.each<[string, string]>([
  ['https://git.example.com/a', 'FORGE-REG-004'],
  ['oci://git.example.com/a', 'FORGE-REG-004'],
  ['hello', 'FORGE-REG-004'],
  ['', 'FORGE-REG-004'],
  ['/a', 'FORGE-REG-004'],
  ['platform/hello', 'FORGE-REG-001'],
  ['Git.example.com/a', 'FORGE-REG-001'],
  ['10.42.2.16:3000/giteaadmin/hello-app', 'FORGE-REG-001'],
  ['git.example.com/', 'FORGE-REG-002'],
  ['git.example.com/Platform/a', 'FORGE-REG-002'],
  ['git.example.com/a//b', 'FORGE-REG-002'],
  ['git.example.com/a/', 'FORGE-REG-002'],
  ['git.example.com/a..b', 'FORGE-REG-002'],
  ['git.example.com/a___b', 'FORGE-REG-002'],
  ['git.example.com/-a', 'FORGE-REG-002'],
  ['git.example.com/a b', 'FORGE-REG-002'],
  ['git.example.com/a:', 'FORGE-REG-004'],
  ['git.example.com/a:-x', 'FORGE-REG-004'],
  ['git.example.com/a:b:c', 'FORGE-REG-004'],
  ['git.example.com/a:b/c', 'FORGE-REG-004'],
  [`git.example.com/a:${'x'.repeat(129)}`, 'FORGE-REG-004'],
  ['git.example.com/a@', 'FORGE-REG-004'],
  ['git.example.com/a@sha256:abc', 'FORGE-REG-004'],
  [`git.example.com/a@${DIGEST.toUpperCase()}`, 'FORGE-REG-004'],
  [`git.example.com/a@${DIGEST}@${DIGEST}`, 'FORGE-REG-004'],
  [`git.example.com/${'a/'.repeat(128)}`, 'FORGE-REG-002'],
  [`git.example.com/${'a'.repeat(256)}`, 'FORGE-REG-002'],
])('fails for image name %j', (text, code) => {
  expect(codesOf(() => ImageName.parse(text))).toEqual([code]);
  expect(ACCEPTED.filter((good) => ImageName.parse(good).text !== good)).toEqual([]);
});

test('where neither tag nor digest may stand, both are refused', () => {
  expect(ImageName.parseRepository('git.example.com/a/b').text).toBe('git.example.com/a/b');
  expect(problemsOf(() => ImageName.parseRepository('git.example.com/a:v1'))[0]).toMatchObject({
    code: 'FORGE-REG-004',
    fix: 'write "git.example.com/a"',
  });
  expect(codesOf(() => ImageName.parseRepository(`git.example.com/a@${DIGEST}`))).toEqual(['FORGE-REG-004']);
});

const HOST_LIKE = '[a-z0-9]{1,8}(\\.[a-z0-9-]{1,8}){1,2}(:[0-9]{2,5})?';
const nearNames = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9._:\/@ -]{0,60}$/),
  fc.stringMatching(new RegExp(`^${HOST_LIKE}$`)),
  fc.stringMatching(new RegExp(`^${HOST_LIKE}(/[a-z0-9]{1,5}){1,2}:[A-Za-z0-9]{1,9}$`)),
);
const spoiledNames = fc
  .tuple(
    fc.constantFrom('git.example.com/platform/hello:v1', `git.example.com:8443/a/b@${DIGEST}`),
    fc.nat(40),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  .map(([name, at, text]) => name.slice(0, at) + text + name.slice(at + 1));
test.each([
  ['near names', nearNames, { names: 50, hosts: 50 }],
  ['spoiled names', spoiledNames, { names: 50, hosts: 0 }],
  ['any text', fc.string({ unit: 'binary', maxLength: 60 }), { names: 0, hosts: 0 }],
])('%s are refused with a ForgeError, or taken and mean themselves', (_, texts, minimum) => {
  const taken = { names: 0, hosts: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const outcome = outcomeOf(() => ImageName.parse(text));
      if ('value' in outcome) {
        taken.names++;
        expect(outcome.value.text).toBe(text);
      }
      const host = outcomeOf(() => registryHost(text));
      if ('value' in host) {
        taken.hosts++;
        expect(new URL(`https://${text}/`).hostname).toBe(text.replace(/:\d+$/, ''));
      }
    }),
    { numRuns: 1000 },
  );
  expect([taken.names >= minimum.names, taken.hosts >= minimum.hosts]).toEqual([true, true]);
});

test.each(['', 'Platform', 'a b', 'a/', '/a', 'a:b', 'git.example.com:3000/a', 'a..b', 'ä'])(
  'fails for owner or image %j',
  (name) => {
    expect(codesOf(() => Registry.gitea(gitea, { owner: name }))).toEqual(['FORGE-REG-002']);
    expect(codesOf(() => Registry.gitea(gitea, { owner: 'platform' }).pushName(name))).toEqual(['FORGE-REG-002']);
    expect(() =>
      ['p', 'a-b', 'a.b', 'a__b'].map((good) => Registry.gitea(gitea, { owner: good }).pushName(good)),
    ).not.toThrow();
  },
);

test('an owner in upper case is told how to write it: giteaAdmin is giteaadmin', () => {
  expect(problemsOf(() => Registry.gitea(gitea, { owner: 'giteaAdmin' }))[0].fix).toContain('"giteaadmin"');
  accepts(() => Registry.gitea(gitea, { owner: 'giteaadmin' }));
});

test('endpoints know from where they are reached', () => {
  const zones = (host: string) => Endpoint.http(host).zones.join(' ');
  expect(
    [
      'a.svc:80',
      'a.b.svc.cluster.local',
      'localhost:5000',
      '127.0.0.1:5000',
      'host.docker.internal:30090',
      'git.example.com',
    ].map(zones),
  ).toEqual(['job pod', 'job pod', 'host', 'host', 'job node host', 'job pod node host internet']);
  expect(Endpoint.https('a.svc', { zones: [Zone.NODE] }).isReachableFrom(Zone.JOB)).toBe(false);
});

test('a Service is an endpoint by its parts', () => {
  expect(Endpoint.service('gitea-http', 'gitea', 3000).url).toBe('http://gitea-http.gitea.svc.cluster.local:3000');
  expect(codesOf(() => Endpoint.service('Gitea', 'gitea', 3000))).toEqual(['FORGE-REG-001']);
  expect(codesOf(() => Endpoint.service('gitea', 'gitea', 0))).toEqual(['FORGE-REG-001']);
});

test('fails for TLS without a certificate, for a host declared in two ways, and for pushing through a limit', () => {
  expect(codesOf(() => Endpoint.https('git.example.com', { trust: Trust.plainHttp() }))).toEqual(['FORGE-REG-003']);
  expect(codesOf(() => Registry.gitea(gitea, { owner: 'a', push: Endpoint.http('git.example.com') }))).toEqual([
    'FORGE-REG-005',
  ]);
  const trust = Trust.privateCa(CaBundle.fromConfigMap('ca'));
  expect(
    codesOf(() =>
      Registry.oci({
        owner: 'a',
        pull: Endpoint.https('r.example.com', { trust }),
        push: Endpoint.https('r.example.com'),
      }),
    ),
  ).toEqual(['FORGE-REG-005']);
  expect(
    problemsOf(() =>
      Registry.gitea(gitea, {
        owner: 'a',
        push: Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) }),
      }),
    )[0],
  ).toMatchObject({ code: 'FORGE-REG-007', message: expect.stringContaining('100 MiB') });
  expect(codesOf(() => Registry.gitea(Forge.github(), { owner: 'a' }))).toEqual(['FORGE-REG-012']);
  accepts(
    () => Endpoint.https('git.example.com', { trust }),
    () => Registry.gitea(gitea, { owner: 'a', push: Endpoint.http('git.example.com:3000') }),
    () =>
      Registry.oci({
        owner: 'a',
        pull: Endpoint.https('r.example.com', { trust }),
        push: Endpoint.https('r.example.com', { trust }),
      }),
    () =>
      Registry.gitea(gitea, {
        owner: 'a',
        push: Endpoint.https('push.example.com'),
        pull: Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) }),
      }),
  );
});

test('the page of an image is known for forges', () => {
  expect(Registry.gitea(gitea, { owner: 'platform' }).packageUrl('a/b')).toBe(
    'https://git.example.com/platform/-/packages/container/a%2Fb',
  );
  expect(Registry.ghcr({ owner: 'example' }).packageUrl('app')).toBe('https://github.com/example?tab=packages&q=app');
  expect(Registry.oci({ owner: 'a', pull: Endpoint.https('r.example.com') }).packageUrl('app')).toBeUndefined();
});

test('a name that is too long is not called upper case', () => {
  const name = (length: number) => () => Registry.ghcr({ owner: 'a' }).pullName('b'.repeat(length));
  expect(problemsOf(name(300))).toMatchObject([
    {
      code: 'FORGE-REG-002',
      allowed: expect.stringContaining('at most 255 characters'),
      fix: 'shorten the name, which has 300 characters with the owner',
    },
  ]);
  expect(problemsOf(name(254))[0].fix).toContain('256');
  accepts(name(253));
});
