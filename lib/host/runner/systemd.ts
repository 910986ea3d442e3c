import { quantity } from '../../kube';
import { serviceOf, ServiceParts } from './service-parts';

/** The settings that take from a service what it does not need. Jobs run as children of the service, under the same settings. */
const HARDENING = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'SystemCallArchitectures=native',
  'UMask=0077',
];

/** Returns the systemd unit of a runner. */
export function systemdUnit({ blueprint, native, folders }: ServiceParts): string {
  const { name, runner, life } = blueprint;
  const { memoryLimit, cpuLimitMillis } = runner.resources ?? {};
  const environment = Object.entries(native.environment(runner));
  return unitText([
    '[Unit]',
    `Description=Runner ${name}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    `User=${serviceOf(name)}`,
    `Group=${serviceOf(name)}`,
    ...environment.map(([key, value]) => `Environment=${quotedWord(`${key}=${value}`, '$')}`),
    `WorkingDirectory=${folders.state}`,
    `ExecStart=${native.command.map((word) => quotedWord(word)).join(' ')}`,
    'Restart=always',
    'RestartSec=5',
    '# A job that runs ends before the service stops.',
    'KillMode=mixed',
    `TimeoutStopSec=${life.graceSeconds}`,
    ...(memoryLimit ? [`MemoryMax=${quantity(memoryLimit).replace(/i$/, '')}`] : []),
    ...(cpuLimitMillis === undefined ? [] : [`CPUQuota=${cpuLimitMillis / 10}%`]),
    `ReadWritePaths=${[folders.state, ...native.ownDirectories].map((path) => quotedWord(path, '$')).join(' ')}`,
    ...HARDENING,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ]);
}

/** Returns the text of a unit. A control character is escaped: a line feed would begin a setting. */
export function unitText(lines: readonly string[]): string {
  return lines.map(escapedControls).join('\n');
}

function escapedControls(text: string): string {
  const code = (character: string) => character.charCodeAt(0).toString(16).padStart(2, '0');
  return text.replace(/[\u0000-\u001f\u007f]/g, (character) => `\\x${code(character)}`);
}

/** Returns a word of a unit, in which systemd replaces nothing. It replaces variables in commands only. */
export function quotedWord(text: string, dollar = '$$'): string {
  const literal = text.replace(/%/g, '%%').replace(/\$/g, () => dollar);
  return /^[A-Za-z0-9_./:=@,%+-]+$/.test(literal) ? literal : `"${escapedControls(literal.replace(/[\\"]/g, '\\$&'))}"`;
}
