import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Cluster, fluxPart } from '../flux';
import { Layer } from '../kube';
import { registryPart } from '../registry';
import { runnerPart } from '../runner';
import { fingerprint, Link, Part, PartKind } from '../support';
import { workflowPart } from '../workflow';
import { byPath, Model } from '../model';

/**
 * Maximum number of arrows in a diagram. Mermaid draws at most 500 arrows and 50,000 characters, and a diagram half
 * that size is not readable.
 */
export const MOST_LINKS = 200;

/** Maximum length of a line in a box. Longer lines make boxes that are not readable. */
const LONGEST_LINE = 80;

/** Quotes and brackets for the shape of each kind. */
const SHAPES: Record<PartKind, [string, string]> = {
  repository: ['[("', '")]'],
  registry: ['[("', '")]'],
  flux: ['(["', '"])'],
  workflow: ['["', '"]'],
  runner: ['["', '"]'],
  builder: ['["', '"]'],
  pods: ['["', '"]'],
};

/** A place that a part has in the diagram: in a deployment layer of a cluster, in a cluster, or outside. */
interface Place {
  readonly cluster?: Cluster;
  readonly layer?: Layer;
}

/** A part that has a place and an id in the diagram. */
interface Node extends Place {
  readonly id: string;
  readonly part: Part;
  /** True if the box must show the unique name of the part, because another box looks the same. */
  readonly isAmbiguous: boolean;
}

/**
 * Returns the parts of a cdk8s app and their connections as a Mermaid flowchart, or an empty list without connections.
 *
 * Each id is derived from its part. If a part is added or removed, the lines of the other parts do not change.
 *
 * @jsii ignore
 */
export function picture(model: Model): string[] {
  const all = linksOf(model);
  const links =
    all.length <= MOST_LINKS ? all : all.filter(({ from, to }) => from.kind !== 'workflow' && to.kind !== 'workflow');
  if (links.length === 0 || links.length > MOST_LINKS) {
    return [];
  }
  const note = links.length < all.length ? ['Workflows are left out of the picture: there are too many.', ''] : [];
  const parts = model.advice.flatMap((advice) => advice.parts ?? []);
  return [...note, ...diagram(links, model, { parts, clusters: model.clusters })];
}

/**
 * Returns the connections of a cdk8s app, without duplicates.
 *
 * @jsii ignore
 */
export function linksOf(model: Model): Link[] {
  return distinctLinks(
    [...model.advice.flatMap((advice) => advice.links ?? []), ...scans(model), ...runs(model)],
    model,
  );
}

/**
 * Returns links without duplicates. Several workflows of a repository, or several images of a registry, share one
 * arrow.
 *
 * @jsii ignore
 */
export function distinctLinks(links: readonly Link[], model: Model): Link[] {
  return [
    ...new Map(
      links.map((link) => [JSON.stringify([keyOf(link.from, model), keyOf(link.to, model), link.label]), link]),
    ).values(),
  ];
}

/** The parts of a diagram besides its links. */
interface Drawn {
  /** Parts to which no link leads. */
  readonly parts: readonly Part[];
  /** The clusters that are drawn as boxes around their parts. */
  readonly clusters: readonly Cluster[];
}

/**
 * Returns a Mermaid flowchart of links.
 *
 * @jsii ignore
 */
export function diagram(links: readonly Link[], model: Model, { parts, clusters }: Drawn): string[] {
  const nodes = nodesOf([...parts, ...links.flatMap(({ from, to }) => [from, to])], model);
  const outside = [...nodes.values()].filter(({ cluster }) => cluster === undefined).map(box);
  return [
    '```mermaid',
    'flowchart LR',
    ...[...outside, ...byPath(clusters).flatMap((cluster) => clusterLines(cluster, nodes, model))].map(
      (line) => `  ${line}`,
    ),
    ...links.map((link) => `  ${linkLine(link, nodes, model)}`),
    '```',
    '',
  ];
}

/** Returns the links for tag scans. Flux scans tags at the registry's scan endpoint. */
function scans(model: Model): Link[] {
  return byPath(model.imageRepositories).flatMap((image) => {
    const cluster = Cluster.tryOf(image);
    return cluster
      ? [{ from: registryPart(image._registry), to: fluxPart(cluster), label: `scan of ${image._registry.scan.url}` }]
      : [];
  });
}

/**
 * Returns the links between workflows and the runners that accept their jobs. Synth uses the same rules as the forge.
 */
function runs(model: Model): Link[] {
  const runners = byPath(model.runners);
  return byPath(model.workflows).flatMap((workflow) =>
    runners
      .filter((runner) =>
        workflow.stepJobs.some(({ labels }) => labels.length > 0 && runner.canRunJobsOf(workflow.repository, labels)),
      )
      .map((runner) => ({ from: workflowPart(workflow), to: runnerPart(runner), label: 'runs on' })),
  );
}

function nodesOf(parts: readonly Part[], model: Model): Map<string, Node> {
  const placed = new Map<string, Place & { part: Part }>();
  for (const part of parts) {
    const key = keyOf(part, model);
    if (!placed.has(key)) {
      placed.set(key, { part, ...placeOf(part.at, model) });
    }
  }
  const nodes = [...placed].map(([key, node]) => ({ key, node, slug: slugOf(node.part, node.cluster) }));
  const [slugs, shown] = [
    countsOf(nodes.map(({ slug }) => slug)),
    countsOf(nodes.map(({ key, node }) => shownAs(node, key))),
  ];
  return new Map(
    nodes.map(({ key, node, slug }) => [
      key,
      {
        ...node,
        id: slugs.get(slug)! > 1 ? `${slug}_${fingerprint(key).slice(0, 6)}` : slug,
        isAmbiguous: shown.get(shownAs(node, key))! > 1,
      },
    ]),
  );
}

