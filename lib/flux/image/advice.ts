import { registryChecks, registryPart, registrySymptoms, Registry } from '../../registry';
import { Advice, command } from '../../support';

/**
 * Returns the operator advice for image policies. All policies share this advice, because there are many and they fail
 * in the same way.
 */
export function policyAdvice(namespace: string): Advice {
  return {
    symptoms: [
      {
        seen: '`NAME_UNKNOWN: repository name not known to registry` at an ImageRepository, or `no tags in database` at an ImagePolicy',
        cause: 'The registry does not have the image yet: no build has pushed it.',
        fix: 'Push a commit to the repository of the image, and check that its workflow succeeds. If the image exists, check its name under [Images](#images).',
        look: [command`flux get images all --namespace ${namespace}`],
      },
      {
        seen: '`version list argument cannot be empty` or `unable to determine latest version` at an ImagePolicy',
        cause: 'No tag in the registry matches the tags that are listed under [Images](#images).',
        fix: 'Let the build push tags of this form, or change `tags` of the image in `main.ts`.',
        look: [command`flux get images policy --namespace ${namespace}`],
      },
    ],
  };
}

/** Returns the operator advice for an image that Flux scans. */
export function scanAdvice(registry: Registry): Advice {
  return { checks: registryChecks(registry), symptoms: registrySymptoms(registry), parts: [registryPart(registry)] };
}
