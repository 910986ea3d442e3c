import { Chart } from 'cdk8s';
import { HelmChart, HelmRelease, HelmRepository } from '../../lib/flux';
import { plainData } from '../../lib/support';
import { Step, Trigger } from '../../lib/workflow';
import { newApp } from '../flux/support';
import { accepts, codesOf } from './problems';

const circular: Record<string, unknown> = { inner: {} };
(circular.inner as Record<string, unknown>).outer = circular;
const shared = { a: 1 };

test.each<[string, unknown, unknown]>([
  ['a function', { a: () => 1 }, { a: 1 }],
  ['a symbol', [Symbol('x')], ['x']],
  ['a big integer', { a: { b: 10n } }, { a: { b: 10 } }],
  ['an object that contains itself', circular, { one: shared, two: shared }],
])('%s is an error wherever data is written as it is', (_, data, neighbour) => {
  const release = (given: unknown) => {
    const chart = new Chart(newApp().app, 'apps', { namespace: 'apps' });
    const charts = new HelmRepository(chart, 'charts', { url: 'https://charts.example.com' });
    const values = { data: given };
    new HelmRelease(chart, 'web', { chart: HelmChart.fromRepository(charts, { name: 'web', version: '1.x' }), values });
  };
  const uses: ((given: unknown) => unknown)[] = [
    release,
    (given) => Trigger.custom('new_event', { data: given }),
    (given) => Step.run({ name: 'Say', script: 'true' }).addOverride('new-key', given),
  ];
  uses.forEach((use) => {
    accepts(() => use(neighbour));
    expect(codesOf(() => use(data))).toEqual(['FORGE-ARG-005']);
  });
});

test('what YAML holds is copied, also an object that is there twice', () => {
  const data = { text: 'a', number: 1, no: null, list: [shared, shared], missing: undefined };
  expect(plainData(data, 'data')).toEqual(data);
  expect(plainData(data, 'data').list[0]).not.toBe(shared);
});
