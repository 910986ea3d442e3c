import { IConstruct } from 'constructs';
import { Link, Part } from './part';

const ADVICE = 'cdk8s-forge:advice';

/**
 * How to see whether something works.
 *
 * @jsii ignore
 */
export interface Check {
  /** What it is about, in a few words of Markdown: checks of one subject stand together. */
  readonly about: string;
  /** What is looked at, in a few words of Markdown. */
  readonly title: string;
  /** What is seen when all is well, in Markdown. */
  readonly good: string;
  /** Lines of bash; none if there is a page to look at only. No secret in them: a token is read from the file `$HEADER`. */
  readonly commands?: string[];
  /** What the API token must be allowed to do, if the commands use one. */
  readonly token?: TokenUse;
}

/**
 * A token that an operator needs for a command.
 *
 * @jsii ignore
 */
export interface TokenUse {
  /** The page on which it is made. */
  readonly page: string;
  /** Its scope, e.g. `read:admin`. */
  readonly scope: string;
  /** The private authority of the server that is asked: the commands read its certificates from the file `$CA`. */
  readonly authority?: PrivateAuthority;
}

/**
 * An authority whose certificates the operator's machine may not know.
 *
 * @jsii ignore
 */
export interface PrivateAuthority {
  /** Name of the ConfigMap or Secret that holds its certificates. */
  readonly name: string;
  /** A command that prints them, if it is known in which namespace they are. */
  readonly print?: string;
}

/**
 * What one sees when something is wrong, and what to do then. Symptoms that are seen alike stand together.
 *
 * @jsii ignore
 */
export interface Symptom {
  /** What is seen, and where, in Markdown: the words of the program that says them. */
  readonly seen: string;
  /** What it means and what to do, in Markdown. The same words said by several constructs are said once. */
  readonly remedy: string;
  /** Commands to look with, one line of bash each. */
  readonly look?: string[];
}

/**
 * Something to do by hand that the list of secrets does not say.
 *
 * @jsii ignore
 */
export interface ByHand {
  /** What it is about, in a few words of Markdown; several with one title stand below one heading. */
  readonly title: string;
  /** What to do, in Markdown. */
  readonly text: string;
  /** Lines of bash. */
  readonly commands?: string[];
  /** What the API token must be allowed to do, if the commands use one. */
  readonly token?: TokenUse;
}

/**
 * What a construct has to tell the operator; the runbook says it.
 *
 * It is made of the model alone, never of a managed value: the runbook is the same after every commit of Flux.
 *
 * @jsii ignore
 */
export interface Advice {
  /** What must be reachable beside the forge and the registries: addresses of actions, `docker://` images. */
  readonly reaches?: string[];
  /** What works, but perhaps not as meant. */
  readonly warnings?: string[];
  /** What to do by hand. */
  readonly byHand?: ByHand[];
  /** How to see whether it works. */
  readonly checks?: Check[];
  /** What is seen when it does not. */
  readonly symptoms?: Symptom[];
  /** What it is in the picture, if nothing leads to it. */
  readonly parts?: Part[];
  /** What leads where in the picture; both ends are in it. */
  readonly links?: Link[];
}

/**
 * Leaves word for the operator at a construct. It is asked for when the tree is complete.
 *
 * @jsii ignore
 */
export function advise(construct: IConstruct, produce: () => Advice): void {
  construct.node.addMetadata(ADVICE, produce);
}

/**
 * What has been left at a construct.
 *
 * @jsii ignore
 */
export function adviceAt(construct: IConstruct): Advice[] {
  return construct.node.metadata
    .filter((entry) => entry.type === ADVICE)
    .map((entry) => (entry.data as () => Advice)());
}
