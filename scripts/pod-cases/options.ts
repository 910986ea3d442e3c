import { Chart, Testing } from 'cdk8s';
import { PodOptions, PodServiceAccount, PodVolume, SecurityProfile } from '../../lib/kube';
import { ForgeError } from '../../lib/support';
import { chart } from '../../test/runner/fixture';
import { ALL, WORKLOADS } from '../../test/kube/pod-workloads';
import { levelsOf, PodCase } from './pod-case';

/** Additions that raise the Pod Security level, each of its own. */
const RAISING: Record<string, PodOptions> = {
  all: ALL,
  privileged: { security: { privileged: true } },
  admin: { security: { addCapabilities: ['SYS_ADMIN'] } },
  root: { security: { runAsUser: 0 } },
  unconfined: { security: { appArmor: SecurityProfile.UNCONFINED } },
  account: { serviceAccount: PodServiceAccount.withToken('deployer') },
  volumes: {
    mounts: [
      { volume: PodVolume.hostPath('host', '/run/docker'), path: '/mnt/host' },
      { volume: PodVolume.nfs('nfs', 'nas.home.example', '/export'), path: '/mnt/nfs' },
      { volume: PodVolume.csi('csi', 'secrets-store.csi.k8s.io', { secretProviderClass: 'ci' }), path: '/mnt/csi' },
      { volume: PodVolume.serviceAccountToken('token', 'vault'), path: '/mnt/token' },
    ],
  },
};

/** Every workload with every kind of addition: the server takes it, and the level is that of the pod with its additions. */
export function optionCases(): PodCase[] {
  return Object.entries(WORKLOADS).flatMap(([workload, { make }]) =>
    Object.entries(RAISING).flatMap(([kind, pod]) => {
      const scope: Chart = chart();
      try {
        make(scope, pod);
      } catch (e) {
        // What a workload decides itself is refused.
        if (e instanceof ForgeError) {
          return [];
        }
        throw e;
      }
      const objects = Testing.synth(scope).filter(({ kind: of }) => !/^(ScaledJob|TriggerAuthentication)$/.test(of));
      const name = `options-${workload.toLowerCase().replace(/ /g, '-')}-${kind}`;
      return [{ name, objects, levels: levelsOf(objects) }];
    }),
  );
}
