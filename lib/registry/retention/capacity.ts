import { Size } from 'cdk8s';
import { ForgeError } from '../../support';

/** A number of tags that are kept of each image, and the room that there is for them. */
interface KeptTags {
  readonly images: readonly { readonly size?: Size }[];
  readonly keepLast: number;
  readonly capacity?: Size;
}

/** Checks that the tags that are kept have room in the registry. */
export function checkCapacity({ images, keepLast, capacity }: KeptTags): void {
  if (capacity === undefined) {
    return;
  }
  const mebibytes = (size: Size) => size.toKibibytes() / 1024;
  const needed = images.reduce((sum, { size }) => sum + (size ? mebibytes(size) * keepLast : 0), 0);
  if (needed <= mebibytes(capacity)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-016',
    message: `${keepLast} tags of each image take about ${Math.ceil(needed / 1024)} GiB, and there is room for ${Math.floor(mebibytes(capacity) / 1024)} GiB`,
    fix: 'keep fewer, or give the registry more storage',
    symptom: 'no space left on device',
  });
}
