import { Chart, Testing } from 'cdk8s';
import fc from 'fast-check';
import { Forge, KnownHosts, SshEndpoint } from '../../lib/forge';
import { outcomeOf } from '../support/outcome';
import { accepts, codesOf } from '../support/problems';

function hostKey(type: string, ...fields: Buffer[]): string {
  const blob = Buffer.concat(
    [Buffer.from(type), ...fields].flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
  return `${type} ${blob.toString('base64')}`;
}

const KEY = hostKey('ssh-ed25519', Buffer.alloc(32, 7));
const RSA = hostKey('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(64, 3));

test('every address of the server stands in known_hosts with every key, as SSH will ask for it', () => {
  const ssh = SshEndpoint.of('host.docker.internal', 30022, {
    aliases: ['127.0.0.1', 'Git.Example.com:22', 'host.docker.internal:30022'],
    hostKeys: [`${KEY} root@gitea`, RSA],
  });
  expect(ssh.knownHosts).toBe(
    [
      `[host.docker.internal]:30022 ${KEY}`,
      `[host.docker.internal]:30022 ${RSA}`,
      `[127.0.0.1]:30022 ${KEY}`,
      `[127.0.0.1]:30022 ${RSA}`,
      `git.example.com ${KEY}`,
      `git.example.com ${RSA}`,
      '',
    ].join('\n'),
  );
});

test('several servers go to one ConfigMap', () => {
  const chart = new Chart(Testing.app(), 'ci', { namespace: 'ci' });
  const hosts = new KnownHosts(chart, 'known-hosts', {
    endpoints: [
      SshEndpoint.of('a.example.com', 22, { hostKeys: [KEY] }),
      SshEndpoint.of('b.example.com', 2222, { hostKeys: [RSA] }),
    ],
  });
  expect(hosts.name).toBe('known-hosts');
  expect(Testing.synth(chart)[0].data).toEqual({ known_hosts: `a.example.com ${KEY}\n[b.example.com]:2222 ${RSA}\n` });
});

test('a repository has an SSH address when its forge has', () => {
  const forge = Forge.gitea({
    version: '1.26',
    url: 'https://git.example.com',
    ssh: SshEndpoint.of('git.example.com', 2222),
  });
  expect(forge.repository('a/b').sshCloneUrl).toBe('ssh://git@git.example.com:2222/a/b.git');
  expect(Forge.github().repository('a/b').sshCloneUrl).toBeUndefined();
});

test.each([
  ['', 22],
  ['ssh://a', 22],
  ['git@a', 22],
  ['a b', 22],
  ['a..b', 22],
  ['a', 0],
  ['a', 65536],
  ['a', 1.5],
  ['a', NaN],
  ['a:22', 22],
  ['-a', 22],
])('fails for the address %j, port %j', (host, port) => {
  expect(codesOf(() => SshEndpoint.of(host, port))).toEqual(['FORGE-FRG-005']);
  const good: [string, number][] = [
    ['a', 1],
    ['a', 65535],
    ['a.b', 22],
    ['10.0.0.5', 22],
  ];
  expect(() => good.map(([name, number]) => SshEndpoint.of(name, number))).not.toThrow();
});

test.each(['a:0', 'a:99999', 'a:x', '[::1]:22', ''])('fails for the alias %j', (alias) => {
  expect(codesOf(() => SshEndpoint.of('a', 22, { aliases: [alias] }))).toEqual(['FORGE-FRG-005']);
  expect(() =>
    ['a', '127.0.0.1', 'a:1', 'a:65535'].map((good) => SshEndpoint.of('a', 22, { aliases: [good] })),
  ).not.toThrow();
});

test.each([
  ['a line of known_hosts', `a.example.com ${KEY}`],
  ['no type', KEY.split(' ')[1]],
  ['another type than the key says', KEY.replace('ssh-ed25519', 'ssh-rsa')],
  ['a type that is none', KEY.replace('ssh-ed25519', 'ssh-dss')],
  ['a key that is cut to its type', `ssh-ed25519 ${KEY.split(' ')[1].slice(0, 20)}`],
  ['a fingerprint', 'SHA256:AAAA'],
  ['two lines', `${KEY}\n${RSA}`],
  ['a private key', `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----`],
])('fails for a host key that is %s', (_, key) => {
  expect(codesOf(() => SshEndpoint.of('a', 22, { hostKeys: [key] }))).toEqual(['FORGE-FRG-006']);
  expect(() => [KEY, RSA].map((good) => SshEndpoint.of('a', 22, { hostKeys: [good] }).knownHosts)).not.toThrow();
});

test('fails for known_hosts without a key', () => {
  expect(codesOf(() => SshEndpoint.of('a', 22).knownHosts)).toEqual(['FORGE-FRG-006']);
  accepts(() => SshEndpoint.of('a', 22, { hostKeys: [KEY] }).knownHosts);
});

test('any key and any alias is refused with a ForgeError, or taken and then makes lines of three words', () => {
  const spoiled = fc
    .tuple(fc.nat(KEY.length - 1), fc.string({ unit: 'binary', maxLength: 2 }))
    .map(([at, text]) => KEY.slice(0, at) + text + KEY.slice(at + 1));
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(spoiled, fc.constantFrom(KEY, `${KEY} root@gitea`, RSA), fc.string({ unit: 'binary' })),
      fc.oneof(fc.domain(), fc.string({ maxLength: 20 })),
      (key, alias) => {
        const outcome = outcomeOf(() => SshEndpoint.of('a', 22, { hostKeys: [key, KEY], aliases: [alias] }).knownHosts);
        if ('problems' in outcome) {
          return;
        }
        taken++;
        for (const line of outcome.value.trimEnd().split('\n')) {
          expect(line).toMatch(/^\S+ \S+ [A-Za-z0-9+/=]+$/);
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(100);
});
