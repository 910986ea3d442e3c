import { IConstruct } from 'constructs';
import { Command } from './command';
import { Expectation } from './expectation';
import { Link, Part } from './part';

const ADVICE = 'cdk8s-forge:advice';

/** The parts that every check has. */
interface AnyCheck {
  /** The subject of the check, in a few words of Markdown. Checks with the same subject are grouped. */
  readonly about: string;
  /** The title of the check, in a few words of Markdown. */
  readonly title: string;
  /** The expected result, in Markdown. */
  readonly good: string;
  /** The verbatim output that shows the most frequent problem. */
  readonly symptom?: string;
  /** The required permissions of the API token, if the commands use a token. */
  readonly token?: TokenUse;
  /** The private CA of the requested server, if the commands use no token. They read the CA certificates from the file `$CA`. */
  readonly authority?: PrivateAuthority;
}

/** A check that commands make, with an expectation that a program can compare. */
interface CommandCheck extends AnyCheck {
  /** The Bash commands, one per line. The commands must not contain a secret: they read a token from the file `$HEADER`. */
  readonly commands: Command[];
  /**
   * The commands whose result `expect` describes, one per line. They run in one Bash with `set -eo pipefail`, print
   * nothing that `expect` does not need, and wait no longer than a minute.
   *
   * @default - the commands
   */
  readonly run?: Command[];
  /** The machine-readable form of the expected result. */
  readonly expect: Expectation;
}

/** A check that only requires opening a page. */
interface PageCheck extends AnyCheck {
  readonly commands?: undefined;
  readonly run?: undefined;
  readonly expect?: undefined;
}

/**
 * A check that shows whether a part of the setup works. A check with commands has an expectation.
 *
 * @jsii ignore
 */
export type Check = CommandCheck | PageCheck;

/**
 * A token that an operator needs for a command.
 *
 * @jsii ignore
 */
export interface TokenUse {
  /** The page for creating the token. */
  readonly page: string;
  /** The scope of the token, for example `read:admin`. */
  readonly scope: string;
  /** The private CA of the requested server. The commands read the CA certificates from the file `$CA`. */
  readonly authority?: PrivateAuthority;
}

/**
 * A private CA that the operator's machine may not trust.
 *
 * @jsii ignore
 */
export interface PrivateAuthority {
  /** The name of the ConfigMap or Secret that contains the CA certificates. */
  readonly name: string;
  /** A command that prints the CA certificates, if their namespace is known. */
  readonly print?: Command;
}

/**
 * A symptom that indicates a problem, together with its cause and its fix. Symptoms with the same appearance are grouped.
 *
 * @jsii ignore
 */
export interface Symptom {
  /**
   * The observed symptom and its location, in Markdown. The text is the verbatim output of the software that reports
   * the problem.
   */
  readonly seen: string;
  /** The cause, as sentences in Markdown. If several constructs provide the same text, the text appears once. */
  readonly cause: string;
  /** The required actions, as sentences in Markdown. A command that deletes something says so. */
  readonly fix: string;
  /** The commands for the diagnosis, as one line of Bash each. They change nothing. */
  readonly look?: Command[];
}

/**
 * Returns the verbatim texts of a symptom, each as its parts between dots that stand for anything. A text of less than eight
 * characters says too little.
 *
 * @jsii ignore
 */
export function symptomTexts(seen: string): string[][] {
  const texts = [...seen.matchAll(/`([^`]+)`/g)].map(([, text]) => text).filter((text) => text.length >= 8);
  return texts.map((text) => text.split('…').map((part) => part.trim()));
}

/**
 * A manual step that is not in the list of Secrets.
 *
 * @jsii ignore
 */
export interface ByHand {
  /** The subject of the step, in a few words of Markdown. Steps with the same title share a heading. */
  readonly title: string;
  /** The required actions, in Markdown. */
  readonly text: string;
  /** The Bash commands, one per line. */
  readonly commands?: Command[];
  /**
   * True for a step on a machine that comes before the setup of the clusters: what it creates must exist.
   *
   * @default false
   */
  readonly isFirst?: boolean;
  /** The Secret that the step creates. The step is left out if the cdk8s app creates the Secret itself. */
  readonly creates?: { readonly namespace: string; readonly name: string };
  /** The request whose answer contains the value of the Secret, if the API of the forge creates the value. */
  readonly mint?: TokenRequest;
  /** The required permissions of the API token, if the commands use a token. */
  readonly token?: TokenUse;
}

/**
 * A request whose answer contains a token.
 *
 * @jsii ignore
 */
export interface TokenRequest {
  /** The URL of the request, whose method is POST. */
  readonly url: string;
  /** The key of the Secret that stores the token of the answer. */
  readonly key: string;
}

/**
 * A set of advice that a construct provides for the operator. The advice appears in the runbook.
 *
 * The advice is derived only from the model, never from a managed value. For this reason, the runbook stays the same
 * after every Flux commit.
 *
 * @jsii ignore
 */
export interface Advice {
  /**
   * The endpoints that must be reachable in addition to the forge and the registries: addresses of actions, `docker://`
   * images.
   */
  readonly reaches?: string[];
  /** Warnings about settings that work but may be unintended. */
  readonly warnings?: string[];
  /** The manual steps for the operator. */
  readonly byHand?: ByHand[];
  /** The checks that show whether the construct works. */
  readonly checks?: Check[];
  /** The symptoms that appear if the construct does not work. */
  readonly symptoms?: Symptom[];
  /** The diagram parts of the construct, if no link leads to them. */
  readonly parts?: Part[];
  /** The links between parts in the diagram. Both ends of a link are in the diagram. */
  readonly links?: Link[];
}

/**
 * A warning at a construct, which a check of the whole app found.
 *
 * @jsii ignore
 */
export interface SaidWarning {
  /** The path of the construct. */
  readonly path: string;
  /** The warning, in Markdown. */
  readonly text: string;
}

/**
 * Adds advice for the operator to a construct. The advice is requested when the construct tree is complete.
 *
 * @jsii ignore
 */
export function advise(construct: IConstruct, produce: () => Advice): void {
  construct.node.addMetadata(ADVICE, produce);
}

/**
 * Returns all advice that was added to a construct.
 *
 * @jsii ignore
 */
export function adviceAt(construct: IConstruct): Advice[] {
  return construct.node.metadata
    .filter((entry) => entry.type === ADVICE)
    .map((entry) => (entry.data as () => Advice)());
}
