import { Chart } from 'cdk8s';
import { HelmChart, HelmRelease, HelmRepository } from '../../lib/flux';
import { plainData } from '../../lib/support';
import { Step, Trigger } from '../../lib/workflow';
import { newApp } from '../flux/support';
import { codesOf } from './problems';

const circular: Record<string, unknown> = { inner: {} };
(circular.inner as Record<string, unknown>).outer = circular;
const shared = { a: 1 };

test.each<[string, unknown]>([
  ['a function', { a: () => 1 }],
  ['a symbol', [Symbol('x')]],
  ['a big integer', { a: { b: 10n } }],
  ['an object that contains itself', circular],
])('%s is an error wherever data is written as it is', (_, data) => {
  const release = () => {
    const chart = new Chart(newApp().app, 'apps', { namespace: 'apps' });
    const charts = new HelmRepository(chart, 'charts', { url: 'https://charts.example.com' });
    const values = { data };
    new HelmRelease(chart, 'web', { chart: HelmChart.fromRepository(charts, { name: 'web', version: '1.x' }), values });
  };
  const uses = [
    release,
    () => Trigger.custom('new_event', { data }),
    () => Step.run({ name: 'Say', script: 'true' }).addOverride('new-key', data),
  ];
  uses.forEach((use) => expect(codesOf(use)).toEqual(['FORGE-ARG-005']));
});

test('what YAML holds is copied, also an object that is there twice', () => {
  const data = { text: 'a', number: 1, no: null, list: [shared, shared], missing: undefined };
  expect(plainData(data, 'data')).toEqual(data);
  expect(plainData(data, 'data').list[0]).not.toBe(shared);
});
