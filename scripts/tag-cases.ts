import { SortOrder, TagPolicy } from '../lib/flux';
import { ForgeError } from '../lib/support';

/** A tag policy as Flux gets it, with what the library says of each tag. */
export interface TagCase {
  readonly name: string;
  /** The parts of the spec of the ImagePolicy. */
  readonly spec: object;
  readonly tags: readonly string[];
  /** The tags that the library expects Flux to consider. */
  readonly sorted: readonly string[];
  /** The tag that Flux selects; undefined if the case does not say. */
  readonly latest?: string;
}

/** The tags that people use: a policy, tags in no order, and the tag that Flux must select. */
const USED: readonly [string, TagPolicy, readonly string[], string][] = [
  ['calver', TagPolicy.semver('>=2024.0.0'), ['2024.12.1', '2024.2.10', '2023.99.9', 'latest'], '2024.12.1'],
  [
    'LinuxServer builds',
    TagPolicy.semver('*-ls', { pattern: '.*-ls\\d+' }),
    ['1.2.3-ls45', '1.2.3-ls46', '1.2.3', 'latest', '2.0.0'],
    '1.2.3-ls46',
  ],
  [
    'decimals',
    TagPolicy.numeric({ pattern: '^(?P<n>[0-9]+\\.[0-9]+)$' }),
    ['9.20', '9.3', '17.4', '17.10', '17', 'latest'],
    '17.4',
  ],
  [
    'dates as text',
    TagPolicy.alphabetical({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    ['2026-11-28', '2026-02-28', 'latest', 'zzz', '2025-12-31'],
    '2026-11-28',
  ],
  [
    'build numbers with leading zeros',
    TagPolicy.numeric({ pattern: '^b(?P<n>[0-9]+)$' }),
    ['b0042', 'b9', 'b0100', 'b', 'b1x'],
    'b0100',
  ],
  [
    'several groups',
    TagPolicy.numeric({ pattern: '^(?P<y>\\d{4})-(?P<m>\\d{2})-(?P<d>\\d{2})$', extract: '$y$m$d' }),
    ['2026-11-28', '2026-12-01', '20261231', 'latest'],
    '2026-12-01',
  ],
  [
    'several groups as a version',
    TagPolicy.semver('*-ls', {
      pattern: '^(?P<v>[0-9.]+)_p(?P<p>\\d+)-r(?P<r>\\d+)-ls(?P<ls>\\d+)$',
      extract: '$v.$p-ls$r$ls',
    }),
    ['9.7_p1-r4-ls190', '9.7_p1-r4-ls191', '9.6_p9-r9-ls999', 'latest'],
    '9.7_p1-r4-ls191',
  ],
  ['descending numbers', TagPolicy.numeric({ order: SortOrder.DESCENDING }), ['10', '9', '007', 'v1', '3.5'], '007'],
  [
    'descending text',
    TagPolicy.alphabetical({ pattern: '^rc-[a-z]$', order: SortOrder.DESCENDING }),
    ['rc-c', 'rc-b', 'latest'],
    'rc-b',
  ],
  [
    'prereleases',
    TagPolicy.semver('>=1.0.0-rc.0 <2.0.0-0'),
    ['1.2.0-rc.1', '1.1.9', '2.1.0', '2.0.0-rc.1', '1.2.0-rc.10'],
    '1.2.0-rc.10',
  ],
  ['releases only', TagPolicy.semver('>=1.0.0'), ['1.2.0-rc.1', '1.1.9', 'v1.1.10', '1.3'], 'v1.1.10'],
  [
    'releases by time',
    TagPolicy.alphabetical({ pattern: '^RELEASE\\..*Z$' }),
    ['RELEASE.2026-01-02T03Z', 'RELEASE.2025-12-31T23Z', 'latest'],
    'RELEASE.2026-01-02T03Z',
  ],
  [
    'commits with a time',
    TagPolicy.timestamped('main'),
    ['main-0123abc-1700000001', 'main-fffffff-1700000000', 'main-0123abc', 'dev-0123abc-1800000000'],
    'main-0123abc-1700000001',
  ],
];

/** Chooses from lists; `below(n)` is a whole number from 0 to n - 1. */
export interface TagChoices {
  below(n: number): number;
  of<T>(...values: T[]): T;
}

/** A part of a pattern, and texts that it is written for; some are not what it selects. */
type Part = readonly [pattern: string, texts: readonly string[]];

const NUMBERS = ['0', '7', '42', '007', '1', '10', '2024', '20241231', '1700000000', '12345678901234567890'];
const PREFIXES: readonly Part[] = [
  ['', ['', '', 'v']],
  ['v', ['v', 'V']],
  ['v?', ['', 'v']],
  ['main-', ['main-', 'dev-']],
  ['RELEASE\\.', ['RELEASE.', 'RELEASE-']],
];
const BODIES: readonly Part[] = [
  ['\\d+', NUMBERS],
  ['[0-9]+', NUMBERS],
  ['\\d{2}', ['01', '12', '1', '123']],
  ['[0-9a-f]{7}', ['0123abc', 'fffffff', '1234567', '123']],
  ['[0-9]+\\.[0-9]+', ['1.2', '17.4', '9.20', '0.0', '1']],
  ['[0-9.]+', ['1.2.3', '1.10.0', '2024.12.1', '1..2', '3']],
  ['\\d+\\.\\d+\\.\\d+', ['1.2.3', '01.2.3', '0.9.99', '3.0.0']],
  ['[a-z]+', ['rc', 'a', 'b', 'zz', 'A']],
  ['0*\\d', ['0', '009', '5', '55']],
  ['\\w+', ['x_1', '77', 'beta']],
];
const JOINS: readonly Part[] = [
  ['', ['']],
  ['\\.', ['.', '-']],
  ['-', ['-', '_']],
  ['-b', ['-b']],
  ['-ls', ['-ls']],
  ['(?:-rc)?-?', ['-rc-', '-', '']],
];
const ENDS: readonly Part[] = [
  ['$', ['', '', '', '-x']],
  ['', ['', '-arm64', '.1']],
  ['(?:-arm64)?$', ['', '-arm64', '-amd64']],
  ['-ls\\d+$', ['-ls9', '-ls10', '']],
];
const RANGES = ['*', '*-0', '1.x', '>=1.0.0', '>=1.0.0-0', '^2', '~1.2', '>=2024.0.0', '*-ls', '<1.0.0 || >=3'];
const TEMPLATES = ['$1', '$1$2', '$1.$2', '$1.$2.0', '$2', '$1-$2', '$1.0.$2', '0.$1', '1$1'];

/** Returns a pattern, and a function that makes tags for it. */
function randomPattern(choose: TagChoices): { pattern: string; tag: () => string } {
  const texts: (readonly string[])[] = [];
  let pattern = choose.of('^', '^', '^', '');
  const add = ([part, of]: Part, wrap: (body: string) => string = (body) => body) => {
    pattern += wrap(part);
    texts.push(of);
  };
  add(choose.of(...PREFIXES));
  const count = choose.below(3) + 1;
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      add(choose.of(...JOINS));
    }
    const wraps = [
      (body: string) => `(?P<g${i}>${body})`,
      (body: string) => `(${body})`,
      (body: string) => `(?:${body})`,
      (body: string) => `(${body})?`,
    ];
    add(choose.of(...BODIES), choose.of(...wraps, wraps[0]));
  }
  add(choose.of(...ENDS));
  const tag = () => texts.map((of) => choose.of(...of)).join('');
  return { pattern, tag };
}

