import { perText } from './per-text';

/** The formats of well-known tokens and keys. */
const TOKENS = [
  /^gh[pousr]_[A-Za-z0-9]{20,}$/,
  /^github_pat_[A-Za-z0-9_]{20,}$/,
  /^glpat-[A-Za-z0-9_-]{20,}$/,
  /^(AKIA|ASIA)[A-Z0-9]{16}$/,
  /^xox[abprs]-/,
  /^(npm|dckr_pat|dckr_oat|hf|pypi|sk_live|rk_live|sk-ant|sk-proj)[_-][A-Za-z0-9_-]{16,}$/,
  /^eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*$/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^AGE-SECRET-KEY-/,
  /^(Bearer|Basic|token) [A-Za-z0-9+/=._-]{16,}$/i,
];
/** Literals of which each of these formats contains one. A script without them contains no token, and is not divided into words. */
const TRACE_OF_TOKEN =
  /gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|npm[_-]|dckr_|hf[_-]|pypi[_-]|[sr]k_live|sk-ant|sk-proj|eyJ|-----BEGIN|AGE-SECRET-KEY-/;
/** A URL with a password. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;
/** The format of tokens of Gitea and Forgejo, and of a Git commit. */
const HEX_40 = /^[0-9a-f]{40}$/;
const COMMIT = /(^|_)(SHA1?|COMMIT|REV(ISION)?|REF|DIGEST|HASH|CHECKSUM|VERSION)$/i;
const SECRET_NAME = /(^|_)(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_KEY|PRIVATE_KEY|PAT|CREDENTIALS?)$/i;

/**
 * Returns whether a text has the format of a well-known token or key. A password of a test database has no such format.
 *
 * @jsii ignore
 */
export function isTokenShaped(text: string): boolean {
  return TOKENS.some((format) => format.test(text));
}

/**
 * Returns whether a word of a script has the format of a well-known token or key.
 *
 * @jsii ignore
 */
export const hasTokenShapedWord = perText(
  (script) => TRACE_OF_TOKEN.test(script) && script.split(/[\s"'=:@/]+/).some(isTokenShaped),
);

/**
 * Returns whether an environment variable looks like a token, by the format of its value.
 *
 * @jsii ignore
 */
export function isTokenVariable(name: string, value: string): boolean {
  return isTokenShaped(value) || (HEX_40.test(value) && !COMMIT.test(name));
}

/**
 * Returns whether an environment variable looks like a secret, by the format of its value or by its name.
 *
 * @jsii ignore
 */
export function isSecretShaped(name: string, value: string): boolean {
  if (isTokenVariable(name, value) || URL_WITH_PASSWORD.test(value)) {
    return true;
  }
  // A switch, a number, a path or a reference is no secret, whatever its name.
  return SECRET_NAME.test(name) && value.length >= 8 && !/^(true|false|\d+|\/.*|file:.*|\$.*|<.*>)$/i.test(value);
}
