import { ForgeError, Problem } from '../../support';

/**
 * Returns the problem of a value in a pod that Kubernetes rejects.
 *
 * @jsii ignore
 */
export function refusal(message: string, fix: string, symptom?: string): Problem {
  return { code: 'FORGE-KUBE-023', message, fix, ...(symptom === undefined ? {} : { symptom }) };
}

/**
 * Returns the error of a value in a pod that Kubernetes rejects.
 *
 * @jsii ignore
 */
export function refused(message: string, fix: string): ForgeError {
  return ForgeError.of(refusal(message, fix));
}

const ID_MAX = 2147483647;

/**
 * Returns what is no ID of a user or group.
 *
 * @jsii ignore
 */
export function idProblems(at: string, ids: Record<string, number | undefined>): Problem[] {
  return Object.entries(ids)
    .filter(([, id]) => id !== undefined && !(Number.isInteger(id) && id >= 0 && id <= ID_MAX))
    .map(([what, id]) => refusal(`${at}.${what} is ${id}`, `set a whole number from 0 to ${ID_MAX}`));
}
