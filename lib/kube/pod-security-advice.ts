import { IConstruct } from 'constructs';
import { command, Symptom } from '../support';
import { PodSecurity } from './pod-security';

/**
 * Returns the symptoms in a namespace that enforces a stricter level than its pods require.
 *
 * @jsii ignore
 */
export function podSecuritySymptoms(scope: IConstruct): Symptom[] {
  return PodSecurity.requirements(scope)
    .filter(({ level }) => level !== PodSecurity.RESTRICTED)
    .map(({ namespace, level }) => ({
      seen: '`violates PodSecurity`, and there are no pods',
      remedy: `Namespace \`${namespace}\` must have the label \`pod-security.kubernetes.io/enforce=${level.level}\`.`,
      look: [
        command`kubectl --namespace ${namespace} get events --field-selector reason=FailedCreate`,
        command`kubectl get namespace ${namespace} --show-labels`,
      ],
    }));
}
