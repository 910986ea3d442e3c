/** One option of `docker create`, with its value; the value is empty for a switch. */
export interface DockerOption {
  readonly flag: string;
  readonly value: string;
}

function unquoted(word: string): string {
  return word.replace(/"[^"]*"|'[^']*'|\\./g, (part) => (part.startsWith('\\') ? part.slice(1) : part.slice(1, -1)));
}

/** The options whose value is part of the same or of the next word. The others are switches. */
const SWITCHES = new Set(['--privileged', '--init', '--read-only', '--tty', '-t', '--interactive', '-i', '--rm', '-P']);

/** Returns the options of a text in the format of `docker create`. Quotes are removed. */
export function dockerOptions(text: string): DockerOption[] {
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g)].map(([word]) => unquoted(word));
  const found: DockerOption[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    const [, flag, value] = /^(--[a-z0-9-]+)=(.*)$/s.exec(word) ?? /^(-[a-z])=?(.+)$/is.exec(word) ?? [];
    if (flag !== undefined && !word.startsWith('---')) {
      found.push({ flag, value });
    } else if (word.startsWith('-')) {
      const takesNext = !SWITCHES.has(word) && words[i + 1] !== undefined && !words[i + 1].startsWith('-');
      found.push({ flag: word, value: takesNext ? words[i + 1] : '' });
      i += takesNext ? 1 : 0;
    }
  }
  return found;
}

const HOST_NAMESPACES = new Set(['--pid', '--ipc', '--uts', '--userns', '--cgroupns']);
const ROOT_FLAGS = new Set(['--cap-add', '--device', '--device-cgroup-rule', '--volumes-from', '--cgroup-parent']);

/** Returns the options that remove the isolation of a container, as text. */
export function looseFlags(options: readonly DockerOption[]): string[] {
  return options.filter(isLoose).map(({ flag, value }) => (value === '' ? flag : `${flag}=${value}`));
}

function isLoose({ flag, value }: DockerOption): boolean {
  if (flag === '--privileged') {
    return !/^(false|f|0)$/i.test(value);
  }
  if (flag === '--security-opt') {
    return /unconfined|disable|no-new-privileges[:=]false/i.test(value);
  }
  return ROOT_FLAGS.has(flag) || (HOST_NAMESPACES.has(flag) && /^(host|container:.*)$/.test(value));
}

/** Directories whose files control the daemon or the machine, also if they are mounted read-only. */
const SENSITIVE =
  /^\/($|(proc|sys|dev|root|boot)(\/|$)|etc$|home$|(run|var|var\/run|var\/lib)$|(var\/)?run\/.*\.sock$|(var\/)?lib\/(docker|containerd|kubelet|rancher)(\/|$))/;

/** Returns the paths that options mount from where the daemon runs: all writable ones, and sensitive ones. */
export function hostPaths(options: readonly DockerOption[]): string[] {
  return options
    .map(mountOf)
    .filter((mount) => mount !== undefined)
    .filter(({ source, readOnly }) => source.startsWith('/') && (!readOnly || SENSITIVE.test(source)))
    .map(({ source }) => source);
}

function mountOf({ flag, value }: DockerOption): { source: string; readOnly: boolean } | undefined {
  if (flag === '-v' || flag === '--volume') {
    const [source, target, mode = ''] = value.split(':');
    return target === undefined ? undefined : { source: tidy(source), readOnly: mode.split(',').includes('ro') };
  }
  if (flag !== '--mount') {
    return undefined;
  }
  const fields = new Map(value.split(',').map((field) => field.split('=', 2) as [string, string | undefined]));
  const source = fields.get('source') ?? fields.get('src') ?? '';
  const isReadOnly = (name: string) => fields.has(name) && fields.get(name) !== 'false';
  return { source: tidy(source), readOnly: isReadOnly('readonly') || isReadOnly('ro') };
}

function tidy(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}

const PROBES = ['/', '/etc', '/root', '/home/user', '/var/run/docker.sock', '/run/docker.sock', '/var/lib/docker'];

/**
 * Returns whether a pattern of `validVolumes` allows paths, and not only volumes by name. In the runner's patterns, `*`
 * also matches slashes.
 */
export function isWideGlob(pattern: string): boolean {
  return pattern.startsWith('/') || PROBES.some((path) => regexOf(pattern).test(path));
}

function regexOf(pattern: string): RegExp {
  const text = pattern.replace(/\*+|\?|\{|\}|,|\[!|[.+^$()|\\/]/g, (token) => {
    const known: Record<string, string> = { '?': '.', '{': '(?:', '}': ')', ',': '|', '[!': '[^' };
    return token.startsWith('*') ? '.*' : (known[token] ?? `\\${token}`);
  });
  try {
    return new RegExp(`^(?:${text})$`, 's');
  } catch {
    // Not a pattern for the runner either.
    return /^\b$/;
  }
}
