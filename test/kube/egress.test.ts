import { BlockList, isIPv6 } from 'node:net';
import { App, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import type { NetworkPolicyEgressRule, NetworkPolicySpec } from 'kubernetes-types/networking/v1';
import { checkEgress, Egress, EgressNeeds, restrictEgress } from '../../lib/kube';
import { adviceAt, ForgeError, Problems } from '../../lib/support';
import { accepts } from '../support/problems';

const LABELS = { app: 'worker' };

/** The policy of a workload `worker` in namespace `ci`; undefined if none is made. */
function policy(egress: Egress, needs: EgressNeeds = { urls: [] }): NetworkPolicySpec | undefined {
  const chart = new Chart(new App(), 'chart', { namespace: 'ci' });
  restrictEgress(new Construct(chart, 'worker'), { name: 'worker', labels: LABELS, egress, needs: () => needs });
  const objects = Testing.synth(chart) as { metadata: { name: string }; spec: NetworkPolicySpec }[];
  if (objects.length > 0) {
    expect(objects[0].metadata.name).toBe('worker-egress');
  }
  return objects[0]?.spec;
}

/** A destination as a policy sees it: an address, or a pod in a namespace. */
interface To {
  readonly address?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
}

function contains(cidr: string, address: string): boolean {
  const [base, prefix] = cidr.split('/');
  if (isIPv6(base) !== isIPv6(address)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), isIPv6(base) ? 'ipv6' : 'ipv4');
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function reaches({ egress }: NetworkPolicySpec, to: To, port: number): boolean {
  const hits = (rule: NetworkPolicyEgressRule) =>
    (rule.ports ?? []).every((one) => one.port !== port) && rule.ports !== undefined
      ? false
      : (rule.to ?? []).length === 0 ||
        rule.to!.some(({ ipBlock, namespaceSelector, podSelector }) => {
          if (ipBlock) {
            const { cidr, except = [] } = ipBlock;
            return (
              to.address !== undefined &&
              contains(cidr, to.address) &&
              !except.some((block) => contains(block, to.address!))
            );
          }
          const wanted = podSelector?.matchLabels ?? {};
          return (
            namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === to.namespace &&
            Object.entries(wanted).every(([key, value]) => to.labels?.[key] === value)
          );
        });
  return (egress ?? []).some(hits);
}

/** The warnings of a workload `worker`. */
function warnings(egress: Egress, ...urls: string[]): string[] {
  const worker = new Construct(new Chart(new App(), 'chart', { namespace: 'ci' }), 'worker');
  restrictEgress(worker, { name: 'worker', labels: LABELS, egress, needs: () => ({ urls }) });
  return adviceAt(worker).flatMap(({ warnings: texts = [] }) => texts);
}

test.each(['https://git.lan', 'http://registry.home.arpa:5000', 'https://harbor.corp', 'https://a.b.internal'])(
  '%s needs an address, because a public name has another form',
  (url) => {
    const { hostname } = new URL(url);
    expect(warnings(Egress.internet(), url, url)).toEqual([expect.stringContaining(`FORGE-KUBE-027: "${hostname}"`)]);
    expect(warnings(Egress.internet({ hosts: { [hostname]: ['192.168.1.10'] } }), url)).toEqual([]);
    expect(warnings(Egress.open(), url)).toEqual([]);
  },
);

test('a name that can be public needs none, nor does a Service, an address or this pod', () => {
  const urls = ['https://git.example.com', 'https://ghcr.io', 'http://a.b.svc.cluster.local', 'http://10.0.0.1:5000'];
  expect(warnings(Egress.internet(), ...urls, 'http://localhost:1', 'https://planet.lan.example')).toEqual([]);
});

test('a Service with its namespace alone is reached, if the name can be nothing else', () => {
  const allowed = (url: string) => reaches(policy(Egress.internet(), { urls: [url] })!, { namespace: 'gitea' }, 3000);
  expect(allowed('http://gitea-http.gitea:3000')).toBe(true);
  expect(allowed('http://gitea-http.gitea.svc:3000')).toBe(true);
  expect(allowed('https://git.gitea')).toBe(false);
  expect(allowed('http://git.example.gitea')).toBe(false);
});

test('open egress makes no policy', () => {
  expect(policy(Egress.open())).toBeUndefined();
});

describe('internet', () => {
  const spec = policy(Egress.internet({ except: ['203.0.113.9'] }))!;

  test('selects the pods, and says nothing about ingress', () => {
    expect([spec.podSelector, spec.policyTypes]).toEqual([{ matchLabels: LABELS }, ['Egress']]);
  });

  test.each([
    '1.1.1.1',
    '203.0.113.10',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.0.1',
    '169.253.0.1',
    '2606:4700::1111',
  ])('%s is reachable', (address) => {
    expect(reaches(spec, { address }, 443)).toBe(true);
  });

  test.each([
    ['a private network', '10.96.0.1'],
    ['a private network', '172.16.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['shared address space', '100.64.0.1'],
    ['metadata of most clouds', '169.254.169.254'],
    ['metadata of Azure', '168.63.129.16'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['metadata of Amazon over IPv6', 'fd00:ec2::254'],
    ['a link-local address', 'fe80::1'],
    ['what the user excludes', '203.0.113.9'],
  ])('%s (%s) is not', (_what, address) => {
    expect(reaches(spec, { address }, 443)).toBe(false);
    expect(reaches(spec, { address }, 53)).toBe(true);
  });

  test('no pod is reachable but those that are declared', () => {
    const own = policy(Egress.internet({ pods: [{ labels: { app: 'ingress' }, namespace: 'edge' }] }), {
      urls: ['http://gitea-http.gitea.svc.cluster.local:3000', 'http://cache:8080'],
      pods: [{ pods: { labels: { app: 'buildkitd' } }, port: 1234 }],
    })!;
    const pod = (namespace: string, app: string) => ({ namespace, labels: { app } });
    expect(reaches(own, pod('gitea', 'any'), 3000)).toBe(true);
    expect(reaches(own, pod('edge', 'ingress'), 8443)).toBe(true);
    expect(reaches(own, pod('edge', 'other'), 8443)).toBe(false);
    expect(reaches(own, pod('kube-system', 'any'), 6443)).toBe(false);
    // `cache` is a Service of the pod's own namespace.
    expect(reaches(own, pod('ci', 'cache'), 8080)).toBe(true);
  });
});

describe('declared', () => {
  const urls = ['https://git.example.com', 'https://192.168.1.20:8443', 'http://[fd00::5]:80', 'http://localhost:1'];
  const hosts = { 'Git.Example.com': ['192.168.1.10', 'fd00::10'] };
  const spec = policy(Egress.declared({ hosts, networks: ['10.20.0.7/16'] }), {
    urls,
    pods: [{ pods: { labels: { app: 'buildkitd' }, namespace: 'builds' }, port: 1234 }],
  })!;

  test.each<[To, number, boolean]>([
    [{ address: '192.168.1.10' }, 443, true],
    [{ address: '192.168.1.10' }, 22, false],
    [{ address: 'fd00::10' }, 443, true],
    [{ address: '192.168.1.20' }, 8443, true],
    [{ address: '192.168.1.21' }, 8443, false],
    [{ address: 'fd00::5' }, 80, true],
    [{ address: '10.20.255.1' }, 9, true],
    [{ address: '10.21.0.1' }, 9, false],
    [{ address: '1.1.1.1' }, 443, false],
    [{ address: '1.1.1.1' }, 53, true],
    [{ namespace: 'builds', labels: { app: 'buildkitd' } }, 1234, true],
    [{ namespace: 'builds', labels: { app: 'buildkitd' } }, 6060, false],
    [{ namespace: 'ci', labels: { app: 'buildkitd' } }, 1234, false],
  ])('%j at %d: %s', (to, port, expected) => {
    expect(reaches(spec, to, port)).toBe(expected);
  });

  test('a host name without an address is refused, its neighbours are not', () => {
    const found = (egress: Egress, at = urls) => {
      const problems = new Problems('app/worker');
      checkEgress(egress, { urls: at }, problems);
      return problems.all.map(({ code, message }) => `${code} ${message}`);
    };
    expect(found(Egress.declared())).toEqual([expect.stringMatching(/^FORGE-KUBE-011 .*git\.example\.com/)]);
    expect(found(Egress.declared({ hosts }))).toEqual([]);
    expect(found(Egress.internet())).toEqual([]);
    expect(found(Egress.open())).toEqual([]);
    expect(found(Egress.declared(), ['http://gitea-http.gitea.svc:3000', 'http://gitea:3000'])).toEqual([]);
  });
});

describe('networks', () => {
  test.each([
    ['10.0.0.5/8', '10.0.0.0/8'],
    ['192.168.1.10', '192.168.1.10/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['172.31.255.255/12', '172.16.0.0/12'],
    ['FD00:0:0::1/64', 'fd00::/64'],
    ['2001:db8::ff00:42:8329', '2001:db8::ff00:42:8329/128'],
    ['::/0', '::/0'],
  ])('%s is %s', (given, written) => {
    const rule = policy(Egress.declared({ networks: [given] }))!.egress![1];
    expect(rule).toEqual({ to: [{ ipBlock: { cidr: written } }] });
  });

  test.each([
    '',
    '10.0.0.0/33',
    '10.0.0',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'git.example.com',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '010.0.0.1',
    '10.0.0.0/08',
  ])('fails for %j', (value) => {
    const refusal = expect.objectContaining({ code: 'FORGE-KUBE-010' });
    expect(() => Egress.declared({ networks: [value] })).toThrow(refusal);
    expect(() => Egress.internet({ except: [value] })).toThrow(refusal);
    expect(() => Egress.declared({ hosts: { 'git.example.com': [value] } })).toThrow(refusal);
    for (const good of ['10.0.0.0/32', '10.0.0.1', '128.0.0.0/1', '10.0.0.0/8', '::/128', 'fe80::1', '::1']) {
      accepts(
        () => Egress.declared({ networks: [good] }),
        () => Egress.internet({ except: [good] }),
        () => Egress.declared({ hosts: { 'git.example.com': [good] } }),
      );
    }
  });

  test('fails for an exception that is everything', () => {
    expect(() => Egress.internet({ except: ['0.0.0.0/0'] })).toThrow(/FORGE-KUBE-010/);
    expect(() => Egress.internet({ except: ['0.0.0.0/1'] })).not.toThrow();
  });

  test('fails for a host that is not a name', () => {
    for (const host of ['https://git.example.com', 'git.example.com:443', '']) {
      expect(() => Egress.declared({ hosts: { [host]: ['10.0.0.1'] } })).toThrow(ForgeError);
    }
  });

  test('a network holds the address that it was made from, and its base alone', () => {
    const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
    const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(v4, v6), ([address, prefix]) => {
        let written: string;
        try {
          const rule = policy(Egress.declared({ networks: [`${address}/${prefix}`] }))!.egress![1];
          written = rule.to![0].ipBlock!.cidr;
        } catch (e) {
          // IPv4 in IPv6 notation.
          expect((e as ForgeError).code).toBe('FORGE-KUBE-010');
          return;
        }
        taken += 1;
        expect(contains(written, address)).toBe(true);
        expect(written.endsWith(`/${prefix}`)).toBe(true);
        const again = policy(Egress.declared({ networks: [written] }))!.egress![1].to![0].ipBlock!.cidr;
        expect(again).toBe(written);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(200);
  });
});
