import * as fs from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'cdk8s';
import { PrePull, PrePullProps } from '../../lib/recipe';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { rendered } from '../workflow/render';
import { parse } from 'yaml';

const IMAGE = 'docker.io/library/python:3.13.1-slim';
const SECOND = 'git.example.com/platform/base:1.0.0';

/** The step as it stands in a workflow file. */
function stepOf(props: PrePullProps): { run: string; env: Record<string, string> } {
  return parse(rendered({ steps: [PrePull.step(props)] })).jobs.build.steps[0];
}

/** A Docker client that breaks off so many times for each image; it writes down how it was called. */
function run(props: PrePullProps, options: { failures: number; daemon?: boolean }) {
  const folder = temporaryFolder();
  const docker = `#!/bin/bash
printf '%s\\n' "$*" >>"${folder}/calls"
if [ "$1" = version ]; then exit ${options.daemon === false ? 1 : 0}; fi
image="\${@: -1}"
count="${folder}/$(printf '%s' "$image" | tr -c 'a-z0-9' _)"
echo x >>"$count"
[ "$(wc -l <"$count")" -gt ${options.failures} ] || { echo 'unpigz: corrupted' >&2; exit 1; }
`;
  const sleep = `#!/bin/bash\nprintf 'sleep %s\\n' "$1" >>"${folder}/calls"\n`;
  const { run: script, env } = stepOf(props);
  const result = runBash(script, { env, commands: { docker, sleep } });
  const file = path.join(folder, 'calls');
  return { ...result, calls: fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : [] };
}

test('pulls each image once, for the platform that is asked for', () => {
  const { status, calls } = run({ images: [IMAGE, SECOND], platform: 'linux/amd64' }, { failures: 0 });
  expect([status, calls]).toEqual([
    0,
    ['version', `pull --quiet --platform linux/amd64 ${IMAGE}`, `pull --quiet --platform linux/amd64 ${SECOND}`],
  ]);
});

test('tries again after a while, twice as long each time, and each image by itself', () => {
  const { status, calls, stderr } = run({ images: [IMAGE, SECOND], pause: Duration.seconds(3) }, { failures: 2 });
  const one = (image: string) => [
    `pull --quiet ${image}`,
    'sleep 3',
    `pull --quiet ${image}`,
    'sleep 6',
    `pull --quiet ${image}`,
  ];
  expect([status, calls]).toEqual([0, ['version', ...one(IMAGE), ...one(SECOND)]]);
  expect(stderr).toContain('attempt 2 of 5 failed; again in 6 seconds');
});

test('gives up after the last attempt, without a pause behind it, and says for which image', () => {
  const { status, calls, stderr } = run({ images: [IMAGE, SECOND], attempts: 2 }, { failures: 9 });
  expect([status, calls]).toEqual([1, ['version', `pull --quiet ${IMAGE}`, 'sleep 5', `pull --quiet ${IMAGE}`]]);
  expect(stderr).toContain(`cannot pull ${IMAGE}: 2 attempts failed`);
});

test('says that there is no daemon, before it tries for minutes', () => {
  const { status, calls, stderr } = run({ images: [IMAGE] }, { failures: 0, daemon: false });
  expect([status, calls]).toEqual([1, ['version']]);
  expect(stderr).toContain('no Docker daemon answers');
  const { run: script, env } = stepOf({ images: [IMAGE] });
  expect(runBash(script, { env, path: '/nowhere' }).stderr).toContain('docker is not on PATH');
});

test.each<[string, PrePullProps, PrePullProps]>([
  ['no image', { images: [] }, { images: [IMAGE] }],
  ['an image without version', { images: ['docker.io/library/python'] }, { images: ['docker.io/library/python:3'] }],
  ['a platform that is none', { images: [IMAGE], platform: 'amd64' }, { images: [IMAGE], platform: 'linux/amd64' }],
  ['an image twice', { images: [IMAGE, IMAGE] }, { images: [IMAGE, IMAGE.replace(/:.*/, ':other')] }],
  ['half an attempt', { images: [IMAGE], attempts: 1.5 }, { images: [IMAGE], attempts: 2 }],
  ['no attempt', { images: [IMAGE], attempts: 0 }, { images: [IMAGE], attempts: 1 }],
  [
    'half a second',
    { images: [IMAGE], pause: Duration.millis(500) },
    { images: [IMAGE], pause: Duration.millis(1000) },
  ],
])('fails with FORGE-RECIPE-003 for %s, and not for its neighbour', (_, props, neighbour) => {
  accepts(() => PrePull.step(neighbour));
  expect(codesOf(() => PrePull.step(props))).toEqual(['FORGE-RECIPE-003']);
});

test('fails for what is no image', () => {
  expect(codesOf(() => PrePull.step({ images: ['python:3.13'] }))).toEqual(['FORGE-REG-004']);
  accepts(() => PrePull.step({ images: ['docker.io/library/python:3.13'] }));
});
