import type { Container, PodSpec, Volume } from 'kubernetes-types/core/v1';
import { PodSecurity } from './pod-security';

type Part = NonNullable<Container['securityContext']>;

/** The capabilities that the baseline level allows a container to add. */
const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** The kernel parameters that the baseline level allows a pod to set, as of Kubernetes 1.30. */
const BASELINE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);

const SELINUX_TYPES = new Set([undefined, '', 'container_t', 'container_init_t', 'container_kvm_t']);

/** The volumes that the restricted level allows, identified by the key next to their name. */
const RESTRICTED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/**
 * Returns the strictest Pod Security level that admits a pod. The level is computed from the pod, so that nobody has to
 * specify the level.
 *
 * User namespaces are not considered. Clusters that relax the rules for user namespaces are still rare, and a level
 * that is too wide works.
 *
 * @see https://github.com/kubernetes/pod-security-admission/tree/v0.37.2/policy
 *
 * @jsii ignore
 */
export function podSecurityOf(pod: PodSpec): PodSecurity {
  if (!isBaseline(pod)) {
    return PodSecurity.PRIVILEGED;
  }
  return isRestricted(pod) ? PodSecurity.RESTRICTED : PodSecurity.BASELINE;
}

function containersOf(pod: PodSpec): Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers, ...((pod.ephemeralContainers ?? []) as Container[])];
}

function isBaseline(pod: PodSpec): boolean {
  return (
    !pod.hostNetwork &&
    !pod.hostPID &&
    !pod.hostIPC &&
    (pod.volumes ?? []).every((volume) => !volume.hostPath) &&
    (pod.securityContext?.sysctls ?? []).every(({ name }) => BASELINE_SYSCTLS.has(name)) &&
    isConfined(pod.securityContext ?? {}) &&
    containersOf(pod).every(isBaselineContainer)
  );
}

function isBaselineContainer(container: Container): boolean {
  const context = container.securityContext ?? {};
  return (
    !context.privileged &&
    !context.windowsOptions?.hostProcess &&
    isConfined(context) &&
    (context.capabilities?.add ?? []).every((capability) => BASELINE_CAPABILITIES.has(capability)) &&
    (context.procMount ?? 'Default') === 'Default' &&
    (container.ports ?? []).every(({ hostPort }) => !hostPort) &&
    !contactsHost(container)
  );
}

/** Returns whether the fields that pods and containers share are allowed: seccomp, AppArmor, SELinux. */
function isConfined(context: Pick<Part, 'seccompProfile' | 'appArmorProfile' | 'seLinuxOptions'>): boolean {
  const linux = context.seLinuxOptions ?? {};
  return (
    context.seccompProfile?.type !== 'Unconfined' &&
    context.appArmorProfile?.type !== 'Unconfined' &&
    SELINUX_TYPES.has(linux.type) &&
    !linux.user &&
    !linux.role
  );
}

/**
 * Returns whether a probe or hook sets its own host. Such a probe or hook can make the kubelet call any address that
 * the node can reach.
 */
function contactsHost({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): boolean {
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.preStop, lifecycle?.postStart].some((handler) =>
    Boolean(handler?.httpGet?.host ?? handler?.tcpSocket?.host),
  );
}

function isRestricted(pod: PodSpec): boolean {
  const shared = pod.securityContext ?? {};
  return (
    (pod.volumes ?? []).every(isRestrictedVolume) &&
    shared.runAsUser !== 0 &&
    shared.runAsNonRoot !== false &&
    containersOf(pod).every(({ securityContext = {} }) => isRestrictedContext(securityContext, shared))
  );
}

function isRestrictedVolume(volume: Volume): boolean {
  return Object.keys(volume).every((key) => key === 'name' || RESTRICTED_VOLUMES.has(key));
}

function isRestrictedContext(own: Part, shared: NonNullable<PodSpec['securityContext']>): boolean {
  const { add = [], drop = [] } = own.capabilities ?? {};
  const seccomp = (own.seccompProfile ?? shared.seccompProfile)?.type;
  return (
    own.allowPrivilegeEscalation === false &&
    (own.runAsNonRoot ?? shared.runAsNonRoot) === true &&
    own.runAsUser !== 0 &&
    (seccomp === 'RuntimeDefault' || seccomp === 'Localhost') &&
    drop.includes('ALL') &&
    add.every((capability) => capability === 'NET_BIND_SERVICE')
  );
}
