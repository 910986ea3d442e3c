import { byPath, Model } from '../model';
import { command } from '../support';
import { ForgeFeature } from '../forge';
import { forgeInside } from './forge-inside';
import { forgesOf } from './plan-clusters';
import { shell } from './runbook-text';

const INSIDE = [
  'The app installs the server of its own repository, which has no `FORGE_TOKEN` yet. Run `bootstrap` without one: it installs the server and ends at',
  'the step `repository`. Create the token at the server, and run `bootstrap` again.',
  '',
];

const MINTED = [
  'point. `FORGE_TOKEN` is a token of an administrator. With `FORGE_USER` and `FORGE_PASSWORD` of the bot user, `--mint` lets the forge',
  'create the tokens; without them, the command asks for the values. `npx cdk8s-forge secrets` lists what is missing.',
];

const ASKED = [
  'point. `FORGE_TOKEN` is a token of an administrator. The command asks for the values of the Secrets, because the forge has no API that creates',
  'tokens. `npx cdk8s-forge secrets` lists what is missing.',
];

/** Returns the commands that do the steps of the runbook, in their order, if the app has a cluster. */
export function operatorCommands(model: Model): string[] {
  const clusters = byPath(model.clusters);
  if (clusters.length === 0) {
    return [];
  }
  const delivers = model.files.some(({ path }) => path.startsWith('repositories/'));
  const isInside = clusters.some((cluster) => forgeInside(model, cluster));
  const canMint = forgesOf(model).some((forge) => forge.supports(ForgeFeature.TOKENS_API));
  const chosenBy = ({ name }: { readonly name: string }) =>
    clusters.length === 1 ? [] : ['--cluster', name, '--context', name];
  const bootstrap = clusters.map((cluster) => {
    const inside = forgeInside(model, cluster) ? ['--forge-inside'] : [];
    return command`npx cdk8s-forge ${['bootstrap', ...(canMint ? ['--mint'] : []), ...inside, ...chosenBy(cluster)]}`;
  });
  return [
    '## Set up with the command',
    '',
    'These commands do the steps of the chapters that follow. Run them in the root directory of the repository, with the output committed. Each',
    'one can run again, and `--dry-run` shows what would change. The chapters that follow are the manual way.',
    '',
    ...shell([
      ...bootstrap,
      ...(delivers ? [command`npx cdk8s-forge deliver`] : []),
      ...clusters.map((cluster) => command`npx cdk8s-forge verify ${[...chosenBy(cluster), '--wait', '600']}`),
    ]),
    '',
    '`bootstrap` installs Flux and the operators that are missing, creates namespaces, the repository and the Secrets, and applies the cluster entry',
    ...(canMint ? MINTED : ASKED),
    '',
    ...(isInside ? INSIDE : []),
  ];
}
