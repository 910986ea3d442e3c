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
        seen: '`version list argument cannot be empty` or `unable to determine latest version` at an ImagePolicy',
        remedy:
          'No tag of the form that stands under "Images" is in the registry: was it built yet, and does the build push such tags?',
        look: [command`flux get images policy --namespace ${namespace}`],
      },
    ],
  };
}

/** Returns the operator advice for an image that Flux scans. */
export function scanAdvice(registry: Registry): Advice {
  return { checks: registryChecks(registry), symptoms: registrySymptoms(registry), parts: [registryPart(registry)] };
}
