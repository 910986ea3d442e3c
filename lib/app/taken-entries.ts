import * as fs from 'fs';
import * as path from 'path';
import { ImageLock, isOutputOf, ManagedImage } from '../output';
import { Problems, quoted } from '../support';

/** An image lock as it was read, and whose entries are whose. */
interface Lock {
  readonly locked: ImageLock;
  /** Output directories of this app, relative to the root. */
  readonly outputs: readonly string[];
  /** Directory of the image lock. */
  readonly root: string;
}

/**
 * Reports images whose entry in the image lock belongs to another app. An entry whose output directory is gone has no owner:
 * the app has moved.
 */
export function reportTakenEntries(
  managed: readonly ManagedImage[],
  { locked, outputs, root }: Lock,
  problems: Problems,
): void {
  for (const { policy } of managed) {
    const output = locked.get(policy)?.output;
    if (output !== undefined && !isOutputOf(output, outputs) && fs.existsSync(path.join(root, output))) {
      problems.add({
        code: 'FORGE-APP-021',
        message: `the image lock has ${quoted(policy)} for the app that writes ${quoted(output)}`,
        allowed: 'policies and clusters whose names no other app of the repository has',
        fix: `rename the cluster or the policy (policyName), or set imageLock to a file of its own; if this app wrote ${output} before, delete that directory`,
        symptom: 'no error: each synth takes the entry from the other app, and both clusters commit to one marker',
      });
    }
  }
}
