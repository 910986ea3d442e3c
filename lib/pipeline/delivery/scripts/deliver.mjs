// Brings files to repositories by the API of their forge, as one commit each: only what differs, and no file that somebody changed.
// Reads: API_URL, TOKEN_FILE or TOKEN, PRODUCT, SOURCE, PLAN_FILE (repositories with their files), TEXTS_FOLDER. With FLAT=yes, the
// texts are the keys of a ConfigMap. With FORGE_URL, only repositories of this forge. Exit code 1 if anything is left to do.
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const { API_URL, TOKEN_FILE, TOKEN, PRODUCT, PLAN_FILE, SOURCE, FORGE_URL, TEXTS_FOLDER, FLAT, RETRY_MILLISECONDS = '2000', TIMEOUT_MILLISECONDS = '60000' } = process.env;
const token = (TOKEN ?? readFileSync(TOKEN_FILE, 'utf8')).trim();
const isGitHub = PRODUCT === 'github';
const ATTEMPTS = 3;
const AUTHOR = { name: 'cdk8s-forge', email: 'cdk8s-forge@localhost' };
const STAMP = /^# Delivered by cdk8s-forge from (\S+), sha256 ([0-9a-f]{64})\n$/;

class Failure extends Error {}

async function request(method, path, body) {
  for (let attempt = 1; ; attempt += 1) {
    let problem;
    try {
      const response = await fetch(`${API_URL}/${path}`, {
        method,
        headers: { Authorization: `${isGitHub ? 'Bearer' : 'token'} ${token}`, Accept: 'application/json', 'Content-Type': 'application/json', 'User-Agent': 'cdk8s-forge' },
        body: body && JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(Number(TIMEOUT_MILLISECONDS)),
      });
      if (response.status === 401 || response.status === 403) { throw new Failure(`${response.status}: the token needs the right to write to the repository (at Gitea and Forgejo, the scope write:repository), and the branch may be protected`); }
      if (response.status < 500 && response.status !== 429) { return { status: response.status, body: await json(response) }; }
      problem = `status ${response.status}`;
    } catch (e) {
      if (e instanceof Failure) { throw e; }
      problem = e.cause?.code ?? e.name;
    }
    // What may have been done is looked at again, never sent again.
    if (attempt === ATTEMPTS || method !== 'GET') { throw new Failure(`${method} ${path}: ${problem}`); }
    await new Promise((resolve) => setTimeout(resolve, Number(RETRY_MILLISECONDS) * attempt));
  }
}

async function json(response) {
  const text = await response.text();
  try { return text === '' ? undefined : JSON.parse(text); } catch { throw new Failure(`the answer is not JSON: is ${API_URL} the API of the forge?`); }
}

const hash = (text) => createHash('sha256').update(text).digest('hex');

function stamped(text, source) {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  return `${body}# Delivered by cdk8s-forge from ${source}, sha256 ${hash(body)}\n`;
}

function isDelivered(text, source) {
  const start = text.lastIndexOf('\n', text.length - 2) + 1;
  const [, from, sum] = STAMP.exec(text.slice(start)) ?? [];
  return from === source && sum === hash(text.slice(0, start));
}

const encoded = (path) => path.split('/').map(encodeURIComponent).join('/');

async function contents(repository, path, branch) {
  const { status, body } = await request('GET', `repos/${repository}/contents/${encoded(path)}?ref=${encodeURIComponent(branch)}`);
  if (status === 404) { return undefined; }
  if (status !== 200) { throw new Failure(`status ${status} of ${path}`); }
  return body;
}

async function fileAt(repository, path, branch) {
  const entry = await contents(repository, path, branch);
  if (entry === undefined) { return undefined; }
  if (Array.isArray(entry) || entry.type !== 'file' || typeof entry.content !== 'string') { return { text: undefined, sha: undefined }; }
  return { text: Buffer.from(entry.content, 'base64').toString(), sha: entry.sha };
}

// Reads a text of the folder, and no file that a link leads to.
function textOf(name, path) {
  let file = '';
  try { file = realpathSync(join(TEXTS_FOLDER, FLAT ? path.replaceAll('/', '..') : join(name, path))); } catch { throw new Failure(`${path} is missing in the files to deliver`); }
  if (!file.startsWith(`${realpathSync(TEXTS_FOLDER)}${sep}`)) { throw new Failure(`${path} is outside of the files to deliver`); }
  return readFileSync(file, 'utf8');
}

