import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { podSecurityOf } from '../../kube';
import { pinnedImage, PINS, scriptText } from '../../support';
import { servingPath } from '../access/docker-hub';
import { ImageName } from '../name/image-name';
import { CONFINED, confinedPod } from './pod';
import { RegistryMirrorProps } from './props';

const FOLDER = '/etc/seed';

/** The parts of the CronJob that fills a mirror. */
interface Seed {
  /** Name of the CronJob. */
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly props: RegistryMirrorProps;
  readonly mirrorUrl: string;
}

/** Returns an image as the API of a registry names it. */
export function seedImage(text: string): { name: string; reference: string } {
  const { host, path, tag, digest } = ImageName.parse(text);
  return { name: servingPath(host, path), reference: digest ?? tag ?? '' };
}

/** Creates the CronJob that pulls images through the mirror, with its script. */
export function seedMirror(mirror: Construct, { name, labels, props, mirrorUrl }: Seed): void {
  const { seed = [], seedArchitectures, seedSchedule = '7 2 * * *' } = props;
  const settings = { images: seed.map(seedImage), ...(seedArchitectures ? { architectures: seedArchitectures } : {}) };
  new ApiObject(mirror, 'SeedConfig', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-config` },
    data: {
      'seed.mjs': scriptText(__dirname, 'seed.mjs'),
      'seed.json': JSON.stringify(settings, null, 2) + '\n',
    },
  });
  const pod = seedPod(name, mirrorUrl);
  podSecurityOf(pod).mark(mirror);
  new ApiObject(mirror, 'Seed', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, labels },
    spec: {
      schedule: seedSchedule,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 4 * 3600,
          ttlSecondsAfterFinished: 7 * 86400,
          template: { metadata: { labels }, spec: pod },
        },
      },
    },
  });
}

function seedPod(name: string, mirrorUrl: string): PodSpec {
  return {
    ...confinedPod(),
    restartPolicy: 'Never',
    containers: [
      {
        name: 'seed',
        image: pinnedImage(PINS.images.node),
        command: ['node', `${FOLDER}/seed.mjs`],
        env: [
          { name: 'MIRROR_URL', value: mirrorUrl },
          { name: 'SEED_FILE', value: `${FOLDER}/seed.json` },
        ],
        securityContext: CONFINED,
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
        volumeMounts: [{ name: 'config', mountPath: FOLDER, readOnly: true }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: `${name}-config` } }],
  };
}
