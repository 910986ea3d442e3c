import { BuildkitMode } from './mode';

const MODE = 'the mode of buildkitd decides it; set mode';
const IGNORED = 'buildkitd is privileged in this mode, and a privileged container has no profile';
const OLD = 'Kubernetes before 1.30 does not have this field';

/**
 * Returns the additions that a buildkitd cannot have, with the reason. The user, the rights and the directories of
 * buildkitd fit together in a mode only.
 */
export function closed(mode: BuildkitMode, usesAppArmorField: boolean): Record<string, string> {
  const rights = [
    'runAsUser',
    'runAsGroup',
    'fsGroup',
    'privileged',
    'allowPrivilegeEscalation',
    'readOnlyRootFilesystem',
  ];
  const profiles = mode.isRootless
    ? usesAppArmorField
      ? {}
      : { appArmor: OLD }
    : { seccomp: IGNORED, appArmor: IGNORED };
  const all = { ...Object.fromEntries(rights.map((right) => [right, MODE])), ...profiles };
  return Object.fromEntries(Object.entries(all).map(([right, why]) => [`security.${right}`, why]));
}