async function changesOf({ name, files }, source, branch) {
  const changes = [];
  for (const path of files) {
    const text = textOf(name, path);
    const wanted = stamped(text, source);
    const present = await fileAt(name, path, branch);
    if (present === undefined) { changes.push({ path, change: 'create', text: wanted }); continue; }
    if (present.text === wanted || present.text === text) { continue; }
    const isOurs = present.text !== undefined && isDelivered(present.text, source);
    changes.push(isOurs ? { path, change: 'update', text: wanted, sha: present.sha } : { path, change: 'conflict' });
  }
  for (const folder of new Set(files.map((path) => dirname(path)))) {
    const entries = await contents(name, folder, branch);
    for (const { path, type } of Array.isArray(entries) ? entries : []) {
      if (type !== 'file' || files.includes(path) || !/\.ya?ml$/.test(path)) { continue; }
      const present = await fileAt(name, path, branch);
      if (present?.text !== undefined && isDelivered(present.text, source)) { changes.push({ path, change: 'delete', sha: present.sha }); }
    }
  }
  return changes;
}

// Returns whether the commit was made; not if others committed at the same time.
async function commit(name, branch, changes, message) {
  if (!isGitHub) {
    const files = changes.map(({ path, change, text, sha }) => ({ operation: change, path, sha, content: text && Buffer.from(text).toString('base64') }));
    return accepted(await request('POST', `repos/${name}/contents`, { branch, message, author: AUTHOR, committer: AUTHOR, files }));
  }
  for (const { path, change, text, sha } of changes) {
    const body = { branch, message, author: AUTHOR, committer: AUTHOR, sha, content: text && Buffer.from(text).toString('base64') };
    if (!accepted(await request(change === 'delete' ? 'DELETE' : 'PUT', `repos/${name}/contents/${encoded(path)}`, body))) { return false; }
  }
  return true;
}

function accepted({ status, body }) {
  if (status === 409 || status === 422) { return false; }
  if (status >= 300) { throw new Failure(`status ${status} of the commit: ${String(body?.message ?? '').slice(0, 200)}`); }
  return true;
}

async function deliver(repository, source) {
  const { name } = repository;
  if (!/^[A-Za-z0-9][\w.-]*\/(?!\.\.?$)[\w.-]+$/.test(name)) { throw new Failure('this is not the name of a repository'); }
  if (FORGE_URL && repository.forge !== FORGE_URL) { throw new Failure(`it is not at ${FORGE_URL}: deliver to it with the command cdk8s-forge deliver`); }
  const { status, body: info } = await request('GET', `repos/${name}`);
  if (status !== 200) { throw new Failure(`status ${status}: the repository does not exist, or the token cannot see it`); }
  if (info.archived) { throw new Failure('the repository is archived'); }
  const branch = info.default_branch || 'main';
  for (let attempt = 1; ; attempt += 1) {
    const changes = await changesOf(repository, source, branch);
    const conflicts = changes.filter(({ change }) => change === 'conflict');
    const open = changes.filter(({ change }) => change !== 'conflict');
    const message = `Update ${open.length === 1 ? open[0].path : `${open.length} files`} from ${source}`;
    if (open.length === 0 || (await commit(name, branch, open, message))) {
      open.forEach(({ path, change }) => console.log(`${name}: ${change}: ${path}`));
      if (open.length === 0 && conflicts.length === 0) { console.log(`${name}: nothing to change`); }
      conflicts.forEach(({ path }) => console.log(`${name}: conflict: ${path} was changed there. Delete it, or run cdk8s-forge deliver --force-file ${name}:${path}`));
      return conflicts.length === 0;
    }
    if (attempt === ATTEMPTS) { throw new Failure(`others committed at the same time, ${ATTEMPTS} times; or the branch ${branch} is protected`); }
    await new Promise((resolve) => setTimeout(resolve, Number(RETRY_MILLISECONDS)));
  }
}

const plan = JSON.parse(readFileSync(PLAN_FILE, 'utf8'));
let isComplete = true;
for (const repository of plan.repositories) {
  try {
    isComplete = (await deliver(repository, SOURCE)) && isComplete;
  } catch (e) {
    if (!(e instanceof Failure)) { throw e; }
    console.error(`${repository.name}: ${e.message}`);
    isComplete = false;
  }
}
process.exitCode = isComplete ? 0 : 1;
