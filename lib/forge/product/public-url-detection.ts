import { ForgeFeature } from './feature';

/**
 * The methods by which a Gitea server determines its public address for a client: `[server] PUBLIC_URL_DETECTION`. The
 * address that the server sends to registry clients for a token depends on this setting.
 *
 * @see https://docs.gitea.com/administration/config-cheat-sheet#server-server
 */
export enum PublicUrlDetection {
  /** The request's Host header and X-Forwarded-Proto. Default since 1.26; available since 1.24. */
  AUTO = 'auto',
  /**
   * The Host header if X-Forwarded-Proto is present, otherwise `ROOT_URL`. Older servers behave this way; default up to
   * 1.25.
   */
  LEGACY = 'legacy',
  /** `ROOT_URL` in all cases. Available since 1.26. */
  NEVER = 'never',
}

/**
 * Returns the feature that a server needs to know a value of the setting.
 *
 * @jsii ignore
 */
export function detectionFeature(detection: PublicUrlDetection): ForgeFeature {
  return detection === PublicUrlDetection.NEVER ? ForgeFeature.PUBLIC_URL_NEVER : ForgeFeature.PUBLIC_URL_DETECTION;
}
