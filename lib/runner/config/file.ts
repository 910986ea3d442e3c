import { Scalar, stringify } from 'yaml';
import { hasControlCharacter, ownOf, Problems, quoted } from '../../support';
import { CONTAINER_SETTINGS } from './container-settings';
import { RunnerConfig } from './config';
import { Setting, WireValue } from './setting';
import { RUNNER_SETTINGS } from './settings';

const SETTINGS = [...RUNNER_SETTINGS, ...CONTAINER_SETTINGS];

/** The settings that the library decides, by their key in `config.yaml`. */
export type OwnedSettings = Record<string, WireValue | undefined>;

/** The order of the sections in the file. */
const SECTIONS = ['log', 'runner', 'cache', 'container', 'host', 'health_check', 'metrics', 'server'];

/**
 * Returns the content of `config.yaml`, with only the settings that differ from the runner binary's defaults. Settings
 * that the library decides override the user's settings.
 */
export function configFile(
  config: RunnerConfig,
  { keyOf, owned }: { keyOf: (setting: Setting) => string | undefined; owned: OwnedSettings },
): string {
  const flat = new Map<string, WireValue>();
  for (const setting of SETTINGS) {
    const key = keyOf(setting);
    const value = setting.read(config);
    if (key !== undefined && value !== undefined && !isFallback(value, setting)) {
      flat.set(key, value);
    }
  }
  for (const [key, value] of Object.entries(owned)) {
    if (value !== undefined) {
      flat.set(key, value);
    }
  }
  return stringify(nested(flat), { lineWidth: 0, version: '1.1' });
}

/** Reports every value that a runner would reject, and shows every setting that is set to `checkKnown`. */
export function checkConfig(config: RunnerConfig, problems: Problems, checkKnown: (setting: Setting) => void): void {
  for (const setting of SETTINGS) {
    if (setting.read(config) !== undefined) {
      checkKnown(setting);
    }
  }
  checkNumbers(config, problems);
  checkDurations(config, problems);
  checkText(config, problems);
}

function isFallback(value: WireValue, setting: Setting): boolean {
  return value === setting.fallback || (typeof value === 'object' && Object.keys(value).length === 0);
}

function bad(problems: Problems, message: string, allowed: string): void {
  problems.add({ code: 'FORGE-RUN-007', message, allowed, fix: 'change the value in config' });
}

function checkNumbers(config: RunnerConfig, problems: Problems): void {
  const counts: [string, number | undefined, number][] = [
    ['capacity', config.capacity, 1000],
    ['logReportBatchSize', config.logReportBatchSize, 1_000_000],
    ['cache.port', config.cache?.port, 65535],
    ['cache.proxyPort', config.cache?.proxyPort, 65535],
  ];
  for (const [name, value, most] of counts) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= most)) {
      bad(problems, `config.${name} is ${quoted(value)}`, `a whole number from 1 to ${most}`);
    }
  }
}

function checkDurations(config: RunnerConfig, problems: Problems): void {
  const ms = (value: { toMilliseconds(): number } | undefined, otherwise: number) =>
    value?.toMilliseconds() ?? otherwise;
  for (const [name, value] of Object.entries({
    timeout: config.timeout,
    shutdownTimeout: config.shutdownTimeout,
    fetchTimeout: config.fetchTimeout,
    fetchInterval: config.fetchInterval,
  })) {
    if (value !== undefined && value.toMilliseconds() <= 0) {
      bad(
        problems,
        `config.${name} is 0`,
        'more than 0: the runner takes 0 for "use the default", or for "cancel all jobs at once" on shutdown',
      );
    }
  }
  if (ms(config.fetchTimeout, 0) > 60_000) {
    bad(problems, `config.fetchTimeout is ${config.fetchTimeout!.toMilliseconds()} ms`, 'at most 60 seconds');
  }
  if (config.fetchIntervalMax !== undefined && ms(config.fetchIntervalMax, 0) < ms(config.fetchInterval, 2000)) {
    bad(problems, 'config.fetchIntervalMax is shorter than config.fetchInterval', 'fetchInterval or longer');
  }
  const { logReportInterval, logReportMaxLatency } = config;
  if (
    (logReportInterval ?? logReportMaxLatency) !== undefined &&
    ms(logReportMaxLatency, 3000) >= ms(logReportInterval, 5000)
  ) {
    bad(
      problems,
      'config.logReportMaxLatency is not shorter than config.logReportInterval, so it never takes effect',
      'logReportMaxLatency (3 seconds by default) below logReportInterval (5 seconds by default)',
    );
  }
}

function checkText(config: RunnerConfig, problems: Problems): void {
  for (const { name, read } of SETTINGS) {
    const value = read(config);
    const lines = Array.isArray(value) ? value : [value];
    lines
      .filter((line) => typeof line === 'string' && hasControlCharacter(line))
      .forEach((line) =>
        bad(problems, `config.${name} holds ${quoted(line)}`, 'one line of text, without control characters'),
      );
  }
  checkAddresses(config, problems);
}

function checkAddresses({ cache = {}, container = {} }: RunnerConfig, problems: Problems): void {
  if (cache.externalServer !== undefined && !/^https?:\/\/[^\s/]+\/$/.test(cache.externalServer)) {
    bad(
      problems,
      `config.cache.externalServer is ${quoted(cache.externalServer)}`,
      'http:// or https://, host and port, and a slash at the end',
    );
  }
  if (cache.host === '0.0.0.0' || cache.host === '::') {
    bad(problems, `config.cache.host is ${quoted(cache.host)}`, 'an address that job containers can connect to');
  }
  if (container.workdirParent?.startsWith('/')) {
    bad(
      problems,
      `config.container.workdirParent is ${quoted(container.workdirParent)}`,
      'a path without a slash in front: the runner adds it',
    );
  }
}

/** Converts `a.b.c` keys to nested maps, with the sections in their fixed order. */
function nested(flat: ReadonlyMap<string, WireValue>): object {
  const root: Record<string, unknown> = {};
  const keys = [...flat.keys()].sort((a, b) => SECTIONS.indexOf(a.split('.')[0]) - SECTIONS.indexOf(b.split('.')[0]));
  for (const key of keys) {
    const path = key.split('.');
    const last = path.pop()!;
    let at = root;
    for (const step of path) {
      at[step] = ownOf(at, step) ?? {};
      at = at[step] as Record<string, unknown>;
    }
    const value = flat.get(key);
    at[last] = isTextMap(value) ? quotedValues(value) : value;
  }
  return root;
}

function isTextMap(value: WireValue | undefined): value is Record<string, string> {
  return typeof value === 'object' && !Array.isArray(value);
}

/**
 * Quotes free text from the user, because the YAML version of the reader decides whether unquoted text is a number or a
 * boolean.
 */
function quotedValues(map: Record<string, string>): Record<string, Scalar<string>> {
  return Object.fromEntries(
    Object.entries(map).map(([name, text]) => {
      const scalar = new Scalar(text);
      scalar.type = 'QUOTE_DOUBLE';
      return [name, scalar];
    }),
  );
}
