// Deletes old versions of container packages through Gitea's API, by the rules in RULES_FILE, never one that is deployed.
// Reads: API_URL (…/api/v1), TOKEN_FILE, RULES_FILE, DEPLOYED_FOLDER: a file for each image, its text the tag that is deployed.
// Nothing is deleted unless everything could be listed. Exit code 1 if anything went wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const { API_URL, TOKEN_FILE, RULES_FILE, DEPLOYED_FOLDER, RETRY_MILLISECONDS = '2000', TIMEOUT_MILLISECONDS = '60000' } = process.env;
const rules = JSON.parse(readFileSync(RULES_FILE, 'utf8'));
const token = readFileSync(TOKEN_FILE, 'utf8').trim();
const keep = rules.keepMatching.map((pattern) => new RegExp(`^(?:${pattern})$`));
const PAGE = 50;
const ATTEMPTS = 3;

class Failure extends Error {}

async function request(method, path) {
  for (let attempt = 1; ; attempt += 1) {
    let problem;
    try {
      const response = await fetch(`${API_URL}${path}`, { method, headers: { Authorization: `token ${token}`, Accept: 'application/json' }, redirect: 'error', signal: AbortSignal.timeout(Number(TIMEOUT_MILLISECONDS)) });
      if (response.status === 401 || response.status === 403) { throw new Failure(`${response.status} from ${path}: the token needs the scope write:package, and its owner the right to write packages of ${rules.owner}`); }
      if (response.status < 500 && response.status !== 429) { return { status: response.status, body: method === 'GET' ? await response.json() : undefined }; }
      problem = `status ${response.status}`;
    } catch (e) {
      if (e instanceof Failure) { throw e; }
      problem = e.cause?.code ?? e.name;
    }
    if (attempt === ATTEMPTS) { throw new Failure(`${method} ${path}: ${problem}, ${ATTEMPTS} times`); }
    await new Promise((resolve) => setTimeout(resolve, Number(RETRY_MILLISECONDS) * attempt));
  }
}

async function versionsOf(image) {
  const found = new Map();
  for (let page = 1; ; page += 1) {
    const path = `/packages/${encodeURIComponent(rules.owner)}?type=container&q=${encodeURIComponent(image)}&limit=${PAGE}&page=${page}`;
    const { status, body } = await request('GET', path);
    if (status !== 200 || !Array.isArray(body)) { throw new Failure(`status ${status} from ${path}`); }
    // A server may give fewer than it was asked for: only an empty page is the last.
    if (body.length === 0) { return [...found.values()]; }
    for (const entry of body) {
      if (entry.name !== image || entry.type !== 'container') { continue; }
      const created = Date.parse(entry.created_at);
      if (typeof entry.version !== 'string' || Number.isNaN(created)) { throw new Failure(`a version of ${image} has no name or no date`); }
      found.set(entry.version, { version: entry.version, created });
    }
  }
}

// Files are named after images; "/" is ".." there, and "...2" ends the second file of one image.
function deployedTags() {
  const tags = new Map();
  for (const file of readdirSync(DEPLOYED_FOLDER).filter((name) => !name.startsWith('..'))) {
    const image = file.replace(/\.\.\.\d+$/, '').replaceAll('..', '/');
    const tag = readFileSync(join(DEPLOYED_FOLDER, file), 'utf8').trim();
    tags.set(image, [...tags.get(image) ?? [], tag]);
  }
  return tags;
}

// Digests belong to an index, `sha256-…` to a signature: Gitea removes what nothing refers to.
const isOurs = (version) => !/^sha256[:-]/.test(version);
const isProtected = (version) => version === 'latest' || /^(build)?cache([._-]|$)/.test(version) || keep.some((pattern) => pattern.test(version));

function toDelete(image, versions, deployed) {
  const tags = versions.filter(({ version }) => isOurs(version)).sort((a, b) => b.created - a.created || (a.version < b.version ? -1 : 1));
  const inUse = deployed.map((tag) => tags.find(({ version }) => version === tag));
  if (inUse.includes(undefined)) {
    console.log(`${image}: keeps all ${tags.length}: a deployed tag is not among them (${deployed.join(', ')})`);
    return [];
  }
  // What came after a deployed tag may be what Flux deploys next.
  const oldestInUse = Math.min(...inUse.map(({ created }) => created));
  const before = Date.now() - rules.olderThanSeconds * 1000;
  return tags.slice(rules.keepLast).filter(({ version, created }) => created < oldestInUse && created < before && !isProtected(version));
}

const pathOf = (image, version) => `/packages/${encodeURIComponent(rules.owner)}/container/${encodeURIComponent(image)}/${encodeURIComponent(version)}`;

// A dry run fails as the real run would: the server refuses a token that may not delete before it looks for the version. No registry
// has a version of this name, because a tag has no "~".
async function mayDelete(plan) {
  for (const image of new Set(plan.map((entry) => entry.image))) {
    await request('DELETE', pathOf(image, '~dry-run~'));
  }
}

async function run() {
  const plan = [];
  for (const [image, deployed] of deployedTags()) {
    const versions = await versionsOf(image);
    const old = toDelete(image, versions, deployed);
    console.log(`${image}: ${versions.length} versions, ${old.length} to delete`);
    plan.push(...old.map(({ version }) => ({ image, version })));
  }
  if (rules.dryRun) { await mayDelete(plan); }
  for (const { image, version } of plan) {
    if (rules.dryRun) {
      console.log(`would delete ${image}:${version}`);
      continue;
    }
    const path = pathOf(image, version);
    const { status } = await request('DELETE', path);
    if (status !== 204 && status !== 404) { throw new Failure(`status ${status} from DELETE ${path}`); }
    console.log(`${status === 404 ? 'was gone' : 'deleted'} ${image}:${version}`);
  }
}

run().catch((e) => {
  console.error(e instanceof Failure ? e.message : String(e));
  process.exitCode = 1;
});
