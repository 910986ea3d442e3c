import { once } from './once';
import { readShape, Shape } from './shape';

/**
 * A property of a props interface, or a parameter.
 *
 * @jsii ignore
 */
export interface DoorMember {
  readonly name: string;
  readonly optional: boolean;
  readonly rest: boolean;
  readonly shape: Shape;
}

/**
 * A named type of the public API: its enum values, its props or the members that identify its objects.
 *
 * @jsii ignore
 */
export type DoorType =
  | { readonly is: 'enum'; readonly values: Shape }
  | {
      readonly is: 'struct';
      readonly bases: string[];
      /** The lines of `door.ts` with the properties. Most programs ask for few of them. */
      readonly props: string[];
      readonly subs: string[];
    }
  | { readonly is: 'class'; readonly members: string[]; readonly of?: object };

/**
 * The part of a module's API that the module checks at run time. `door.ts` of each module has the text.
 *
 * @jsii ignore
 */
export interface DoorTable {
  /** The parameters of the constructors, by class name. */
  readonly constructors: Map<string, DoorMembers>;
  /** The parameters of the static methods, by `Class.method`, and of the methods, by `Class#method`. */
  readonly methods: Map<string, DoorMembers>;
}

/**
 * Returns parameters, which are read at the first call: a program that imports the library calls a small part of it.
 *
 * @jsii ignore
 */
export type DoorMembers = () => DoorMember[];

/** An entry of `door.ts`: a call, all properties of an interface, or a line about a type. */
const ENTRY = /^(?:(new )?([\w.#]+)\((.*)\)|(\w+)\.\w+\??: .*(?:\n\4\.\w+\??: .*)*|(?:enum|class|struct) .*)$/gm;

const types = new Map<string, DoorType>();

/** Answers about the types, until another module adds types. */
const known = { props: new Map<string, Map<string, DoorMember>>(), keys: new Map<string, Set<string>>() };

function remembered<T>(answers: Map<string, T>, name: string, find: () => T): T {
  const answer = answers.get(name) ?? find();
  answers.set(name, answer);
  return answer;
}

/**
 * Returns a named type, for example `runner.RunnerProps`.
 *
 * @jsii ignore
 */
export function doorType(name: string): DoorType | undefined {
  return types.get(name);
}

/**
 * Returns the properties of a props interface, with those of the interfaces that it extends.
 *
 * @jsii ignore
 */
export function propsOf(name: string): ReadonlyMap<string, DoorMember> {
  return remembered(known.props, name, () => {
    const type = types.get(name);
    return type?.is === 'struct'
      ? new Map([...type.bases.flatMap((base) => [...propsOf(base)]), ...ownProps(name, type.props)])
      : new Map();
  });
}

/**
 * Returns the names of all properties that an object of this props interface may have, because the object may have been
 * made for an interface that extends this one.
 *
 * @jsii ignore
 */
export function keysOf(name: string): ReadonlySet<string> {
  return remembered(known.keys, name, () => {
    const type = types.get(name);
    const subs = type?.is === 'struct' ? type.subs : [];
    return new Set([...propsOf(name).keys(), ...subs.flatMap((sub) => [...keysOf(sub)])]);
  });
}

function ownProps(name: string, props: readonly string[]): [string, DoorMember][] {
  const room = name.slice(0, name.indexOf('.'));
  const lines = props.flatMap((block) => block.split('\n'));
  const members = lines.map((line) => readMember(line.slice(line.indexOf('.') + 1), room));
  return members.map((member) => [member.name, member]);
}

function readMember(text: string, room: string): DoorMember {
  const [, rest, name, optional, type] = /^(\.\.\.)?(\w+)(\?)?: (.*)$/.exec(text)!;
  return { name, optional: optional !== undefined, rest: rest !== undefined, shape: readShape(type, room) };
}

function readMembers(text: string, room: string): DoorMembers {
  return once(() => (text === '' ? [] : text.split(', ').map((each) => readMember(each, room))));
}

const qualified = (name: string, room: string) => (name.includes('.') ? name : `${room}.${name}`);

function structNamed(name: string): DoorType & { is: 'struct' } {
  const present = types.get(name);
  if (present?.is === 'struct') {
    return present;
  }
  const made = { is: 'struct' as const, bases: [], props: [], subs: [] };
  types.set(name, made);
  return made;
}

function readType(line: string, room: string, classes: Record<string, object>): void {
  const [, kind, name, text] = /^(enum|class|struct) ([\w.]+):? ?(.*)$/.exec(line) ?? [];
  if (kind === 'enum') {
    const values = once(() => readShape(text, room));
    types.set(qualified(name, room), {
      is: 'enum',
      get values() {
        return values();
      },
    });
  } else if (kind === 'class') {
    const members = text === '' ? [] : text.split(' ');
    types.set(qualified(name, room), { is: 'class', members, of: classes[name] });
  } else if (kind === 'struct') {
    const struct = structNamed(qualified(name, room));
    for (const base of text === '' ? [] : text.slice(2).split(' ')) {
      struct.bases.push(qualified(base, room));
      structNamed(qualified(base, room)).subs.push(qualified(name, room));
    }
  }
}

/**
 * Reads the text of a module's `door.ts` and records its types.
 *
 * @jsii ignore
 */
export function readDoor(room: string, classes: Record<string, object>, text: string): DoorTable {
  known.props.clear();
  known.keys.clear();
  const table: DoorTable = { constructors: new Map(), methods: new Map() };
  for (const [entry, isNew, call, params, struct] of text.matchAll(ENTRY)) {
    if (struct !== undefined) {
      structNamed(qualified(struct, room)).props.push(entry);
    } else if (call !== undefined) {
      (isNew ? table.constructors : table.methods).set(call, readMembers(params, room));
    } else {
      readType(entry, room, classes);
    }
  }
  return table;
}
