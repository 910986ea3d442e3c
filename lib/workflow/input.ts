import { ForgeError, quoted } from '../support';

/** A set of properties that every kind of input accepts. */
export interface InputProps {
  /**
   * Description of the input, as shown to users who start the workflow.
   *
   * @default - nothing
   */
  readonly description?: string;

  /**
   * Whether to require a value.
   *
   * @default false
   */
  readonly required?: boolean;
}

/** An input that accepts text. */
export interface TextInputProps extends InputProps {
  /**
   * Value to use if the input is not set.
   *
   * @default - the empty text
   */
  readonly defaultValue?: string;
}

/** An input that accepts a boolean. */
export interface BooleanInputProps extends InputProps {
  /**
   * Value to use if the input is not set.
   *
   * @default false
   */
  readonly defaultValue?: boolean;
}

/** An input that accepts a number. */
export interface NumberInputProps extends InputProps {
  /**
   * Value to use if the input is not set.
   *
   * @default - no number
   */
  readonly defaultValue?: number;
}

/** An input that accepts a text from a fixed list. */
export interface ChoiceInputProps extends InputProps {
  /** Texts that users can choose from. */
  readonly options: string[];

  /**
   * Value to use if the input is not set. The value must be in the options.
   *
   * @default - the first option
   */
  readonly defaultValue?: string;
}

/** Input types that the workflow file supports. */
type InputType = 'string' | 'boolean' | 'number' | 'choice' | 'environment';

interface InputDefinition extends InputProps {
  readonly type: InputType;
  readonly defaultValue?: string | boolean | number;
  readonly options?: string[];
}

/**
 * An input that is passed by the starter of a workflow: a person (`Trigger.dispatch`) or another workflow
 * (`Trigger.call`).
 *
 * @example
 *
 * const level = Input.choice('level', { options: ['patch', 'minor', 'major'] });
 * const env = { LEVEL: level.value };
 */
export class Input {
  /** Creates an input for any text. */
  static text(name: string, props: TextInputProps = {}): Input {
    return new Input(name, { ...props, type: 'string' });
  }

  /** Creates a boolean input. Check its value with `Condition.isTrue(input.value)`. */
  static boolean(name: string, props: BooleanInputProps = {}): Input {
    return new Input(name, { ...props, type: 'boolean' });
  }

  /** Creates an input for a number. */
  static number(name: string, props: NumberInputProps = {}): Input {
    if (props.defaultValue !== undefined && !Number.isFinite(props.defaultValue)) {
      throw bad(name, `its default is ${props.defaultValue}`, 'give a finite number');
    }
    return new Input(name, { ...props, type: 'number' });
  }

  /**
   * Creates an input for a text from a fixed list. Only people can set the input: a called workflow accepts a text
   * input instead.
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

  /** Creates an input for the name of a deployment environment. GitHub only. */
  static environment(name: string, props: InputProps = {}): Input {
    return new Input(name, { ...props, type: 'environment' });
  }

  private constructor(
    /** Name of the issuer. */
    readonly name: string,
    private readonly definition: InputDefinition,
  ) {
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
      throw bad(name, 'that is not a name', 'use letters, digits, "_" and "-", first a letter or "_"');
    }
  }

  /** The value of the input, for `env`, `with` and conditions of the workflow that declares the input. */
  get value(): string {
    return `\${{ inputs.${this.name} }}`;
  }

  /** Type of the input: string, boolean, number, choice or environment. */
  get type(): string {
    return this.definition.type;
  }

  /** Whether to require a value. */
  get required(): boolean {
    return this.definition.required ?? false;
  }

  /**
   * Returns the definition of the input in the workflow file.
   *
   * @internal
   */
  _render(): Record<string, unknown> {
    const { description, required, type, defaultValue, options } = this.definition;
    return { description, type, required, default: defaultValue, options };
  }

  /**
   * Returns the definition of the input in the file of an action, where every input is text.
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