/** Returns how often each text occurs. */
function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  texts.forEach((text) => counts.set(text, (counts.get(text) ?? 0) + 1));
  return counts;
}

/** Returns the visible properties of a part: its shape, its lines, and the box around the part. */
function shownAs({ part, cluster, layer }: Place & { part: Part }, key: string): string {
  const lines = linesOf(part);
  return JSON.stringify(
    lines.length === 0 ? [key] : [SHAPES[part.kind][0], lines, cluster?.name ?? '', layer?.name ?? ''],
  );
}

function linesOf(part: Part): string[] {
  return part.label.filter((line) => line.trim() !== '').map((line) => escaped(line));
}

/**
 * Returns the key that identifies a part. Pods of a namespace with the same name in another cluster are different pods.
 */
function keyOf(part: Part, model: Model): string {
  const within = part.kind === 'pods' ? (placeOf(part.at, model).cluster?.name ?? '') : '';
  return JSON.stringify([part.kind, within, part.name]);
}

function slugOf({ kind, name }: Part, cluster: Cluster | undefined): string {
  const words = [kind, ...(kind === 'pods' && cluster ? [cluster.name] : []), name.replace(/^https?:\/\//, '')];
  return words.join('_').replace(/[^A-Za-z0-9]+/g, '_');
}

/** Returns the place of a construct in the diagram. */
export function placeOf(construct: IConstruct | undefined, model: Model): Place {
  if (construct === undefined) {
    return {};
  }
  const chart = construct.node.scopes.reverse().find((scope): scope is Chart => Chart.isChart(scope));
  return { cluster: Cluster.tryOf(construct), layer: chart && model.charts.get(chart)?.layer };
}

function clusterLines(cluster: Cluster, nodes: Map<string, Node>, model: Model): string[] {
  const own = [...nodes.values()].filter((node) => node.cluster === cluster);
  const layers = layersOf(cluster, model);
  const loose = own.filter(({ layer }) => !layers.some(({ name }) => name === layer?.name));
  const id = (layer: Layer) => layerId(cluster, layer);
  const steps = [nodes.get(keyOf(fluxPart(cluster), model))?.id, ...layers.map(id)].filter(
    (step) => step !== undefined,
  );
  return [
    `subgraph cluster_${cluster.name.replace(/-/g, '_')}["${escaped(`cluster ${cluster.name}`)}"]`,
    ...[
      ...loose.map(box),
      ...layers.flatMap((layer) =>
        layerLines(
          id(layer),
          layer,
          own.filter((node) => node.layer?.name === layer.name),
        ),
      ),
      ...steps.slice(1).map((step, i) => `${steps[i]} -->|"${i === 0 ? 'applies' : 'then'}"| ${step}`),
    ].map((line) => `  ${line}`),
    'end',
  ];
}

function layerLines(id: string, { name }: Layer, own: readonly Node[]): string[] {
  const title = `${id}["${escaped(`layer ${name}`)}"]`;
  return own.length === 0 ? [title] : [`subgraph ${title}`, ...own.map((node) => `  ${box(node)}`), 'end'];
}

/** Returns the id of a layer's box. Names of layers of your own may contain "-", so a fingerprint keeps the ids apart. */
function layerId(cluster: Cluster, { name }: Layer): string {
  const id = `layer_${cluster.name}_${name}`.replace(/-/g, '_');
  return Layer.all.some((layer) => layer.name === name)
    ? id
    : `${id}_${fingerprint(JSON.stringify([cluster.name, name])).slice(0, 6)}`;
}

/** Returns the deployment layers that have content, in the order in which Flux applies them. */
function layersOf(cluster: Cluster, model: Model): Layer[] {
  const charts = [...model.charts.values()].filter(
    (chart) => chart.cluster === cluster && chart.objects.length > 0 && !cluster._isEntry(chart.chart),
  );
  // Two objects with one name are the same layer.
  return [...new Map(charts.map(({ layer }) => [layer.name, layer])).values()].sort((a, b) => a.order - b.order);
}

function linkLine({ from, to, label }: Link, nodes: Map<string, Node>, model: Model): string {
  const [source, target] = [from, to].map((part) => nodes.get(keyOf(part, model))!.id);
  return `${source} -->${label === undefined || label.trim() === '' ? '' : `|"${escaped(label)}"|`} ${target}`;
}

function box({ id, part, isAmbiguous }: Node): string {
  const [open, close] = SHAPES[part.kind];
  const lines = [...linesOf(part), ...(isAmbiguous ? [escapedName(part.name)] : [])];
  return id + open + (lines.join('<br/>') || id) + close;
}

/** Returns a unique name with special characters escaped. A long name keeps its end, where paths differ. */
function escapedName(name: string): string {
  return escaped(name.length > LONGEST_LINE ? `…${name.slice(1 - LONGEST_LINE)}` : name);
}

/**
 * Returns text with special characters escaped. Mermaid writes a character as `#<code point>;`. Characters that may
 * have a meaning in Mermaid, or in Markdown inside Mermaid, are escaped.
 */
function escaped(text: string): string {
  const line = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
  return line
    .replace(/\s+/g, ' ')
    .replace(/[^A-Za-z0-9 ._\/:@,+-]|[.+-](?= )/gu, (character) => `#${character.codePointAt(0)};`);
}
