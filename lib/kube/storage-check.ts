import { Size, SizeRoundingBehavior } from 'cdk8s';
import { DNS_LABEL, DNS_SUBDOMAIN, ForgeError, hasControlCharacter, quoted } from '../support';
import { badAnnotations, badLabels } from './labels';
import { ClaimProps, HostPathProps, HostPathType } from './storage-props';

/** Rejects a claim name that no claim can have. */
export function checkClaimName(name: string): void {
  if (DNS_SUBDOMAIN.test(name)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-KUBE-016',
    message: `${quoted(name)} is not the name of a claim`,
    allowed: 'a-z, 0-9, "-" and ".", as `kubectl get persistentvolumeclaims` lists it',
    fix: 'pass the name of the claim',
    symptom: 'persistentvolumeclaim not found; the pod stays Pending',
  });
}

/** Rejects what a claim cannot have. The name is also that of a volume of the pod, which must be a DNS label. */
export function checkClaimProps({ name, labels, annotations }: ClaimProps): void {
  if (name !== undefined && !DNS_LABEL.test(name)) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-016',
      message: `${quoted(name)} is not the name of a claim template`,
      allowed: 'a-z, 0-9 and "-", at most 63 characters, first and last a letter or digit',
      fix: 'set claim.name to the name under volumeClaimTemplates',
    });
  }
  const bad = [...badLabels(labels), ...badAnnotations(annotations)];
  if (bad.length > 0) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-016',
      message: `a claim cannot have the labels or annotations ${bad.map((one) => quoted(one)).join(', ')}`,
      allowed: 'keys of letters, digits, "-", "_" and "." after an optional domain and "/"; values of labels alike',
      fix: 'set claim.labels and claim.annotations to what the claim has',
    });
  }
}

/**
 * Rejects a size of 0, which no volume has. For an emptyDir, 0 is no limit.
 *
 * @throws FORGE-KUBE-026
 */
export function checkSize(size: Size | undefined): void {
  if (size === undefined || size.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) > 0) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-KUBE-026',
    message: 'the size of the storage is 0',
    allowed: 'at least 1 KiB',
    fix: 'set the size of the data, for example Size.gibibytes(10)',
    symptom: 'spec.resources.requests.storage: Invalid value: "0": must be greater than zero',
  });
}

/** Rejects a path that is not a directory of a node, and a node that cannot exist. */
export function checkHostPath(path: string, { node, type }: HostPathProps): void {
  if (type === HostPathType.FILE || type === HostPathType.SOCKET) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-016',
      message: `the host path ${quoted(path)} of storage is a ${type.toLowerCase()}`,
      allowed: 'HostPathType.DIRECTORY or DIRECTORY_OR_CREATE',
      fix: 'remove type; or mount the path with PodVolume.hostPath',
      symptom: 'not a directory',
    });
  }
  if (!/^\/.*[^/]$/s.test(path) || hasControlCharacter(path) || path.split('/').includes('..')) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-016',
      message: `the host path is ${quoted(path)}`,
      allowed: 'an absolute path without ".." and control characters, below the root: /var/lib/buildkit',
      fix: 'pass the path of the directory on the node',
      symptom: "must not contain '..'; or: hostPath type check failed",
    });
  }
  if (!DNS_SUBDOMAIN.test(node) || node.length > 63) {
    throw ForgeError.of({
      code: 'FORGE-KUBE-016',
      message: `node ${quoted(node)} is not the name of a node`,
      allowed: 'the value of the label kubernetes.io/hostname, as `kubectl get nodes --show-labels` lists it',
      fix: 'set node to the node on which the directory is',
      symptom: "node(s) didn't match Pod's node affinity/selector",
    });
  }
}
