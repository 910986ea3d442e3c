import { IConstruct } from 'constructs';
import { oneLine } from './forge-error';

const ENGINE = 'cdk8s-forge:engine';

/**
 * The facts about the app that constructs need before the synth.
 *
 * @jsii ignore
 */
export interface Engine {
  /** The output directory relative to the root of the repository, for example `dist`. */
  readonly outputPath: string;

  /** The path of the image lock relative to the root of the repository, for example `images.yaml`. */
  readonly lockPath: string;
}

/**
 * Declares that an app can synthesize all constructs of this library.
 *
 * @jsii ignore
 */
export function declareEngine(app: IConstruct, engine: Engine): void {
  app.node.setContext(ENGINE, engine);
}

/**
 * Returns the facts about the app of a construct, or undefined if the app is a plain cdk8s `App`.
 *
 * @jsii ignore
 */
export function engineOf(construct: IConstruct): Engine | undefined {
  return construct.node.tryGetContext(ENGINE) as Engine | undefined;
}

/**
 * Rejects the construct at synth if its app is a plain cdk8s `App`, which writes only charts and does not know managed
 * images.
 *
 * @jsii ignore
 */
export function needsEngine(construct: IConstruct, what: string): void {
  construct.node.addValidation({
    validate: () =>
      engineOf(construct.node.root)
        ? []
        : [
            oneLine({
              code: 'FORGE-APP-013',
              message: `${what} is in a plain cdk8s App, which would not write it correctly`,
              fix: 'use new GitOpsApp() in place of new App()',
            }),
          ],
  });
}
