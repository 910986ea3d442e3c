import { ApiObject, App, Chart, Cron } from 'cdk8s';
import { CronJob, Deployment, Job } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Buildkitd, BuildkitTls, BuildkitTopology, CertificateIssuer } from '../../lib/buildkit';
import { declareCluster, Egress, PodGroup, setClusterDomain } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import { newChart, registry, render, STORAGES, world } from './world';
import { foundCodes } from '../support/problems';

const monitored = (scrapers?: PodGroup[]) => ({ metrics: { serviceMonitor: true, scrapers } });
const PROMETHEUS = PodGroup.of({ 'app.kubernetes.io/name': 'prometheus' }, 'monitoring');

describe('egress', () => {
  const policy = (egress?: Egress) => world({ egress }).find('NetworkPolicy', 'buildkitd-egress');

  test('blocks private networks by default, and allows the registry inside the cluster', () => {
    const { podSelector, policyTypes, egress } = policy().spec;
    expect([podSelector.matchLabels['app.kubernetes.io/instance'], policyTypes]).toEqual(['buildkitd', ['Egress']]);
    const blocks = egress.flatMap((rule: { to?: object[] }) => rule.to ?? []);
    expect(blocks).toContainEqual({
      ipBlock: {
        cidr: '0.0.0.0/0',
        except: expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '192.168.0.0/16']),
      },
    });
    expect(blocks).toContainEqual({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gitea' } } });
  });

  test('can be open, and is then no policy', () => {
    expect(policy(Egress.open())).toBeUndefined();
  });

  test('allows the private address of a registry, a mirror and a proxy that are declared', () => {
    const address = Registry.oci({
      owner: 'a',
      pull: Endpoint.http('192.168.1.10:5000', { mirrors: [Endpoint.http('192.168.1.11:5000')] }),
    });
    const { find } = world({ registries: [address], environment: { HTTPS_PROXY: 'http://10.0.0.5:3128' } });
    const text = JSON.stringify(find('NetworkPolicy', 'buildkitd-egress'));
    expect(text).toContain('"192.168.1.10/32"');
    expect(text).toContain('"192.168.1.11/32"');
    expect(text).toContain('"10.0.0.5/32"');
  });

  test('of declared endpoints needs the address of each name', () => {
    expect(foundCodes(() => policy(Egress.declared()))).toEqual(['FORGE-KUBE-011']);
    expect(foundCodes(() => policy(Egress.declared({ hosts: { 'git.example.com': ['203.0.113.7'] } })))).toEqual([]);
  });
});

describe('a proxy', () => {
  const env = (environment: Record<string, string>) => {
    const { env: all = [] } = world({ environment }).pod.containers[0];
    return Object.fromEntries(all.map(({ name, value }) => [name, value]));
  };

  test('is not used for the cluster and the forge of the registry', () => {
    const { NO_PROXY, no_proxy: small } = env({ HTTPS_PROXY: 'http://proxy.example.com:3128' });
    expect(NO_PROXY).toBe('localhost,127.0.0.1,.svc,.svc.cluster.local,git.example.com');
    expect(small).toBe(NO_PROXY);
  });

  test('keeps the exceptions that were given, in either spelling', () => {
    const { NO_PROXY } = env({ http_proxy: 'http://proxy.example.com:3128', no_proxy: '.lan, 10.0.0.0/8' });
    expect(NO_PROXY).toMatch(/,\.lan,10\.0\.0\.0\/8$/);
  });

  test('is nothing that the library adds by itself', () => {
    expect(env({ A: '1' }).NO_PROXY).toBeUndefined();
  });
});

test('addresses, certificates and exceptions have the domain of the cluster', () => {
  const cluster = new Construct(new App(), 'home');
  setClusterDomain(cluster, 'k8s.example.org');
  const daemon = new Buildkitd(new Chart(cluster, 'ci', { namespace: 'ci' }), 'buildkitd', {
    registries: [registry],
    storage: STORAGES[0],
  });
  expect(daemon.address).toBe('tcp://buildkitd.ci.svc.k8s.example.org:1234');
  expect(daemon.serverNames).toContain('buildkitd.ci.svc.k8s.example.org');
  expect(world().daemon.address).toBe('tcp://buildkitd.ci.svc.cluster.local:1234');
});

test('fails for a client in another cluster, and accepts one in its own or in none that is declared', () => {
  const app = new App();
  const chartOf = (name: string) => {
    const cluster = new Construct(app, name);
    declareCluster(cluster);
    return new Chart(cluster, 'ci', { namespace: 'ci' });
  };
  const here = chartOf('home');
  const daemon = new Buildkitd(here, 'buildkitd', { registries: [registry], storage: STORAGES[0] });
  const connect = (scope: Construct) =>
    foundCodes(() => daemon.connectFrom(new Construct(scope, 'runner'), { app: 'x' }));
  expect(connect(chartOf('prod'))).toEqual(['FORGE-BK-021']);
  expect(connect(here)).toEqual([]);
  expect(connect(newChart())).toEqual([]);
});

