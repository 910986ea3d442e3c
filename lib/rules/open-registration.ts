import { GiteaRelease } from '../forge';
import { byPath, Model } from '../model';
import { RUNNERS } from '../runner';
import { Findings, SaidWarning } from '../support';

const CODE = 'FORGE-RULE-005';

/** An owner that no program names, in the place of someone who signs up. */
const STRANGER = 'someone-who-signs-up/repository';

/**
 * Warns of runners that run jobs of everyone at a server where everyone can create an account. An acknowledged warning is
 * not returned.
 *
 * @jsii ignore
 */
export function openRegistrationWarnings(model: Model): SaidWarning[] {
  const open = byPath(model.constructs).filter(
    (construct): construct is GiteaRelease => construct instanceof GiteaRelease && construct._openRegistration,
  );
  return open.flatMap(({ forge, node }) =>
    byPath(model.all(RUNNERS))
      .filter(
        (runner) =>
          !Findings.of(runner).isAcknowledged(CODE) &&
          runner.canRunJobsOf(forge.repository(STRANGER), runner.jobLabels),
      )
      .map((runner) => ({
        path: runner.node.path,
        text: `${CODE}: everyone can create an account at ${forge.url} (\`${node.path}\`), and this runner accepts jobs of every repository there: a stranger can run commands on it. Remove openRegistration, or set the scope to an organization: gitea.organization('…')`,
      })),
  );
}
