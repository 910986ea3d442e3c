import { NodeNeed } from '../../kube';
import { NodeProps } from './node-props';

/** A setting of the kernel. The values that work are from `least` to `most`. */
export interface Sysctl {
  /** The name. */
  readonly name: string;
  /** The value to set if the value of the machine does not work. */
  readonly value: number;
  /** The smallest value that works. */
  readonly least: number;
  /** The largest value that works; undefined if there is none. */
  readonly most?: number;
  /** Reports whether only some kernels have the setting. Without the setting, the kernel does not restrict pods. */
  readonly isOptional: boolean;
}

/** The value is that of BuildKit's own examples. */
const ALLOWED: Sysctl = { name: 'user.max_user_namespaces', value: 63359, least: 1, isOptional: false };

/** Ubuntu has this setting since 23.10. */
const UNPRIVILEGED: Sysctl = {
  name: 'kernel.apparmor_restrict_unprivileged_userns',
  value: 0,
  least: 0,
  most: 0,
  isOptional: true,
};

const SYSCTLS: Record<NodeNeed, readonly Sysctl[]> = {
  [NodeNeed.USER_NAMESPACES]: [ALLOWED],
  [NodeNeed.UNPRIVILEGED_USER_NAMESPACES]: [ALLOWED, UNPRIVILEGED],
};

/** Returns the settings of the kernel that the builders and executors of a node need. */
export function sysctlsOf({ builders = [], executors = [] }: NodeProps): Sysctl[] {
  const needs = [...builders, ...executors].flatMap(({ nodeNeeds }) => nodeNeeds ?? []);
  return [...new Set(needs.flatMap((need) => SYSCTLS[need]))];
}

/** Returns the settings as the scripts of `lib/host` read them: name, value, least and most of each line. */
export function sysctlLines(sysctls: readonly Sysctl[]): string {
  return sysctls.map(({ name, value, least, most = '-' }) => `${name} ${value} ${least} ${most}`).join('\n');
}
