import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ForgeError } from '../support';

/**
 * A point in the dependency order: an object, or the moment before (`before`) or after (`after`) all objects of a
 * construct.
 */
interface Point {
  readonly construct: IConstruct;
  readonly object?: ApiObject;
  readonly prerequisites: Point[];
  state: 'new' | 'open' | 'done';
}

/**
 * Orders the objects of one chart so that each object comes after its dependencies. Otherwise, the objects keep their
 * creation order.
 *
 * A dependency between constructs means that every object below the target comes before every object below the source.
 * Stock cdk8s lists these dependencies pair by pair. Here, each construct has two points, so the graph grows linearly
 * with the tree, not with its square.
 *
 * @throws FORGE-APP-003 if constructs depend on each other in a circle
 *
 * @jsii ignore
 */
export function inDependencyOrder(chart: Chart, objects: readonly ApiObject[]): ApiObject[] {
  const hasDependencies = objects.some((object) =>
    scopesWithin(chart, object).some((scope) => scope.node.dependencies.length > 0),
  );
  if (!hasDependencies) {
    return [...objects];
  }
  const graph = new DependencyPoints(chart, objects);
  return inOrder(graph.points)
    .filter((p) => p.object !== undefined)
    .map((p) => p.object!);
}

/**
 * Orders charts so that each chart comes after the charts that it depends on.
 *
 * @throws FORGE-APP-003 if charts depend on each other in a circle
 *
 * @jsii ignore
 */
export function chartsInOrder(charts: readonly Chart[], dependencies: ReadonlyMap<Chart, ReadonlySet<Chart>>): Chart[] {
  const points = new Map(
    charts.map((chart): [Chart, Point] => [chart, { construct: chart, prerequisites: [], state: 'new' }]),
  );
  for (const [source, targets] of dependencies) {
    targets.forEach((target) => points.get(source)?.prerequisites.push(points.get(target)!));
  }
  return inOrder([...points.values()]).map((p) => p.construct as Chart);
}

class DependencyPoints {
  readonly points: Point[] = [];
  private readonly before = new Map<IConstruct, Point>();
  private readonly after = new Map<IConstruct, Point>();

  constructor(chart: Chart, objects: readonly ApiObject[]) {
    const own = new Map<IConstruct, Point[]>();
    for (const object of objects) {
      const point: Point = { construct: object, object, prerequisites: [], state: 'new' };
      this.points.push(point);
      for (const scope of scopesWithin(chart, object)) {
        if (!own.has(scope)) {
          own.set(scope, []);
        }
        own.get(scope)!.push(point);
      }
    }
    for (const [source, points] of own) {
      for (const target of source.node.dependencies) {
        const targets = own.get(target);
        if (!targets || target === source) {
          continue;
        }
        const gate = this.pointOf(this.before, source, () =>
          points.forEach((p) => p.prerequisites.push(this.before.get(source)!)),
        );
        gate.prerequisites.push(
          this.pointOf(this.after, target, () => this.after.get(target)!.prerequisites.push(...targets)),
        );
      }
    }
  }

  private pointOf(points: Map<IConstruct, Point>, construct: IConstruct, connect: () => void): Point {
    if (!points.has(construct)) {
      points.set(construct, { construct, prerequisites: [], state: 'new' });
      connect();
    }
    return points.get(construct)!;
  }
}

/**
 * Returns the points in dependency order, depth first, without recursion. A chain of ten thousand points must not cause
 * a stack overflow.
 */
function inOrder(points: readonly Point[]): Point[] {
  const ordered: Point[] = [];
  for (const start of points) {
    const path: { point: Point; next: number }[] = [];
    const enter = (point: Point) => {
      if (point.state === 'open') {
        throw circle(
          path.map((step) => step.point),
          point,
        );
      }
      if (point.state === 'done') {
        return;
      }
      point.state = 'open';
      path.push({ point, next: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const step = path[path.length - 1];
      if (step.next < step.point.prerequisites.length) {
        enter(step.point.prerequisites[step.next++]);
      } else {
        step.point.state = 'done';
        ordered.push(step.point);
        path.pop();
      }
    }
  }
  return ordered;
}

function circle(path: Point[], back: Point): ForgeError {
  const names = [...path.slice(path.indexOf(back)), back].map((p) => p.construct.node.path);
  const readable = names.filter((name, i) => i === 0 || name !== names[i - 1]);
  return ForgeError.at(back.construct, {
    code: 'FORGE-APP-003',
    message: `constructs depend on each other in a circle: ${readable.join(' -> ')}`,
    fix: 'remove one of these dependencies',
  });
}

/** Returns the constructs from below the chart down to the object. */
function scopesWithin(chart: Chart, object: ApiObject): IConstruct[] {
  const scopes = object.node.scopes;
  return scopes.slice(scopes.indexOf(chart) + 1);
}
