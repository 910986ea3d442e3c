import { ForgeError, quoted } from '../support';

/** What every kind of input may say. */
export interface InputProps {
  /**
   * What it is for, as people see it who start the workflow.
   *
   * @default - nothing
   */
  readonly description?: string;

  /**
   * Whether it must be given.
   *
   * @default false
   */
  readonly required?: boolean;
}

/** An input that is text. */
export interface TextInputProps extends InputProps {
  /**
   * What holds if it is not given.
   *
   * @default - the empty text
   */
  readonly defaultValue?: string;
}

/** An input that is yes or no. */
export interface BooleanInputProps extends InputProps {
  /**
   * What holds if it is not given.
   *
   * @default false
   */
  readonly defaultValue?: boolean;
}

/** An input that is a number. */
export interface NumberInputProps extends InputProps {
  /**
   * What holds if it is not given.
   *
   * @default - no number
   */
  readonly defaultValue?: number;
}

/** An input that is one of several texts. */
export interface ChoiceInputProps extends InputProps {
  /** What there is to choose from. */
  readonly options: string[];

  /**
   * What holds if it is not given; one of the options.
   *
   * @default - the first option
   */
  readonly defaultValue?: string;
}

/** The types that the workflow file knows. */
type InputType = 'string' | 'boolean' | 'number' | 'choice' | 'environment';

interface InputDefinition extends InputProps {
  readonly type: InputType;
  readonly defaultValue?: string | boolean | number;
  readonly options?: string[];
}

/**
 * What a workflow is given by whoever starts it: a person (`Trigger.dispatch`) or another workflow (`Trigger.call`).
 *
 * @example
 *
 * const level = Input.choice('level', { options: ['patch', 'minor', 'major'] });
 * const env = { LEVEL: level.value };
 */
export class Input {
  /** Any text. */
  static text(name: string, props: TextInputProps = {}): Input {
    return new Input(name, { ...props, type: 'string' });
  }

  /** Yes or no. Ask for it with `Condition.isTrue(input.value)`. */
  static boolean(name: string, props: BooleanInputProps = {}): Input {
    return new Input(name, { ...props, type: 'boolean' });
  }

  /** A number. */
  static number(name: string, props: NumberInputProps = {}): Input {
    if (props.defaultValue !== undefined && !Number.isFinite(props.defaultValue)) {
      throw bad(name, `its default is ${props.defaultValue}`, 'give a finite number');
    }
    return new Input(name, { ...props, type: 'number' });
  }

  /**
   * One of several texts. Only people can give it: a workflow that is called takes a text instead.
   *
   * @throws FORGE-WF-028 without options, with an option twice, or if the default is none of them
   */
  static choice(name: string, props: ChoiceInputProps): Input {
    const { options, defaultValue } = props;
    if (options.length === 0) {
      throw bad(name, 'it has no options', 'give at least one');
    }
    if (new Set(options).size < options.length) {
      throw bad(name, 'an option stands twice', 'leave the second out');
    }
    if (defaultValue !== undefined && !options.includes(defaultValue)) {
      throw bad(
        name,
        `its default ${quoted(defaultValue)} is none of its options ${options.map(quoted).join(', ')}`,
        'choose one of them',
      );
    }
    return new Input(name, { ...props, type: 'choice', options: [...options] });
  }

  /** The name of a deployment environment. GitHub only. */
  static environment(name: string, props: InputProps = {}): Input {
    return new Input(name, { ...props, type: 'environment' });
  }

  private constructor(
    /** Its name. */
    readonly name: string,
    private readonly definition: InputDefinition,
  ) {
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
      throw bad(name, 'that is not a name', 'use letters, digits, "_" and "-", first a letter or "_"');
    }
  }

  /** What was given, for `env`, `with` and conditions of the workflow that declares it. */
  get value(): string {
    return `\${{ inputs.${this.name} }}`;
  }

  /** What kind it is: string, boolean, number, choice or environment. */
  get type(): string {
    return this.definition.type;
  }

  /** Whether it must be given. */
  get required(): boolean {
    return this.definition.required ?? false;
  }

  /**
   * Its entry in the workflow file.
   *
   * @internal
   */
  _render(): Record<string, unknown> {
    const { description, required, type, defaultValue, options } = this.definition;
    return { description, type, required, default: defaultValue, options };
  }

  /**
   * Its entry in the file of an action, to which everything is text.
   *
   * @internal
   */
  _renderForAction(): Record<string, unknown> {
    const { description, required, defaultValue } = this.definition;
    return {
      description: description ?? this.name,
      required,
      default: defaultValue === undefined ? undefined : String(defaultValue),
    };
  }
}

function bad(name: string, why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-028', message: `${quoted(name)} cannot be an input: ${why}`, fix });
}
