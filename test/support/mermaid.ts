/** A flowchart, read back. */
export interface Flowchart {
  readonly nodes: Map<string, string[]>;
  readonly groups: Map<string, { readonly title: string; readonly members: string[] }>;
  readonly edges: { readonly from: string; readonly to: string; readonly label: string }[];
}

const ID = '[A-Za-z][A-Za-z0-9_]*';
/** Characters that mean nothing to Mermaid inside quotes, nor to Markdown there; everything else is an entity. */
const TEXT = '(?:[A-Za-z0-9 ._/:@,+-]|#[0-9]+;|<br/>)+';
const NODE = new RegExp(`^(${ID})(?:\\["(${TEXT})"\\]|\\[\\("(${TEXT})"\\)\\]|\\(\\["(${TEXT})"\\]\\))$`);
const GROUP = new RegExp(`^subgraph (${ID})\\["(${TEXT})"\\]$`);
const EDGE = new RegExp(`^(${ID}) -->(?:\\|"(${TEXT})"\\|)? (${ID})$`);
/** Words that are no ids in Mermaid's grammar. */
const KEYWORDS =
  /^(graph|flowchart|subgraph|end|style|linkStyle|classDef|class|click|default|direction|interpolate|href|call)$/i;

/**
 * Reads a flowchart in the part of Mermaid's grammar that the runbook uses, and refuses everything else. Mermaid's own parser takes a
 * DOM and weighs more than all other development dependencies together, so it is not among them.
 */
export function readFlowchart(lines: readonly string[]): Flowchart {
  const [open, head, ...rest] = lines;
  const close = rest.pop();
  if (open !== '```mermaid' || head !== 'flowchart LR' || close !== '```') {
    throw new Error('not a flowchart');
  }
  const chart: Flowchart = { nodes: new Map(), groups: new Map(), edges: [] };
  const stack: string[] = [];
  for (const line of rest.map((text) => text.trim())) {
    readLine(line, chart, stack);
  }
  if (stack.length > 0) {
    throw new Error(`${stack.join()} is not ended`);
  }
  for (const { from, to } of chart.edges) {
    for (const id of [from, to]) {
      if (!chart.nodes.has(id) && !chart.groups.has(id)) {
        throw new Error(`an arrow to ${id}, which is nothing`);
      }
    }
  }
  return chart;
}

function readLine(line: string, chart: Flowchart, stack: string[]): void {
  const [node, group, edge] = [NODE.exec(line), GROUP.exec(line), EDGE.exec(line)];
  const declare = (id: string) => {
    if (KEYWORDS.test(id) || chart.nodes.has(id) || chart.groups.has(id)) {
      throw new Error(`${id} cannot be declared`);
    }
    if (stack.length > 0) {
      chart.groups.get(stack[stack.length - 1])!.members.push(id);
    }
  };
  if (line === 'end') {
    if (stack.pop() === undefined) {
      throw new Error('an end of nothing');
    }
  } else if (group) {
    declare(group[1]);
    chart.groups.set(group[1], { title: decoded(group[2]), members: [] });
    stack.push(group[1]);
  } else if (node) {
    declare(node[1]);
    chart.nodes.set(node[1], (node[2] ?? node[3] ?? node[4]).split('<br/>').map(decoded));
  } else if (edge) {
    chart.edges.push({ from: edge[1], label: decoded(edge[2] ?? ''), to: edge[3] });
  } else {
    throw new Error(`not a line of a flowchart: ${line}`);
  }
}

function decoded(text: string): string {
  return text.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

/** The lines of a runbook's picture; none if it has none. */
export function pictureIn(runbook: string): string[] {
  return /^```mermaid\n[\s\S]*?^```$/m.exec(runbook)?.[0].split('\n') ?? [];
}
