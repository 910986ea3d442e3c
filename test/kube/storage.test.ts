import { Size } from 'cdk8s';
import { Storage } from '../../lib/kube';
import { accepts, codesOf } from '../support/problems';

const of = (name?: string) => Storage.persistent(Size.gibibytes(1), name);

test.each(['Longhorn', 'long\nhorn', 'long horn', '-fast', '$(id)', 'a'.repeat(254)])(
  '%p is no storage class',
  (name) => {
    expect(codesOf(() => of(name))).toEqual(['FORGE-KUBE-015']);
    expect(() => ['longhorn', 'a', 'fast-1', 'a'.repeat(253)].map((good) => of(good))).not.toThrow();
  },
);

test.each([undefined, '', 'longhorn', 'rook.ceph-block', 'gp3'])('%p may be one', (name) => {
  expect(of(name).storageClassName).toBe(name);
});

test.each<[string, (size: Size) => Storage]>([
  ['a claim', (size) => Storage.persistent(size)],
  ['an existing claim', (size) => Storage.existingClaim('data', size)],
  ['a directory of a node', (size) => Storage.hostPath('/data', { node: 'n', size })],
  ['an emptyDir', (size) => Storage.ephemeral(size)],
  ['memory', (size) => Storage.memory(size)],
])('%s has a size', (_, make) => {
  expect(codesOf(() => make(Size.kibibytes(0)))).toEqual(['FORGE-KUBE-026']);
  accepts(() => make(Size.kibibytes(1)));
});
