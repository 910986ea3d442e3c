import { refusedField } from '../../../lib/cli/diff/immutable';
import { Manifest } from '../../../lib/cli/diff/platform';

const object = (apiVersion: string, kind: string, rest: object = {}): Manifest =>
  ({ apiVersion, kind, metadata: { name: 'x', namespace: 'y' }, ...rest }) as Manifest;

const spec = (apiVersion: string, kind: string) => (value: object) => object(apiVersion, kind, { spec: value });
const set = spec('apps/v1', 'StatefulSet');
const template = (size: string, rest: object = {}): object => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...rest },
});
const claim = (size: string, rest: object = {}): Manifest =>
  object('v1', 'PersistentVolumeClaim', template(size, rest));
const service = spec('v1', 'Service');
const job = spec('batch/v1', 'Job');
const data = (rest: object): Manifest => object('v1', 'ConfigMap', rest);

test.each([
  [
    'StatefulSet: claim template',
    set({ volumeClaimTemplates: [template('1Gi')] }),
    set({ volumeClaimTemplates: [template('2Gi')] }),
    'spec.volumeClaimTemplates',
  ],
  [
    'StatefulSet: default of a claim template',
    set({ volumeClaimTemplates: [template('1Gi')] }),
    set({ volumeClaimTemplates: [template('1Gi', { volumeMode: 'Filesystem' })] }),
    undefined,
  ],
  ['StatefulSet: service', set({ serviceName: 'a' }), set({ serviceName: 'b' }), 'spec.serviceName'],
  ['StatefulSet: pod management', set({}), set({ podManagementPolicy: 'Parallel' }), 'spec.podManagementPolicy'],
  ['StatefulSet: default of pod management', set({}), set({ podManagementPolicy: 'OrderedReady' }), undefined],
  [
    'StatefulSet: template and replicas',
    set({ replicas: 1, template: { a: 1 } }),
    set({ replicas: 2, template: { a: 2 } }),
    undefined,
  ],
  [
    'Deployment: selector',
    spec('apps/v1', 'Deployment')({ selector: { a: 'b' } }),
    spec('apps/v1', 'Deployment')({ selector: { a: 'c' } }),
    'spec.selector',
  ],
  [
    'Deployment: template',
    spec('apps/v1', 'Deployment')({ template: { a: 'b' } }),
    spec('apps/v1', 'Deployment')({ template: { a: 'c' } }),
    undefined,
  ],
  [
    'a Deployment of another group',
    spec('other/v1', 'Deployment')({ selector: { a: 'b' } }),
    spec('other/v1', 'Deployment')({ selector: { a: 'c' } }),
    undefined,
  ],
  ['claim: class', claim('1Gi'), claim('1Gi', { storageClassName: 'fast' }), 'spec.storageClassName'],
  ['claim: volume', claim('1Gi', { volumeName: 'a' }), claim('1Gi', { volumeName: 'b' }), 'spec.volumeName'],
  ['claim: growth', claim('1Gi'), claim('1500Mi'), undefined],
  ['claim: growth over units', claim('1Gi'), claim('1100M'), undefined],
  ['claim: shrinkage', claim('1Gi'), claim('1000Mi'), 'spec.resources.requests.storage'],
  ['claim: default', claim('1Gi'), claim('1Gi', { volumeMode: 'Filesystem' }), undefined],
  ['Service: address', service({ clusterIP: '10.0.0.1' }), service({ clusterIP: '10.0.0.2' }), 'spec.clusterIP'],
  ['Service: address None no longer named', service({ clusterIP: 'None' }), service({}), undefined],
  ['Service: to headless', service({}), service({ clusterIP: 'None' }), 'spec.clusterIP'],
  ['Service: address no longer named', service({ clusterIP: '10.0.0.1' }), service({}), undefined],
  ['Service: to ExternalName', service({ clusterIP: 'None' }), service({ type: 'ExternalName' }), undefined],
  ['Job: template', job({ template: { a: 1 } }), job({ template: { a: 2 } }), 'spec.template'],
  ['Job: parallelism', job({ parallelism: 1 }), job({ parallelism: 2 }), undefined],
  ['Secret: type', object('v1', 'Secret'), object('v1', 'Secret', { type: 'kubernetes.io/tls' }), 'type'],
  ['Secret: default type', object('v1', 'Secret'), object('v1', 'Secret', { type: 'Opaque' }), undefined],
  [
    'immutable ConfigMap: data',
    data({ immutable: true, data: { a: '1' } }),
    data({ immutable: true, data: { a: '2' } }),
    'data',
  ],
  ['immutable ConfigMap: the mark', data({ immutable: true }), data({}), 'immutable'],
  ['ConfigMap: data and the mark', data({ data: { a: '1' } }), data({ immutable: true, data: { a: '2' } }), undefined],
  [
    'RoleBinding: role',
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { name: 'a' } }),
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { name: 'b' } }),
    'roleRef',
  ],
  [
    'StorageClass: parameters',
    object('storage.k8s.io/v1', 'StorageClass', { parameters: { a: 'b' } }),
    object('storage.k8s.io/v1', 'StorageClass'),
    'parameters',
  ],
])('%s', (_, old, next, field) => {
  expect(refusedField(old, next)).toBe(field);
});
