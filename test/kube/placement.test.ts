import { Size } from 'cdk8s';
import {
  Architecture,
  claimSpec,
  storageVolume,
  placementSpec,
  resourceRequirements,
  Storage,
  TaintEffect,
} from '../../lib/kube';

test('every part of a placement reaches the pod', () => {
  expect(
    placementSpec(
      {
        architecture: Architecture.ARM64,
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'builds' }, { key: 'arch', value: 'arm64', effect: TaintEffect.NO_SCHEDULE }],
        priorityClassName: 'low',
        awayFrom: [{ labels: { app: 'gitea' }, namespace: 'gitea' }],
      },
      { app: 'own' },
    ),
  ).toEqual({
    nodeSelector: { 'kubernetes.io/arch': 'arm64', disk: 'ssd' },
    tolerations: [
      { key: 'builds', operator: 'Exists' },
      { key: 'arch', operator: 'Equal', value: 'arm64', effect: 'NoSchedule' },
    ],
    priorityClassName: 'low',
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'own' } } },
          },
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: 'kubernetes.io/hostname',
              labelSelector: { matchLabels: { app: 'gitea' } },
              namespaces: ['gitea'],
            },
          },
        ],
      },
    },
  });
});

test('no placement leaves no trace', () => {
  expect(placementSpec()).toEqual({});
});

test('resources that are given win over those that a construct states', () => {
  expect(
    resourceRequirements(
      { cpuRequestMillis: 2000, memoryLimit: Size.gibibytes(8), ephemeralStorageLimit: undefined },
      {
        cpuRequestMillis: 500,
        cpuLimitMillis: 1500,
        memoryRequest: Size.gibibytes(1),
        memoryLimit: Size.gibibytes(4),
        ephemeralStorageLimit: Size.gibibytes(2),
      },
    ),
  ).toEqual({
    requests: { cpu: '2', memory: '1Gi' },
    limits: { cpu: '1500m', memory: '8Gi', 'ephemeral-storage': '2Gi' },
  });
  expect(resourceRequirements({}, {})).toEqual({});
});

test('storage renders as a claim or as an emptyDir', () => {
  expect(claimSpec(Storage.persistent(Size.gibibytes(5), 'longhorn'))).toEqual({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '5Gi' } },
    storageClassName: 'longhorn',
  });
  expect(storageVolume('v', Storage.ephemeral(Size.mebibytes(10)))).toEqual({
    name: 'v',
    emptyDir: { sizeLimit: '10Mi' },
  });
  expect(storageVolume('v', Storage.memory(Size.mebibytes(1536)))).toEqual({
    name: 'v',
    emptyDir: { medium: 'Memory', sizeLimit: '1536Mi' },
  });
});

test.each([
  ['nfs-slow', true],
  ['csi-nfs', true],
  ['nfs', true],
  ['aws-efs', true],
  ['longhorn', false],
  ['unfs3x', false],
  ['transfer', false],
])('the class %s is told to be NFS: %p', (name, expected) => {
  expect(Storage.persistent(Size.gibibytes(1), name).isNfs).toBe(expected);
});
