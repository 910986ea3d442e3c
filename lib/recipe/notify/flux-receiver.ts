import { ForgeError } from '../../support';
import { Expression, ReadyStepOptions, Step } from '../../workflow';
import { isSecret } from '../credential';
import { scriptOf } from '../scripts';

/** A set of properties that define how a job calls a Receiver. */
export interface TellFluxProps extends ReadyStepOptions {
  /** Address of the Receiver, with its path: `Expression.secret('FLUX_WEBHOOK_URL')`. The path works like a password. */
  readonly url: string;

  /** Token of the Receiver: `Expression.secret('FLUX_WEBHOOK_TOKEN')`. */
  readonly token: string;
}

/**
 * A collection of steps that call Flux, for registries that send no webhooks themselves.
 *
 * @example
 *
 * const tell = TellFlux.step({ url: Expression.secret('FLUX_WEBHOOK_URL'), token: Expression.secret('FLUX_WEBHOOK_TOKEN') });
 */
export class TellFlux {
  /**
   * Creates a step that calls a Receiver of type `generic-hmac` after an image was pushed. Flux then scans at once. The
   * step tries three times and never fails the job: Flux scans at its interval too.
   *
   * @throws FORGE-RECIPE-011 for an address or token in plain text
   * @see https://fluxcd.io/flux/components/notification/receivers/#generic-hmac-receiver
   */
  static step(props: TellFluxProps): Step {
    const { url, token, ...step } = props;
    if (![url, token].every(isSecret)) {
      throw ForgeError.of({
        code: 'FORGE-RECIPE-011',
        message: 'the address or the token of the Receiver is in plain text',
        fix: "store both in secrets of the forge, and pass Expression.secret('…')",
      });
    }
    return Step._ready(
      {
        name: 'Tell Flux',
        script: scriptOf('tell-flux'),
        env: { URL: url, KEY: token, BODY: `{"repository":"${Expression.REPOSITORY}","commit":"${Expression.SHA}"}` },
      },
      step,
    );
  }

  private constructor() {}
}
