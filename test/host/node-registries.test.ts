import { GitOpsApp } from '../../lib/app';
import { Forge, PublicUrlDetection } from '../../lib/forge';
import { K3dCluster, K3sNode, KindCluster, TalosNode } from '../../lib/host';
import { Endpoint, NodeConfig, Registry, Zone } from '../../lib/registry';
import { accepts, codesOf } from '../support/problems';

const SERVICE = 'reg.ns.svc.cluster.local:5000';
const at = (pull: Endpoint) => Registry.oci({ owner: 'acme', pull });
const service = (mirrors: Endpoint[] = []) => at(Endpoint.http(SERVICE, { mirrors }));
const ofNodes = Endpoint.http('localhost:30500', { zones: [Zone.NODE] });

/** Clients that are nodes. */
const NODES: [string, (registries: Registry[]) => unknown][] = [
  ['NodeConfig', (registries) => new NodeConfig(registries)],
  ['KindCluster', (registries) => new KindCluster(new GitOpsApp(), 'node', { registries })],
  ['K3dCluster', (registries) => new K3dCluster(new GitOpsApp(), 'node', { registries })],
  ['K3sNode', (registries) => new K3sNode(new GitOpsApp(), 'node', { registries })],
  ['TalosNode', (registries) => new TalosNode(new GitOpsApp(), 'node', { registries })],
];

test.each(NODES)('%s refuses a registry of which nodes reach neither pull nor a mirror', (_, make) => {
  expect(codesOf(() => make([service()]))).toEqual(['FORGE-REG-006']);
  expect(codesOf(() => make([service([Endpoint.http('hub.ci.svc:5000')])]))).toEqual(['FORGE-REG-006']);
  accepts(
    () => make([at(Endpoint.http(SERVICE, { zones: [Zone.POD, Zone.NODE] }))]),
    () => make([service([ofNodes])]),
    // The settings of nodes are by host: another registry at the host has the mirror.
    () => make([service(), service([ofNodes])]),
    () => make([at(Endpoint.http('registry.example.com:5000'))]),
  );
});

test('nodes of machines reach localhost where the endpoint says so, and the token server of the registry', () => {
  const node = (registry: Registry) => new K3sNode(new GitOpsApp(), 'node', { registries: [registry] });
  const pull = Endpoint.http('192.168.1.10:30080');
  const gitea = (publicUrlDetection: PublicUrlDetection) =>
    Registry.gitea(Forge.gitea({ version: '1.26', url: 'http://localhost:3000', publicUrlDetection }), {
      owner: 'acme',
      pull,
    });
  expect(codesOf(() => node(at(Endpoint.http('localhost:5000'))))).toEqual(['FORGE-REG-006']);
  expect(codesOf(() => node(gitea(PublicUrlDetection.NEVER)))).toEqual(['FORGE-REG-008']);
  accepts(
    () => node(at(Endpoint.http('localhost:5000', { zones: [Zone.HOST, Zone.NODE] }))),
    () => node(gitea(PublicUrlDetection.AUTO)),
  );
});
