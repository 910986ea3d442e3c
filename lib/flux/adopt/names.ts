import { TAG } from '../../output';
import { hubNames } from '../../registry';

const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** The spellings under which clients find one image. An image of Docker Hub has several, for example `acme/api`. */
export class ImageNames {
  private readonly spellings: readonly string[];

  constructor(name: string) {
    const official = /^docker\.io\/library\/([^/]+)$/.exec(name)?.[1];
    const hosts = official === undefined ? [] : [`docker.io/${official}`, `index.docker.io/${official}`];
    this.spellings = [...hubNames(name), ...hosts];
  }

  /** Returns whether a text is a name of the image, without a version. */
  includes(text: string | undefined): boolean {
    return text !== undefined && this.spellings.includes(text);
  }

  /**
   * Returns what follows the name in a complete reference, for example `:1.0`, or undefined for any other text.
   *
   * @param mayBeShort whether a name without owner and host counts: `api:8080` can also be an address
   */
  versionIn(text: string, mayBeShort: boolean): string | undefined {
    const name = this.spellings.find(
      (one) => (mayBeShort || one.includes('/')) && (text.startsWith(`${one}:`) || text.startsWith(`${one}@`)),
    );
    const version = name === undefined ? '' : text.slice(name.length);
    const [tag, digest, ...more] = version.split('@');
    return version !== '' &&
      more.length === 0 &&
      (tag === '' || TAG.test(tag.slice(1))) &&
      (digest === undefined || DIGEST.test(digest))
      ? version
      : undefined;
  }

  /** Returns whether a longer text contains a reference to the image. */
  isMentionedIn(text: string): boolean {
    return this.spellings
      .filter((name) => name.includes('/'))
      .some((name) => {
        const at = text.indexOf(name);
        const after = text.slice(at + name.length);
        return at >= 0 && !/[\w./-]$/.test(text.slice(0, at)) && /^(:\w|@sha256:)/.test(after);
      });
  }
}
