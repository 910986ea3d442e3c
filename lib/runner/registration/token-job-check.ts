import { Construct } from 'constructs';
import { Forge, ForgeFeature } from '../../forge';
import { ForgeError, quoted } from '../../support';
import { TokenMint } from './token-mint';

interface MintParts {
  readonly forge: Forge;
  readonly mint: TokenMint;
  readonly runner?: string;
}

/** Returns the script of a Job: it fetches a token that runners share, or creates one runner. */
export function scriptOf({ runner }: MintParts): string {
  return runner === undefined ? 'mint-token.sh' : 'create-runner.sh';
}

/**
 * Rejects what the forge does not give to a Job.
 *
 * @throws FORGE-RUN-016
 */
export function checkMint(construct: Construct, { forge, mint, runner }: MintParts): void {
  const wrong = (message: string, fix: string) => ForgeError.at(construct, { code: 'FORGE-RUN-016', message, fix });
  const isShared = forge.supports(ForgeFeature.SHARED_REGISTRATION_TOKENS);
  const { title } = forge.product;
  if (isShared) {
    if (runner !== undefined) {
      throw wrong(
        `${title} gives a token that runners share, and creates no runner ${quoted(runner)}`,
        'remove runner',
      );
    }
    return;
  }
  if (!forge.supports(ForgeFeature.PREDECLARED_RUNNERS) || !forge.supports(ForgeFeature.RUNNERS_API)) {
    throw wrong(
      `${forge.title} gives no registration tokens that could be shared, and creates no runners by its API`,
      forge.supports(ForgeFeature.PREDECLARED_RUNNERS)
        ? 'create the runner at the forge, and set registration to Registration.connection(…); or use Forgejo 15.0 or newer'
        : 'use GitHubRunner, which registers itself',
    );
  }
  if (runner === undefined) {
    throw wrong(
      `${title} gives no registration tokens that could be shared`,
      'set runner to the name of the runner to create',
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/.test(runner)) {
    throw wrong(`runner ${quoted(runner)} is not the name of a runner`, 'use letters, digits, ".", "_" and "-"');
  }
  if (mint.kind !== 'api') {
    throw wrong(`${title} creates runners by its API only`, 'use TokenMint.api(…)');
  }
}
