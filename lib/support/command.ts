/** A value in a command: a word, several words, or a part that is a command itself. */
type CommandPart = string | number | Command | readonly (string | Command)[];

const SAFE_WORD = /^[A-Za-z0-9_.\/:@%+=,-]+$/;

/**
 * A command of Bash that someone reads and runs. `command` creates it, and is the only way to create it: a name of the
 * model in a command is quoted there, in one place.
 *
 * @jsii ignore
 */
export class Command {
  /**
   * Returns a text of another party as a command, without a change. The text must not contain a name of the model that is not
   * quoted.
   */
  static ofText(text: string): Command {
    return new Command(text);
  }

  /** Joins the parts of a template. */
  static _join(code: readonly string[], values: readonly CommandPart[]): Command {
    let text = code[0];
    values.forEach((value, i) => {
      if (isInsideQuotes(text)) {
        throw new Error(`a value inside the quotes of a command: ${text}`);
      }
      text += wordsOf(value) + code[i + 1];
    });
    return new Command(text);
  }

  private constructor(
    /** The text of the command. */
    readonly text: string,
  ) {}

  /** Returns the text of the command. */
  toString(): string {
    return this.text;
  }

  /** Returns the text of the command, for JSON. */
  toJSON(): string {
    return this.text;
  }
}

/**
 * Returns a command of Bash. The text of the template is code. A value is one word, in quotes if necessary; a list is
 * several words. A value that is a command itself stays code.
 *
 * @jsii ignore
 */
export function command(code: TemplateStringsArray, ...values: CommandPart[]): Command {
  return Command._join(code, values);
}

/**
 * Returns a word of a shell command, quoted if necessary.
 *
 * @jsii ignore
 */
export function shellWord(text: string): string {
  return SAFE_WORD.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

function wordsOf(value: CommandPart): string {
  if (Array.isArray(value)) {
    return (value as readonly (string | Command)[]).map(wordsOf).join(' ');
  }
  return value instanceof Command ? value.text : shellWord(String(value));
}

/** Returns whether a quotation is open at the end of Bash code. */
function isInsideQuotes(code: string): boolean {
  let open = '';
  for (let i = 0; i < code.length; i += 1) {
    const character = code[i];
    if (character === '\\' && open !== "'") {
      i += 1;
    } else if (open === '' ? character === "'" || character === '"' : character === open) {
      open = open === '' ? character : '';
    }
  }
  return open !== '';
}
