import { App, Chart, Duration, Lazy, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { GarbageCollection } from '../../lib/buildkit';
import { GiteaRelease, GiteaReleaseProps, Forge } from '../../lib/forge';
import { Egress, Storage } from '../../lib/kube';
import { OutputFile } from '../../lib/output';
import { DaemonJson, Endpoint, Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { ForgeError } from '../../lib/support';
import { readShape, shapeInWords } from '../../lib/support/shape';
import { Input } from '../../lib/workflow';
import { accepts, codesOf } from './problems';

const chart = () => new Chart(new App(), 'chart', { namespace: 'ns' });
const release = (): GiteaReleaseProps => ({
  version: '1.26',
  storage: Storage.persistent(Size.gibibytes(5)),
  admin: SecretSource.existing('gitea-admin'),
});
const given = (value: unknown) => value as never;

function problemsOf(call: () => unknown): [string, string, string?, string?][] {
  try {
    call();
    return [];
  } catch (e) {
    return (e as ForgeError).problems.map((p) => [p.code, p.message, p.fix, p.path]);
  }
}

describe('the arguments of a factory', () => {
  test('that are missing are named, with the environment as the likely reason', () => {
    expect(problemsOf(() => SecretSource.existing(given(process.env.NOT_SET_ANYWHERE)))).toEqual([
      [
        'FORGE-ARG-001',
        'secretName of SecretSource.existing() is undefined',
        'set secretName; if its value is read from the environment, check that the variable is set',
        undefined,
      ],
    ]);
    expect(problemsOf(() => SecretSource.existing('registry-credentials'))).toEqual([]);
  });

  test.each([null, 5, NaN, {}, [], true, () => 'x', Symbol('x'), new Map()])(
    'of a wrong type are refused: %p',
    (value) => {
      expect(codesOf(() => SecretSource.existing(given(value)))).toEqual(['FORGE-ARG-001']);
      accepts(() => SecretSource.existing(given('x')));
    },
  );

  test('that are numbers are finite; a factory that knows their range says so itself', () => {
    expect(codesOf(() => Input.number('a', { defaultValue: NaN }))).toEqual(['FORGE-WF-028']);
    expect(codesOf(() => new DaemonJson({ mtu: Infinity }))).toEqual(['FORGE-ARG-004']);
    expect(problemsOf(() => new DaemonJson({ mtu: 1500 }))).toEqual([]);
  });

  test('that are amounts are whole in their smallest unit, which every conversion can express', () => {
    expect(problemsOf(() => Storage.persistent(Size.mebibytes(0.3)))).toEqual([
      ['FORGE-ARG-006', 'size of Storage.persistent() is 307.2 KiB', 'set size with Size.kibibytes()', undefined],
    ]);
    const long = Duration.millis(86400000000000000);
    expect(problemsOf(() => GarbageCollection.policies([{ keepFor: long }]))[0][2]).toMatch(/^set a smaller /);
    const timed = (keepFor: Duration) => () => GarbageCollection.policies([{ keepFor }]);
    for (const bad of [Duration.seconds(1.001), Duration.millis(0.5), Duration.hours(NaN), Duration.days(1e15)]) {
      expect(codesOf(timed(bad))).toEqual(['FORGE-ARG-006']);
    }
    accepts(timed(Duration.millis(1001)), timed(Duration.hours(0.5)), () => Storage.persistent(Size.gibibytes(0.5)));
  });

  test('may be left out where they are optional, and undefined there', () => {
    expect(problemsOf(() => Storage.persistent(Size.gibibytes(1)))).toEqual([]);
    expect(problemsOf(() => Storage.persistent(Size.gibibytes(1), undefined))).toEqual([]);
    expect(problemsOf(() => Storage.persistent(Size.gibibytes(1), given(1)))).toHaveLength(1);
  });

  test('never show a text that may be a secret', () => {
    const registry = () => Registry.gitea(given({}), given({ owner: 'a', credentials: 's3cr3t-token' }));
    expect(JSON.stringify(problemsOf(registry))).not.toContain('s3cr3t');
    expect(problemsOf(() => Endpoint.http(given({ token: 's3cr3t' })))[0][1]).toBe(
      'host of Endpoint.http() is an object',
    );
  });
});

describe('the props of a construct', () => {
  test('that are misspelled are named, with the name that was meant', () => {
    const props = { ...release(), nodeport: 30080 };
    expect(problemsOf(() => new GiteaRelease(chart(), 'gitea', props))).toEqual([
      [
        'FORGE-ARG-002',
        'props.nodeport of new GiteaRelease() is not a property',
        'rename it to nodePort',
        'chart/gitea',
      ],
    ]);
    expect(problemsOf(() => new GiteaRelease(chart(), 'gitea', { ...release(), nodePort: 30080 }))).toEqual([]);
    expect(problemsOf(() => new GiteaRelease(chart(), 'gitea', { ...release(), zzzzzz: 1 } as never))[0][2]).toBe(
      'remove it',
    );
  });

  test('that are undefined are as if they were left out, whatever their name', () => {
    expect(problemsOf(() => new GiteaRelease(chart(), 'gitea', { ...release(), other: undefined } as never))).toEqual(
      [],
    );
  });

  test('are all checked at once', () => {
    const call = () =>
      new GiteaRelease(
        chart(),
        'gitea',
        given({ ...release(), version: 1, nodePort: 'x', storage: null, extra: true }),
      );
    expect(codesOf(call)).toEqual(['FORGE-ARG-001', 'FORGE-ARG-001', 'FORGE-ARG-001', 'FORGE-ARG-002']);
    accepts(() => new GiteaRelease(chart(), 'gitea', given({ ...release(), nodePort: 30000 })));
  });

  test('of a class that extends one of ours may have properties of their own', () => {
    class Named extends GiteaRelease {
      constructor(scope: Construct, id: string, props: GiteaReleaseProps & { readonly team: string }) {
        super(scope, id, props);
      }
    }
    expect(problemsOf(() => new Named(chart(), 'gitea', { ...release(), team: 'a' }))).toEqual([]);
    expect(codesOf(() => new Named(chart(), 'gitea', given({ team: 'a' })))).toContain('FORGE-ARG-001');
  });

  test('may be produced later, by cdk8s', () => {
    const content = Lazy.any({ produce: () => 'text' }) as string;
    expect(problemsOf(() => new OutputFile(chart(), 'file', { path: 'a.txt', content }))).toEqual([]);
  });
});

describe('the id of a construct', () => {
  test('may not be empty, no text, or taken', () => {
    const at = chart();
    new GiteaRelease(at, 'gitea', release());
    expect(codesOf(() => new GiteaRelease(at, '', release()))).toEqual(['FORGE-ARG-003']);
    expect(codesOf(() => new GiteaRelease(at, given(undefined), release()))).toEqual(['FORGE-ARG-001']);
    expect(problemsOf(() => new GiteaRelease(at, 'gitea', release()))[0][1]).toBe(
      'id "gitea" of new GiteaRelease() is already used by a GiteaRelease at "chart/gitea"',
    );
    expect(problemsOf(() => new GiteaRelease(at, 'other', release()))).toEqual([]);
  });

  test('belongs to a scope', () => {
    expect(codesOf(() => new GiteaRelease(given(undefined), 'x', release()))).toEqual(['FORGE-ARG-001']);
    accepts(() => new GiteaRelease(chart(), 'x', release()));
  });
});

test.each([undefined, null])('an object literal for a class has what the class has, and not %p', (labels) => {
  expect(codesOf(() => Egress.declared({ pods: [{ labels }] as never }))).toEqual(['FORGE-ARG-001']);
  expect(() => Egress.declared({ pods: [{ labels: { app: 'x' } }] as never })).not.toThrow();
});

test('an object of another copy of the library is accepted for what it has', () => {
  const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const members = Object.create(null) as Record<string, unknown>;
  for (let at: object = forge; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    Object.getOwnPropertyNames(at).forEach((name) => (members[name] ??= (forge as never)[name]));
  }
  expect(problemsOf(() => Registry.gitea(members as never, { owner: 'a' }))).toEqual([]);
  expect(codesOf(() => Registry.gitea(given({ url: 'https://git.example.com' }), { owner: 'a' }))).toEqual([
    'FORGE-ARG-001',
  ]);
});

test.each([
  ['string', 'a string'],
  ['Zone[]', 'a list; each item a value of the type Zone'],
  ['Record<string[]>', 'an object; each value a list; each item a string'],
  ['(string|registry.Endpoint)[]', 'a list; each item a string or a value of the type Endpoint'],
  ['"a|b"|-1|true|null', '"a|b" or -1 or true or null'],
])('the type %s is read, and said in words', (text, words) => {
  expect(shapeInWords(readShape(text, 'forge'))).toBe(words);
});
