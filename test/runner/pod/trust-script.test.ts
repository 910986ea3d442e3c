import * as fs from 'node:fs';
import * as path from 'node:path';
import { runBash } from '../../support/bash';
import { temporaryFolder } from '../../support/workspace';

const SCRIPT = fs.readFileSync('lib/runner/pod/scripts/trust.sh', 'utf8');
const certificate = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;

/** Runs the script over files with these texts; the first stands for the image's own bundle. */
function trust(texts: (string | undefined)[]) {
  const folder = temporaryFolder();
  const files = texts.map((text, i) => {
    const file = path.join(folder, `${i}.crt`);
    if (text !== undefined) {
      fs.writeFileSync(file, text);
    }
    return file;
  });
  const bundle = path.join(folder, 'bundle');
  const run = runBash(`set -- ${files.slice(1).join(' ')}\n${SCRIPT}`, {
    env: { SYSTEM_BUNDLE: files[0], BUNDLE: bundle },
  });
  return { ...run, bundle: fs.existsSync(bundle) ? fs.readFileSync(bundle, 'utf8') : undefined };
}

test("joins the image's own authorities and ours, one certificate a line even without a line feed at the end", () => {
  expect(trust([certificate('public'), certificate('home'), `${certificate('work')}\n`]).bundle).toBe(
    [certificate('public'), certificate('home'), certificate('work'), ''].join('\n'),
  );
});

test("does without the image's own", () => {
  expect(trust([undefined, certificate('home')]).bundle).toBe(`${certificate('home')}\n`);
});

test('fails for a file without a certificate, and leaves no bundle', () => {
  expect(trust([certificate('public'), 'nothing'])).toMatchObject({ status: 1, bundle: undefined });
});
