/** What may look random and is no secret: it is taken out of a text before the text is searched. */
const PUBLIC = [
  /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g,
  /-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/g,
  /ENC\[AES256_GCM,data:[^\]\s]*\]/g,
  /\b(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2}/g,
  /sha(256|512)[:-][A-Za-z0-9+/=]{40,}/g,
  // Actions are pinned by commit.
  /@[0-9a-f]{40}\b/g,
  // A line of /etc/passwd holds no password.
  /\b[a-z_][a-z0-9_-]*:x:\d+:\d+:[^\n]*/g,
  // Everything a marker says is a name.
  /# \{"\$imagepolicy": "[^"]*"\}/g,
];

/** Tokens that say what they are. */
const SHAPES: [string, RegExp][] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an age key', /AGE-SECRET-KEY-1[0-9A-Z]{20,}/],
  ['a GitHub token', /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{16,}/],
  ['an AWS key', /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a Slack token', /\bxox[abposr]-[A-Za-z0-9-]{10,}/],
  ['a Docker Hub token', /\bdckr_pat_[A-Za-z0-9_-]{20,}/],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}/],
  ['a Gitea token', /\b[0-9a-f]{40}\b/],
  ['a password in a URL', /:\/\/[^\s/@:{}$<>"']+:[^\s/@{}$<>"']+@/],
  ['a Docker auth entry', /"auth"\s*:\s*\\?"[A-Za-z0-9+/]{8,}={0,2}\\?"/],
  ['an authorization header', /\bAuthorization:? (Basic|Bearer|token) [A-Za-z0-9+/._-]{8,}/i],
  ['a password', /\b(password|passwd|adminPassword)["']?\s*[:=]\s*["']?(?!["'${<\\|>\s-])[^\s"',;&|)]{4,}["']?\s*$/im],
];

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

/** How often lower case, upper case and digits take turns, of all chances to: words and paths keep to one for a while. */
function turns(word: string): number {
  const kinds = [...word.replace(/[^A-Za-z0-9]/g, '')].map((character) =>
    /\d/.test(character) ? 0 : character < 'a' ? 1 : 2,
  );
  return kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length / kinds.length;
}

/** Of digits and both cases, taking turns, and hardly a letter twice. */
const looksRandom = (word: string) =>
  /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && entropy(word) > 4 && turns(word) > 0.3;

/** What in a text looks like a secret, as a list of what it looks like; the text itself is not repeated. */
export function secretsIn(text: string): string[] {
  const rest = PUBLIC.reduce((all, shape) => all.replace(shape, ' '), text);
  const known = SHAPES.filter(([, shape]) => shape.test(rest)).map(([what]) => what);
  const random = (rest.match(/[A-Za-z0-9+/_=-]{24,}/g) ?? []).filter(looksRandom);
  return [...known, ...(random.length > 0 ? [`${random.length} random words`] : [])];
}
