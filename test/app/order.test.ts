import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { inDependencyOrder } from '../../lib/app/order';
import { accepts, codesOf, problemsOf } from '../support/problems';

const object = (scope: Construct, id: string) => new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap' });
const newChart = () => new Chart(new App(), 'c');
const order = (chart: Chart, objects: ApiObject[]) =>
  inDependencyOrder(chart, objects).map((o) => o.node.path.slice(2));

test('without dependencies, objects stay in the order in which they were made', () => {
  const chart = newChart();
  expect(
    order(
      chart,
      ['z', 'a', 'm'].map((id) => object(chart, id)),
    ),
  ).toEqual(['z', 'a', 'm']);
});

test('only what depends moves: the rest keeps its order', () => {
  const chart = newChart();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => object(chart, id));
  a.addDependency(c);
  expect(order(chart, [a, b, c, d])).toEqual(['c', 'a', 'b', 'd']);
});

test('a dependency between constructs holds for everything below them', () => {
  const chart = newChart();
  const [early, late] = [new Construct(chart, 'early'), new Construct(chart, 'late')];
  const objects = [object(late, 'x'), object(late, 'y'), object(early, 'x'), object(early, 'y')];
  late.node.addDependency(early);
  expect(order(chart, objects)).toEqual(['early/x', 'early/y', 'late/x', 'late/y']);
});

test('a dependency on something in another chart does not disturb the order within this one', () => {
  const app = new App();
  const [one, two] = [new Chart(app, 'c'), new Chart(app, 'd')];
  const objects = [object(one, 'a'), object(one, 'b')];
  objects[0].addDependency(object(two, 'x'));
  expect(order(one, objects)).toEqual(['a', 'b']);
});

test('fails for a circle and names all of it', () => {
  const chart = newChart();
  const [a, b, c] = ['a', 'b', 'c'].map((id) => object(chart, id));
  a.addDependency(b);
  b.addDependency(c);
  c.addDependency(a);
  const d = object(chart, 'd');
  d.addDependency(object(chart, 'e'));
  accepts(() => inDependencyOrder(chart, [d]));
  const [problem] = problemsOf(() => inDependencyOrder(chart, [a, b, c]));
  expect(problem.code).toBe('FORGE-APP-003');
  expect(problem.message).toContain('c/a -> c/b -> c/c -> c/a');
});

test('fails when a construct depends on something that holds it', () => {
  const chart = newChart();
  const outer = new Construct(chart, 'outer');
  const [a, b] = [object(outer, 'a'), object(outer, 'b')];
  const beside = new Construct(chart, 'beside');
  a.node.addDependency(beside);
  accepts(() => inDependencyOrder(chart, [a, b]));
  a.node.addDependency(outer);
  expect(codesOf(() => inDependencyOrder(chart, [a, b]))).toEqual(['FORGE-APP-003']);
});

test('a chain of twenty thousand objects is ordered, without running out of stack', () => {
  const chart = newChart();
  const objects = Array.from({ length: 20000 }, (_, i) => object(chart, `o${i}`));
  for (let i = 1; i < objects.length; i++) {
    objects[i - 1].addDependency(objects[i]);
  }
  expect(inDependencyOrder(chart, objects)).toEqual([...objects].reverse());
});

test('a thousand objects that all depend on a thousand others need no million edges', () => {
  const chart = newChart();
  const [early, late] = [new Construct(chart, 'early'), new Construct(chart, 'late')];
  const objects = Array.from({ length: 4000 }, (_, i) => object(i % 2 ? early : late, `o${i}`));
  late.node.addDependency(early);
  const ordered = inDependencyOrder(chart, objects);
  expect(ordered.findIndex((o) => o.node.scope === late)).toBe(2000);
});

test('whatever depends on whatever, prerequisites come first and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 40 }), (pairs) => {
      const chart = newChart();
      // Five groups of three; an edge goes from a later to an earlier one only, so there is no circle.
      const groups = Array.from({ length: 5 }, (_, i) => new Construct(chart, `g${i}`));
      const objects = Array.from({ length: 15 }, (_, i) => object(groups[Math.floor(i / 3)], `o${i}`));
      const edges = pairs
        .filter(([x, y]) => Math.floor(x / 3) !== Math.floor(y / 3))
        .map(([x, y]) => [Math.max(x, y), Math.min(x, y)]);
      edges.forEach(([from, to], i) =>
        i % 2
          ? objects[from].addDependency(objects[to])
          : groups[Math.floor(from / 3)].node.addDependency(groups[Math.floor(to / 3)]),
      );
      const shuffled = [...objects].reverse();
      const ordered = inDependencyOrder(chart, shuffled);
      expect(new Set(ordered)).toEqual(new Set(objects));
      edges.forEach(([from, to]) => expect(ordered.indexOf(objects[to])).toBeLessThan(ordered.indexOf(objects[from])));
    }),
  );
});
