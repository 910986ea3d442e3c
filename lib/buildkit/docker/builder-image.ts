import { ForgeError, quoted } from '../../support';
import { BuildkitVersion } from '../version';

interface BuilderImage {
  readonly version?: BuildkitVersion;
  readonly image?: string;
}

/**
 * Returns the image of a builder that jobs start, with its tag.
 *
 * @throws FORGE-BK-024 for an image that is not a name
 * @internal
 */
export function imageOf({ image = 'moby/buildkit', version = BuildkitVersion.LATEST_KNOWN }: BuilderImage): string {
  checkedOption('image', image, {
    pattern: /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[a-z0-9][a-z0-9._-]*)*$/,
    allowed: 'the name of an image without tag',
    example: 'registry.example.com/mirror/buildkit',
  });
  return `${image}:v${version.toString()}`;
}

interface Grammar {
  readonly pattern: RegExp;
  readonly allowed: string;
  readonly example: string;
}

/**
 * Throws if an option of a driver is not what buildx reads.
 *
 * @throws FORGE-BK-024
 * @internal
 */
export function checkedOption(name: string, value: string, { pattern, allowed, example }: Grammar): void {
  if (pattern.test(value)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-024',
    message: `${name} of a buildx driver is ${quoted(value)}`,
    allowed,
    fix: `set ${name} to such a value, for example '${example}'`,
  });
}