test('fails for a ServiceMonitor that nobody may follow, unless TLS leaves out the policy', () => {
  expect(foundCodes(() => world(monitored()))).toEqual(['FORGE-BK-022']);
  expect(foundCodes(() => world(monitored([PROMETHEUS])))).toEqual([]);
  expect(foundCodes(() => world({ ...monitored(), tls: BuildkitTls.certManager() }))).toEqual([]);
});

test('a StatefulSet names a headless Service, and a pool has one that balances besides', () => {
  const named = (topology: BuildkitTopology) => {
    const { find } = world({ topology });
    const { serviceName } = find('StatefulSet').spec;
    return [serviceName, find('Service', serviceName).spec.clusterIP, find('Service', 'buildkitd').spec.clusterIP];
  };
  expect(named(BuildkitTopology.single())).toEqual(['buildkitd', 'None', 'None']);
  expect(named(BuildkitTopology.stablePool(3))).toEqual(['buildkitd', 'None', 'None']);
  expect(named(BuildkitTopology.pool(2))).toEqual(['buildkitd-pods', 'None', undefined]);
  const deployment = world({ topology: BuildkitTopology.singleDeployment() });
  expect(deployment.find('Service', 'buildkitd').spec.clusterIP).toBeUndefined();
});

test('a pod that is not ready may always be evicted', () => {
  const { find } = world({ topology: BuildkitTopology.pool(2) });
  expect(find('PodDisruptionBudget').spec.unhealthyPodEvictionPolicy).toBe('AlwaysAllow');
});

describe('the pods of a workload', () => {
  const manifest = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec });

  test('are those of a Deployment of cdk8s-plus, which a builder admits', () => {
    const chart = newChart('apps');
    const deployment = new Deployment(chart, 'client', { containers: [{ image: 'x:1', portNumber: 80 }] });
    const group = PodGroup.ofWorkload(deployment);
    expect(group).toEqual({ labels: deployment.matchLabels, namespace: 'apps' });
    const { daemon, chart: own } = world({}, false);
    daemon.admit(group);
    const from = render(own).find((o) => o.kind === 'NetworkPolicy' && o.metadata.name === 'buildkitd').spec.ingress[0]
      .from;
    expect(from[0].podSelector.matchLabels).toEqual(deployment.matchLabels);
  });

  test('are those of an ApiObject', () => {
    const labels = { app: 'd' };
    const chart = newChart('apps');
    const object = new ApiObject(chart, 'd', manifest({ selector: { matchLabels: labels } }));
    expect(PodGroup.ofWorkload(object)).toEqual({ labels, namespace: 'apps' });
    const job = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { jobTemplate: { spec: { template: { metadata: { labels } } } } },
    };
    expect(PodGroup.ofWorkload(new ApiObject(chart, 'j', job)).labels).toEqual(labels);
  });

  test('are those of a Job and a CronJob of cdk8s-plus, which state no matchLabels', () => {
    const chart = newChart('apps');
    const containers = [{ image: 'x:1' }];
    const labelOf = (labels: Record<string, string>) => labels['cdk8s.io/metadata.addr'];
    expect(labelOf(PodGroup.ofWorkload(new Job(chart, 'job', { containers })).labels)).toMatch(/^job|-job-/);
    const cron = new CronJob(chart, 'cron', { containers, schedule: Cron.daily() });
    expect(labelOf(PodGroup.ofWorkload(cron).labels)).toMatch(/^cron|-cron-/);
  });

  test('fails for what is no workload, and for pods without labels', () => {
    const chart = newChart();
    expect(foundCodes(() => PodGroup.ofWorkload(chart))).toEqual(['FORGE-KUBE-013']);
    expect(foundCodes(() => PodGroup.ofWorkload(new ApiObject(chart, 'd', manifest({}))))).toEqual(['FORGE-KUBE-013']);
  });
});

test.each(['', 'Internal', 'a\nb'])('fails for an issuer called %j', (name) => {
  expect(foundCodes(() => CertificateIssuer.clusterIssuer(name))).toEqual(['FORGE-BK-011']);
  expect(foundCodes(() => CertificateIssuer.issuer(name))).toEqual(['FORGE-BK-011']);
  expect(foundCodes(() => CertificateIssuer.clusterIssuer('internal-ca'))).toEqual([]);
});
