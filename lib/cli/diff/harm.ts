import { apiGroupOf } from '../../kube';
import { at } from './fields';
import { Manifest } from './platform';

/** The effect of a deletion, besides the object itself. */
export interface Harm {
  /** True if data is lost that no synth brings back. */
  readonly losesData: boolean;
  readonly text: string;
}

const lost = (text: string): Harm => ({ losesData: true, text });
const stopped = (text: string): Harm => ({ losesData: false, text });

/** The effects by group and kind. */
const HARMS: Record<string, (object: Manifest) => Harm> = {
  '/Namespace': () => lost('everything in the namespace goes too, also what is not in Git'),
  '/PersistentVolumeClaim': () => lost('the volume goes too, if its reclaim policy is Delete'),
  '/PersistentVolume': () => lost('the claim loses its volume'),
  'apiextensions.k8s.io/CustomResourceDefinition': () => lost('all objects of this kind go too'),
  'helm.toolkit.fluxcd.io/HelmRelease': () => lost('Helm uninstalls the release'),
  'apps/StatefulSet': (object) =>
    at(object, 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted') === 'Delete'
      ? lost('its pods stop, and its claims go too (whenDeleted: Delete)')
      : stopped('its pods stop; its claims stay'),
  'apps/Deployment': () => stopped('its pods stop'),
  'apps/DaemonSet': () => stopped('its pods stop'),
  'batch/CronJob': () => stopped('its jobs stop'),
  'batch/Job': () => stopped('its pods stop'),
  'keda.sh/ScaledJob': () => stopped('its jobs stop'),
  '/Service': () => stopped('its name and address stop to work'),
  '/Secret': () => stopped('pods that read it do not start any more'),
  '/ConfigMap': () => stopped('pods that read it do not start any more'),
  '/ServiceAccount': () => stopped('its pods lose their rights, and new ones do not start'),
  'external-secrets.io/ExternalSecret': () => stopped('the Secret that it made goes too'),
  'bitnami.com/SealedSecret': () => stopped('the Secret that it made goes too'),
  'source.toolkit.fluxcd.io/GitRepository': () => stopped('what reads this source gets no new revision'),
};

/** Returns the effect of deleting an object, besides the object itself. */
export function harmOf(object: Manifest): Harm | undefined {
  return HARMS[`${apiGroupOf(object.apiVersion)}/${object.kind}`]?.(object);
}
