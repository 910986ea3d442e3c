// Pulls images through a mirror, so that the mirror has them. Every blob is read to its end and its digest is compared.
// Reads: MIRROR_URL, SEED_FILE (JSON: images with name and reference, architectures). Exit code 1 if an image is not complete.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { MIRROR_URL, SEED_FILE, RETRY_MILLISECONDS = '5000', TIMEOUT_MILLISECONDS = '1800000' } = process.env;
const { images, architectures = [process.arch === 'x64' ? 'amd64' : process.arch] } = JSON.parse(readFileSync(SEED_FILE, 'utf8'));
const ATTEMPTS = 5;
const INDEXES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];
const MANIFESTS = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
const Accept = [...INDEXES, ...MANIFESTS].join(', ');

class Failure extends Error {}

async function read(path, digest, keep) {
  for (let attempt = 1; ; attempt += 1) {
    let problem;
    try {
      const response = await fetch(`${MIRROR_URL}/v2/${path}`, { headers: { Accept }, signal: AbortSignal.timeout(Number(TIMEOUT_MILLISECONDS)) });
      if (response.status === 200) { return await content(response, digest, keep); }
      problem = `status ${response.status}`;
    } catch (e) {
      problem = e.cause?.code ?? e.message;
    }
    if (attempt === ATTEMPTS) { throw new Failure(`${path}: ${problem}, ${ATTEMPTS} times`); }
    await new Promise((resolve) => setTimeout(resolve, Number(RETRY_MILLISECONDS) * attempt));
  }
}

async function content(response, digest, keep) {
  const hash = createHash('sha256');
  const chunks = [];
  let size = 0;
  for await (const chunk of response.body) {
    hash.update(chunk);
    size += chunk.length;
    if (keep) { chunks.push(chunk); }
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (digest !== undefined && found !== digest) { throw new Error(`the digest is ${found}`); }
  return { size, text: Buffer.concat(chunks).toString('utf8') };
}

async function manifest(name, reference) {
  const { size, text } = await read(`${name}/manifests/${reference}`, reference.startsWith('sha256:') ? reference : undefined, true);
  return { size, body: JSON.parse(text) };
}

async function manifestsOf(name, reference) {
  const top = await manifest(name, reference);
  if (!Array.isArray(top.body.manifests)) { return [top]; }
  const chosen = top.body.manifests.filter(({ platform }) => platform?.os === 'linux' && architectures.includes(platform.architecture));
  const missing = architectures.filter((architecture) => !chosen.some(({ platform }) => platform.architecture === architecture));
  if (missing.length > 0) { throw new Failure(`${name}:${reference} has no image for linux/${missing.join(', linux/')}`); }
  const all = [];
  for (const { digest } of chosen) { all.push(await manifest(name, digest)); }
  return all;
}

async function seed({ name, reference }) {
  let bytes = 0;
  for (const { size, body } of await manifestsOf(name, reference)) {
    bytes += size;
    // A layer with addresses of its own is not in the registry.
    const blobs = [body.config, ...body.layers].filter(({ urls = [] }) => urls.length === 0);
    for (const { digest } of blobs) { bytes += (await read(`${name}/blobs/${digest}`, digest, false)).size; }
  }
  return bytes;
}

for (const image of images) {
  const label = `${image.name}${image.reference.startsWith('sha256:') ? '@' : ':'}${image.reference}`;
  try {
    console.log(`${label}: the mirror has it, ${Math.ceil((await seed(image)) / 1048576)} MiB`);
  } catch (e) {
    console.error(`${label}: ${e.message}`);
    process.exitCode = 1;
  }
}
