import { CacheKind } from '../../buildkit';
import { PINS } from '../../support';
import { Action, Condition, Step } from '../../workflow';
import { CatalogueImage } from '../catalogue/image-options';

/** Variables that the runner of GitHub shows to actions only, and that a client of the cache needs. */
const VARIABLES = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_SERVICE_V2'];

const SCRIPT = `for (const name of [${VARIABLES.map((name) => `'${name}'`).join(', ')}]) core.setOutput(name, process.env[name] ?? '');
`;

/**
 * Returns the step that reads the access to the cache of GitHub, if an image has such a cache. Only the build step gets the
 * access, so that no step that runs code of the repository does.
 *
 * @jsii ignore
 */
export function cacheAccessStep(images: readonly CatalogueImage[], condition?: Condition): Step | undefined {
  if (!images.some(({ cache }) => cache?.kind === CacheKind.GITHUB)) {
    return undefined;
  }
  const { version, commit } = PINS.actions.githubScript;
  return Step.uses({
    name: 'Read the access to the cache',
    id: 'cache',
    ...(condition ? { if: condition } : {}),
    action: Action.repository('actions', 'github-script', { ref: version, sha: commit }),
    with: { script: SCRIPT },
    outputs: VARIABLES,
  });
}

/**
 * Returns the variables of the build step that has access to the cache of GitHub.
 *
 * @jsii ignore
 */
export function cacheAccess(step: Step | undefined): Record<string, string> | undefined {
  return step && Object.fromEntries(VARIABLES.map((name) => [name, step.output(name)]));
}
