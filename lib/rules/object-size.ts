import { ApiObject } from 'cdk8s';
import { Manifest } from '../model';
import { Problem, quoted } from '../support';

/** The most that the values of a ConfigMap or Secret may have together, in bytes. */
const MOST = 1024 * 1024;

/** Returns the problem of a ConfigMap or Secret whose data the API server does not accept. */
export function sizeProblem(object: ApiObject, manifest: Manifest): Problem | undefined {
  if (object.apiVersion !== 'v1' || (object.kind !== 'ConfigMap' && object.kind !== 'Secret')) {
    return undefined;
  }
  const { data, binaryData, stringData } = manifest as Record<string, unknown>;
  const size = bytesOf(data, object.kind === 'Secret') + bytesOf(binaryData, true) + bytesOf(stringData, false);
  if (size <= MOST) {
    return undefined;
  }
  return {
    code: 'FORGE-RULE-006',
    message: `the data of ${object.kind} ${quoted(object.name)} has ${size} bytes`,
    allowed: `${MOST} bytes`,
    fix: 'split it into several objects, or put large files into an image or a volume',
    symptom: 'Too long: may not be more than 1048576 bytes',
    path: object.node.path,
  };
}

/** Returns the size of values. Values in base64 count as what they encode. */
function bytesOf(values: unknown, isEncoded: boolean): number {
  return Object.values((values ?? {}) as Record<string, unknown>)
    .filter((value) => typeof value === 'string')
    .reduce((sum, value) => sum + Buffer.byteLength(value, isEncoded ? 'base64' : 'utf8'), 0);
}
