import { IConstruct } from 'constructs';
import { codeSpan, command, Symptom } from '../support';
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
      seen: '`violates PodSecurity`, and no pods',
      cause: `Namespace \`${namespace}\` enforces a stricter Pod Security level than \`${level.level}\`, which its pods need.`,
      fix: `Run ${codeSpan(command`kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=${level.level} --overwrite`)}.`,
      look: [
        command`kubectl --namespace ${namespace} get events --field-selector reason=FailedCreate`,
        command`kubectl get namespace ${namespace} --show-labels`,
      ],
    }));
}
