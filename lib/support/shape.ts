/**
 * A type of the public API, as far as a value can be checked against the type at run time.
 *
 * @jsii ignore
 */
export type Shape =
  | { readonly is: 'any' | 'string' | 'number' | 'boolean' | 'function' | 'object' }
  | { readonly is: 'literal'; readonly value: unknown }
  | { readonly is: 'named'; readonly name: string }
  | { readonly is: 'list' | 'record'; readonly of: Shape }
  | { readonly is: 'union'; readonly of: Shape[] };

const PRIMITIVES = ['any', 'string', 'number', 'boolean', 'function', 'object'] as const;

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|Record<|\[\]|[|()>]|[A-Za-z_][\w.]*)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    tokens.push(match[1]);
  }
  return tokens;
}

/**
 * Reads a type in the part of TypeScript's notation that `door.ts` uses: names, literals, `X[]`, `Record<X>`, `A|B`.
 * A name without a dot belongs to the module `room`.
 *
 * @jsii ignore
 */
export function readShape(text: string, room: string): Shape {
  const tokens = tokensOf(text);
  const union = (): Shape => {
    const members = [postfix()];
    while (tokens[0] === '|') {
      tokens.shift();
      members.push(postfix());
    }
    return members.length === 1 ? members[0] : { is: 'union', of: members };
  };
  const postfix = (): Shape => {
    let shape = single();
    while (tokens[0] === '[]') {
      tokens.shift();
      shape = { is: 'list', of: shape };
    }
    return shape;
  };
  const single = (): Shape => {
    const token = tokens.shift()!;
    if (token === '(' || token === 'Record<') {
      const inner = union();
      tokens.shift();
      return token === '(' ? inner : { is: 'record', of: inner };
    }
    const primitive = PRIMITIVES.find((name) => name === token);
    if (primitive) {
      return { is: primitive };
    }
    if (/^["\d-]|^(?:true|false|null)$/.test(token)) {
      return { is: 'literal', value: JSON.parse(token) };
    }
    return { is: 'named', name: token.includes('.') ? token : `${room}.${token}` };
  };
  return union();
}

/**
 * Returns a type in words, as the end of the sentence "must be …".
 *
 * @jsii ignore
 */
export function shapeInWords(shape: Shape): string {
  switch (shape.is) {
    case 'literal':
      return JSON.stringify(shape.value);
    case 'named':
      return `a value of the type ${shape.name.slice(shape.name.indexOf('.') + 1)}`;
    case 'list':
      return `a list; each item ${shapeInWords(shape.of)}`;
    case 'record':
      return `an object; each value ${shapeInWords(shape.of)}`;
    case 'union':
      return shape.of.map(shapeInWords).join(' or ');
    case 'number':
      return 'a finite number';
    case 'any':
      return 'any value';
    default:
      return `${shape.is === 'object' ? 'an' : 'a'} ${shape.is}`;
  }
}