function randomPolicy(choose: TagChoices): { policy: TagPolicy; tag: () => string } {
  const { pattern, tag } = randomPattern(choose);
  const options = { pattern, extract: choose.of(undefined, undefined, ...TEMPLATES) };
  const order = choose.of(SortOrder.ASCENDING, SortOrder.DESCENDING);
  const make = choose.of(
    () => TagPolicy.semver(choose.of(...RANGES), options),
    () => TagPolicy.semver(choose.of(...RANGES), options),
    () => TagPolicy.numeric({ ...options, order }),
    () => TagPolicy.alphabetical({ ...options, order }),
  );
  return { policy: make(), tag };
}

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

function caseOf(name: string, policy: TagPolicy, tags: readonly string[], latest?: string): TagCase {
  const distinct = [...new Set(tags)];
  return {
    name,
    spec: policy._render(),
    tags: distinct,
    sorted: distinct.filter((tag) => policy.canSort(tag)),
    latest,
  };
}

/** Returns the tags that people use, and random policies with random tags. Policies that the library rejects are not among them. */
export function tagCases(choose: TagChoices, count: number): TagCase[] {
  const cases = USED.map(([name, policy, tags, latest]) => caseOf(name, policy, tags, latest));
  for (let tries = 0; cases.length < USED.length + count && tries < count * 50; tries++) {
    try {
      const { policy, tag } = randomPolicy(choose);
      const tags = Array.from({ length: 60 }, tag).filter((one) => TAG.test(one));
      cases.push(caseOf(`random ${tries}`, policy, tags));
    } catch (error) {
      if (!(error instanceof ForgeError)) {
        throw error;
      }
    }
  }
  return cases;
}
