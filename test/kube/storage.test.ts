import { Size } from 'cdk8s';
import { Storage } from '../../lib/kube';
import { codesOf } from '../support/problems';

const of = (name?: string) => Storage.persistent(Size.gibibytes(1), name);

test.each(['Longhorn', 'long\nhorn', 'long horn', '-fast', '$(id)', 'a'.repeat(254)])(
  '%p is no storage class',
  (name) => {
    expect(codesOf(() => of(name))).toEqual(['FORGE-KUBE-015']);
  },
);

test.each([undefined, '', 'longhorn', 'rook.ceph-block', 'gp3'])('%p may be one', (name) => {
  expect(of(name).storageClassName).toBe(name);
});
