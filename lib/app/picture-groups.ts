import { Model } from '../model';
import { Link, Part, PartKind } from '../support';
import { diagram, distinctLinks, linksOf, MOST_LINKS, placeOf } from './picture';
import { grouped } from './runbook-text';

/** The maximum number of clusters that are drawn as boxes of their own. */
const MOST_CLUSTERS = 10;

/** The lines in the box of several parts of a kind. */
const SEVERAL: Record<PartKind, string> = {
  repository: 'repositories',
  registry: 'registries',
  flux: 'Flux',
  workflow: 'workflows',
  runner: 'runners',
  builder: 'builders',
  pods: 'pods of several namespaces',
};

/**
 * Returns the groups of parts of a cdk8s app and their connections as a Mermaid flowchart: parts of one kind in one
 * deployment layer, repositories of one owner, all workflows. If there are still too many, parts of one kind are one group.
 *
 * A group has no number of its parts: a part that is added to a group does not change the diagram.
 *
 * @jsii ignore
 */
export function groupPicture(model: Model): string[] {
  const links = linksOf(model);
  const byLayer = groupedLinks(links, (part) => groupIn(part, model));
  if (byLayer.length <= MOST_LINKS && model.clusters.length <= MOST_CLUSTERS) {
    return byLayer.length === 0 ? [] : diagram(byLayer, model, { parts: [], clusters: model.clusters });
  }
  const byKind = groupedLinks(links, () => '').map((link) => ({
    ...link,
    from: loose(link.from),
    to: loose(link.to),
  }));
  return diagram(distinctLinks(byKind, model), model, { parts: [], clusters: [] });
}

/** Returns the name of a part's group within its kind. */
function groupIn({ kind, name, at }: Part, model: Model): string {
  const { cluster, layer } = placeOf(at, model);
  if (cluster !== undefined) {
    return [cluster.name, ...(kind === 'flux' || layer === undefined ? [] : [layer.name])].join('/');
  }
  switch (kind) {
    case 'workflow':
      return '';
    case 'repository':
      return name.slice(0, name.lastIndexOf('/'));
    default:
      return name;
  }
}

/** Returns the links between groups. A group with one part is the part itself. */
function groupedLinks(links: readonly Link[], groupOf: (part: Part) => string): Link[] {
  const parts = links.flatMap(({ from, to }) => [from, to]);
  const groups = grouped(parts, (part) => `${part.kind} ${groupOf(part)}`);
  const drawn = new Map(
    [...groups].map(([key, members]): [string, Part] => {
      const [first] = members;
      const isAlone = members.every(({ name }) => name === first.name);
      return [key, isAlone ? first : severalOf(first, groupOf(first))];
    }),
  );
  const partOf = (part: Part) => drawn.get(`${part.kind} ${groupOf(part)}`)!;
  const between = grouped(links, ({ from, to }) =>
    JSON.stringify([from, to].map((part) => [part.kind, partOf(part).name])),
  );
  return [...between.values()].map((alike) => {
    const [{ from, to, label }] = alike;
    const isSame = alike.every((link) => link.label === label);
    return { from: partOf(from), to: partOf(to), ...(isSame && label !== undefined ? { label } : {}) };
  });
}

function severalOf({ kind, at }: Part, group: string): Part {
  const owner = kind === 'repository' ? [`of ${group.slice(group.lastIndexOf('/') + 1)}`] : [];
  return { kind, name: `several ${group}`, label: [SEVERAL[kind], ...(group === '' ? [] : owner)], at };
}

/** Returns a part that is in no cluster. */
function loose({ kind, name, label }: Part): Part {
  return { kind, name, label };
}
