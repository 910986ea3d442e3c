import { Construct } from 'constructs';
import type { EnvVar } from 'kubernetes-types/core/v1';
import { workloadName } from '../../kube';
import { withDirectHosts } from '../access/egress';
import { Choices } from '../check/choices';

const S3_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/**
 * Returns the environment variables that a buildkitd is configured with. The Secret of the object store is noted at the
 * daemon.
 *
 * @internal
 */
export function environmentOf(daemon: Construct, choices: Choices): EnvVar[] {
  const { s3Credentials } = choices;
  const plain = Object.entries(withDirectHosts(daemon, choices)).map(([name, value]) => ({ name, value }));
  if (!s3Credentials) {
    return plain;
  }
  const name = s3Credentials.provide(daemon, {
    purpose: `BuildKit daemon ${workloadName(daemon)} keeps its cache in an object store`,
    type: 'Opaque',
    keys: S3_KEYS,
  });
  return [...plain, ...S3_KEYS.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } }))];
}
