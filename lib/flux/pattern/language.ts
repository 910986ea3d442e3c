import { PatternNode, TAG_CHARACTERS } from './node';

/** The pairs of states after which a comparison gives up. No pattern that people write comes near. */
const MOST_PAIRS = 20_000;
const ANY: PatternNode = {
  kind: 'repeat',
  body: { kind: 'set', chars: TAG_CHARACTERS.join('') },
  min: 0,
  max: Infinity,
  lazy: false,
};

interface State {
  readonly empty: number[];
  readonly starts: number[];
  readonly ends: number[];
  readonly edges: { readonly chars: string; readonly to: number }[];
}

/**
 * The set of texts that an expression matches, as a nondeterministic automaton over the characters of tags.
 *
 * Word boundaries are ignored, so that the set may contain more texts than the expression matches, never fewer.
 */
export class Language {
  /** Returns the language of the tags in which an expression is found. */
  static found(node: PatternNode): Language {
    return new Language({ kind: 'sequence', items: [ANY, node, ANY] }, true);
  }

  /** Returns the language of the texts that an expression matches from the first character to the last. */
  static whole(node: PatternNode): Language {
    return new Language(node, false);
  }

  private readonly states: State[] = [];
  /** Answers of `intersects`, since many policies compare the same languages. */
  private readonly intersections = new Map<Language, boolean>();
  private readonly start: number;
  private readonly accept: number;

  private constructor(
    node: PatternNode,
    private readonly anchors: boolean,
  ) {
    this.start = this.state();
    this.accept = this.build(node, this.start);
  }

  /** Returns whether a text is in this language and in another language. Returns true if the answer is unknown. */
  intersects(other: Language): boolean {
    const answer = this.intersections.get(other) ?? this.some(other, (mine, others) => mine && others) ?? true;
    this.intersections.set(other, answer);
    return answer;
  }

  /** Returns whether every text of this language is in another language. Returns true if the answer is unknown. */
  isWithin(other: Language): boolean {
    return !(this.some(other, (mine, others) => mine && !others) ?? false);
  }

  /** Returns the smallest number of digits in a text of this language. */
  get fewestDigits(): number {
    const best = new Map<number, number>([[this.start, 0]]);
    const queue = [this.start];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      const { empty, starts, ends, edges } = this.states[at];
      const next = [
        ...[...empty, ...starts, ...ends].map((to): [number, number] => [to, 0]),
        ...edges
          .filter(({ chars }) => chars !== '')
          .map(({ chars, to }): [number, number] => [to, /^[0-9]+$/.test(chars) ? 1 : 0]),
      ];
      for (const [to, cost] of next) {
        const total = best.get(at)! + cost;
        if (total < (best.get(to) ?? Infinity)) {
          best.set(to, total);
          queue.push(to);
        }
      }
    }
    return best.get(this.accept) ?? 0;
  }

  /** Searches both automata in step for a text with the wanted membership. Returns undefined if the search gives up. */
  private some(other: Language, wanted: (mine: boolean, others: boolean) => boolean): boolean | undefined {
    const symbols = symbolsOf(
      [this, other].flatMap(({ states }) => states.flatMap(({ edges }) => edges.map((e) => e.chars))),
    );
    const seen = new Set<string>();
    const queue: [number[], number[]][] = [[this.closure([this.start], true), other.closure([other.start], true)]];
    for (let pair = queue.pop(); pair; pair = queue.pop()) {
      const [mine, others] = pair;
      if (wanted(this.accepts(mine), other.accepts(others))) {
        return true;
      }
      for (const symbol of symbols) {
        const next: [number[], number[]] = [this.step(mine, symbol), other.step(others, symbol)];
        const key = next.map((states) => states.join()).join('|');
        if (next[0].length > 0 && !seen.has(key)) {
          seen.add(key);
          queue.push(next);
        }
      }
      if (seen.size > MOST_PAIRS) {
        return undefined;
      }
    }
    return false;
  }

  private accepts(states: number[]): boolean {
    return this.closure(states, false, true).includes(this.accept);
  }

  private step(states: number[], symbol: string): number[] {
    const to = states.flatMap((at) =>
      this.states[at].edges.filter(({ chars }) => chars.includes(symbol)).map((e) => e.to),
    );
    return this.closure(to, false);
  }

  private closure(states: number[], atStart: boolean, atEnd = false): number[] {
    const found = new Set(states);
    for (const at of found) {
      const { empty, starts, ends } = this.states[at];
      empty.forEach((to) => found.add(to));
      (atStart || !this.anchors ? starts : []).forEach((to) => found.add(to));
      (atEnd || !this.anchors ? ends : []).forEach((to) => found.add(to));
    }
    return [...found].sort((a, b) => a - b);
  }

  private state(): number {
    return this.states.push({ empty: [], starts: [], ends: [], edges: [] }) - 1;
  }

  /** Adds the states of a node behind a state, and returns the state after the node. */
  private build(node: PatternNode, from: number): number {
    switch (node.kind) {
      case 'group':
        return this.build(node.body, from);
      case 'sequence':
        return node.items.reduce((at, item) => this.build(item, at), from);
      case 'choice': {
        const to = this.state();
        node.items.forEach((item) => this.states[this.build(item, from)].empty.push(to));
        return to;
      }
      case 'repeat':
        return this.repeat(node, from);
      default:
        return this.single(node, from);
    }
  }

  private single(node: PatternNode & { kind: 'set' | 'assert' }, from: number): number {
    const to = this.state();
    const { empty, starts, ends, edges } = this.states[from];
    if (node.kind === 'set') {
      edges.push({ chars: node.chars, to });
    } else {
      (node.at === 'start' ? starts : node.at === 'end' ? ends : empty).push(to);
    }
    return to;
  }

  private repeat({ body, min, max }: PatternNode & { kind: 'repeat' }, from: number): number {
    let at = from;
    for (let i = 0; i < min; i++) {
      at = this.build(body, at);
    }
    const to = this.state();
    if (max === Infinity) {
      const loop = this.state();
      this.states[at].empty.push(loop);
      this.states[this.build(body, loop)].empty.push(loop);
      this.states[loop].empty.push(to);
      return to;
    }
    for (let i = min; i < max; i++) {
      this.states[at].empty.push(to);
      at = this.build(body, at);
    }
    this.states[at].empty.push(to);
    return to;
  }
}

/** Returns one character of each class of characters that no set tells apart. */
function symbolsOf(sets: readonly string[]): string[] {
  const distinct = [...new Set(sets)];
  const classes = new Map<string, string>();
  for (const char of TAG_CHARACTERS) {
    classes.set(distinct.map((set) => (set.includes(char) ? '1' : '0')).join(''), char);
  }
  return [...classes.values()];
}
