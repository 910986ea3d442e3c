import { execFileSync } from 'node:child_process';
import { FluxVersion } from '../lib/flux';
import { Pin, PINS } from '../lib/support';

// Prints which facts about other software are old, and which are behind what the package registries serve. Never fails: without a
// network, or without Go, it says so and prints what the tables alone show.

const DAYS = 120;
const MINORS = 2;

const ALL: Pin[] = [PINS.images, PINS.actions, PINS.charts, PINS.crds].flatMap((pins) => Object.values(pins));

/** Go modules that have the version of a pin, or of a table of versions. */
const MODULES: [module: string, known: string][] = [
  ['github.com/moby/buildkit', PINS.images.buildkit.version],
  ['github.com/cert-manager/cert-manager', PINS.crds.certManager.version],
  ['github.com/external-secrets/external-secrets', PINS.crds.externalSecrets.version],
  ['github.com/bitnami-labs/sealed-secrets', PINS.crds.sealedSecrets.version],
  ['github.com/kedacore/keda/v2', PINS.crds.keda.version],
  ['github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring', PINS.crds.prometheusOperator.version],
  // Flux 2.10 has source-controller 1.10.
  ['github.com/fluxcd/source-controller/api', `v${FluxVersion.LATEST_KNOWN.text.replace(/^2/, '1')}.0`],
];

/** The pins that were compared with their source more than 120 days before a day. */
export function oldPins(pins: readonly Pin[], today: number): string[] {
  return pins
    .filter(({ checked }) => today - Date.parse(checked) > DAYS * 86_400_000)
    .map(({ name, version, checked }) => `${name} ${version}: compared on ${checked}`);
}

/** The number of minor versions between two versions; Infinity between two major versions. */
export function minorsBehind(known: string, newest: string): number {
  const [left, right] = [known, newest].map((version) => /(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0]);
  if (right[0] !== left[0]) {
    return right[0] > left[0] ? Infinity : 0;
  }
  return Math.max(0, right[1] - left[1]);
}

/** The pins that name a version far behind the newest one that the table knows. */
export function behindPins(pins: readonly Pin[]): string[] {
  return pins.flatMap(({ name, version, newest }) =>
    newest !== undefined && minorsBehind(version, newest) > MINORS ? [`${name} ${version}: ${newest} exists`] : [],
  );
}

/** The newest release of a Go module that the proxy lists; undefined without Go, a network or a release. */
function newestOf(module: string): string | undefined {
  try {
    const output = execFileSync('go', ['list', '-m', '-versions', module], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: '/',
    });
    return output
      .trim()
      .split(' ')
      .filter((version) => /^v\d+\.\d+\.\d+$/.test(version))
      .at(-1);
  } catch {
    return undefined;
  }
}

function servedLines(): string[] {
  return MODULES.flatMap(([module, known]) => {
    const newest = newestOf(module);
    if (newest === undefined) {
      return [`${module}: not asked (no network, or no Go)`];
    }
    return minorsBehind(known, newest) > MINORS ? [`${module}: ${known} is known, ${newest} is served`] : [];
  });
}

if (require.main === module) {
  const lines = [...oldPins(ALL, Date.now()), ...behindPins(ALL), ...servedLines()];
  console.log(lines.length > 0 ? `Versions to look at:\n${lines.join('\n')}` : 'All versions are recent.');
}
