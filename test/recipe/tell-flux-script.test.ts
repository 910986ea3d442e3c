import { createHmac } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { localServer } from '../runner/local-server';
import { runBash } from '../support/bash';

const SCRIPT = fs.readFileSync(path.join(__dirname, '../../lib/recipe/scripts/tell-flux.sh'), 'utf8');
const BODY = '{"image":"git.example.com/platform/hello","digest":"sha256:…"}';

/** Runs the script with a curl that writes down its arguments and what it reads. */
function signatureOf(key: string, body: string): { signature?: string; args: string; status: number | null } {
  const curl =
    '#!/bin/bash\nprintf \'%s\\n\' "$@" >&2\nwhile [ $# -gt 0 ]; do [ "$1" = --config ] && cat "$2" >/dev/null; shift; done\ncat >/dev/null\nprintf 200\n';
  const run = runBash(SCRIPT, {
    env: { URL: 'https://flux.example.com/hook/abc', KEY: key, BODY: body },
    commands: { curl },
  });
  return {
    signature: /^X-Signature: sha256=([0-9a-f]{64})$/m.exec(run.stderr)?.[1],
    args: run.stderr,
    status: run.status,
  };
}

test('the signature is HMAC with SHA-256, for any key and body', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
      fc.string({ unit: 'grapheme' }),
      (k, b) => {
        const [key, body] = [k, b].map((text) => text.replace(/\0/g, '').replace(/\p{Surrogate}/gu, ''));
        fc.pre(key !== '');
        expect(signatureOf(key, body).signature).toBe(createHmac('sha256', key).update(body).digest('hex'));
      },
    ),
    { numRuns: 25 },
  );
});

test('neither the key nor the path of the receiver is in an argument or in the log', () => {
  const { args, status } = signatureOf('k3y-of-the-receiver', BODY);
  expect([status, args.includes('k3y-of-the-receiver'), args.includes('/hook/')]).toEqual([0, false, false]);
});

test('the receiver gets the body as it was signed', () => {
  const server = localServer({ 'POST /hook/abc': [200, ''] });
  const run = runBash(SCRIPT, { env: { URL: `${server.url}/hook/abc`, KEY: 'k', BODY } });
  expect([run.status, run.stdout, server.requests().map(({ body }) => body)]).toEqual([0, 'Flux was told\n', [BODY]]);
});

test('a receiver that is busy is asked again; one that refuses, or nothing, is a warning and no failure', () => {
  const busy = localServer({
    'POST /hook/abc': [
      [503, ''],
      [200, ''],
    ],
  });
  expect(runBash(SCRIPT, { env: { URL: `${busy.url}/hook/abc`, KEY: 'k', BODY } }).stdout).toBe('Flux was told\n');
  const strict = localServer({ 'POST /hook/abc': [400, ''] });
  for (const [url, key, reason] of [
    [`${strict.url}/hook/abc`, 'k', 'the receiver answered 400'],
    ['http://127.0.0.1:9/hook/abc', 'k', 'the receiver answered 000'],
    ['', 'k', 'the URL is not set'],
    [`${strict.url}/hook/abc`, '', 'the key is not set'],
  ]) {
    const run = runBash(SCRIPT, { env: { URL: url, KEY: key, BODY } });
    expect([run.status, run.stdout.startsWith('::warning::'), run.stdout.includes(reason)]).toEqual([0, true, true]);
  }
});
