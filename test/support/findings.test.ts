import { App, Chart } from 'cdk8s';
import { addUnlessAcknowledged, adviceAt, Findings, Problems } from '../../lib/support';
import { accepts, codesOf } from './problems';

const PROBLEM = { code: 'FORGE-ABC-001', message: 'something is doubtful', fix: 'do without' };

function found(at: Chart): string[] {
  const problems = new Problems();
  addUnlessAcknowledged(at, PROBLEM, problems);
  return problems.all.map(({ fix }) => fix);
}

test('a finding is accepted at a construct and below it, nowhere else', () => {
  const app = new App();
  const [upper, beside] = [new Chart(app, 'upper'), new Chart(app, 'beside')];
  const lower = new Chart(upper, 'lower');
  Findings.of(upper).acknowledge('FORGE-ABC-001', 'it is a laboratory');
  expect([found(upper), found(lower)]).toEqual([[], []]);
  expect(found(beside)).toEqual([
    "do without; or accept it with a reason: Findings.of(…).acknowledge('FORGE-ABC-001', '…') at \"beside\"",
  ]);
});

test('an acknowledgement of one code accepts no other', () => {
  const chart = new Chart(new App(), 'chart');
  Findings.of(chart).acknowledge('FORGE-ABC-002', 'it is a laboratory');
  expect(found(chart)).toHaveLength(1);
});

test('what is accepted is kept for the report, with its reason and its place', () => {
  const chart = new Chart(new App(), 'chart');
  Findings.of(chart).acknowledge('FORGE-ABC-001', 'it is a laboratory');
  expect(Findings.of(chart).acknowledgements).toEqual([
    { code: 'FORGE-ABC-001', reason: 'it is a laboratory', path: 'chart' },
  ]);
  expect(adviceAt(chart).flatMap(({ warnings }) => warnings)).toEqual([
    'chart: FORGE-ABC-001 is accepted: it is a laboratory',
  ]);
});

test.each([
  ['', 'a reason'],
  ['WF-001', 'a reason'],
  ['FORGE-ABC-001', ''],
  ['FORGE-ABC-001', ' '],
  ['FORGE-ABC-001', 'two\nlines'],
])('code %p with reason %p is rejected', (code, reason) => {
  const chart = new Chart(new App(), 'chart');
  expect(codesOf(() => Findings.of(chart).acknowledge(code, reason))).toEqual(['FORGE-ACK-001']);
  accepts(() => Findings.of(chart).acknowledge('FORGE-ABC-001', 'a'));
});
