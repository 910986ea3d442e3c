import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Forge } from '../../lib/forge';
import { Synth } from '../../lib/recipe';
import { ImageLock } from '../../lib/output';
import { runBash } from '../support/bash';
import { codesOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';

const SCRIPTS = path.join(__dirname, '../../lib/recipe/scripts');
const script = (name: string) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8');
const PUSH = script('synth-and-push.sh');
const CHECK = script('synth-check.sh');
const IDENTITY = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};
const LOCK = (tag: string) => `images:\n  tag: "${tag}" # {"$imagepolicy": "flux-system:app:tag"}\n`;

/** Stands in for `cdk8s synth`: the output is the program, and the version that the lock has. */
const SYNTH =
  'mkdir -p dist; { printf "program: "; cat program; printf "tag: "; sed -n "s/^  tag: //p" images.yaml; } > dist/app.yaml';

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...IDENTITY, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });

/** A bare repository with one commit, in which nothing may be forced. */
function newRemote(
  files: Record<string, string> = { 'images.yaml': LOCK('0'), program: 'one\n', 'dist/app.yaml': '' },
): string {
  const remote = temporaryFolder();
  git(remote, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(remote, 'config', 'receive.denyNonFastForwards', 'true');
  git(remote, 'config', 'core.logAllRefUpdates', 'always');
  const work = temporaryFolder();
  writeTree(work, files);
  git(work, 'init', '--quiet', '--initial-branch=main');
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', 'begin');
  git(work, 'push', '--quiet', remote, 'main');
  return remote;
}

const env = (remote: string, changes: Record<string, string> = {}) => ({
  REPOSITORY_URL: remote,
  BRANCH: 'main',
  TOKEN: 'not-a-token',
  PREPARE: 'true',
  SYNTH,
  AUTHOR_NAME: 'synth',
  AUTHOR_EMAIL: 'synth@example.com',
  MESSAGE: 'Synthesize [skip ci]',
  ATTEMPTS: '10',
  ...changes,
});

const show = (remote: string, file: string) => git(remote, 'show', `main:${file}`);
const log = (remote: string) => git(remote, 'log', '--format=%s', 'main').trim().split('\n');

/** Commits one version to lock and output in one go, straight into the bare repository, as Flux does: only if nobody was faster. */
const FLUX = `
flux() {
  local head lock app
  head=$(git -C "$REMOTE" rev-parse main) || return 1
  lock=$(git -C "$REMOTE" show "$head:images.yaml" | sed "s/tag: \\"[^\\"]*\\"/tag: \\"$1\\"/")
  app=$(git -C "$REMOTE" show "$head:dist/app.yaml" | sed "s/^tag: \\"[^\\"]*\\"/tag: \\"$1\\"/")
  printf 'commit refs/heads/main\\ncommitter flux <flux@example.com> %s +0000\\ndata <<END\\nflux %s\\nEND\\nfrom %s\\nM 100644 inline images.yaml\\ndata <<END\\n%s\\nEND\\nM 100644 inline dist/app.yaml\\ndata <<END\\n%s\\nEND\\n\\ndone\\n' \\
    "$((1763600000 + $1))" "$1" "$head" "$lock" "$app" | git -C "$REMOTE" fast-import --quiet --done 2>/dev/null
}
`;

describe('synth-and-push.sh', () => {
  test('commits what synth changes, says to skip CI, and leaves a repository alone in which it changes nothing', () => {
    const remote = newRemote();
    expect(runBash(PUSH, { env: env(remote) })).toMatchObject({ status: 0, stdout: expect.stringMatching(/^pushed /) });
    expect(show(remote, 'dist/app.yaml')).toContain('program: one\ntag: "0"');
    expect(log(remote)).toEqual(['Synthesize [skip ci]', 'begin']);
    expect(runBash(PUSH, { env: env(remote) })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^synth changes nothing at /),
    });
    expect(log(remote)).toHaveLength(2);
  });

  test('begins again from the newest commit when somebody else was faster, and keeps both', () => {
    const remote = newRemote();
    const race = `${FLUX} [ -e "$HOME/raced" ] || { touch "$HOME/raced"; REMOTE="$REPOSITORY_URL"; flux 7; }; ${SYNTH}`;
    const run = runBash(PUSH, { env: env(remote, { SYNTH: race }) });
    expect(run).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^attempt 1 of 10: the push was rejected.*\npushed /),
    });
    expect(log(remote)).toEqual(['Synthesize [skip ci]', 'flux 7', 'begin']);
    expect(show(remote, 'dist/app.yaml')).toContain('tag: "7"');
  });

  test.each([
    ['once, also when it begins again', 'program', 1],
    ['again when the locked dependencies changed', 'package-lock.json', 2],
  ])('prepares %s', (_, changed, times) => {
    const remote = newRemote({ 'images.yaml': LOCK('0'), program: 'one\n', 'package-lock.json': '{}\n' });
    const prepared = path.join(temporaryFolder(), 'prepared');
    const commit = `printf 'commit refs/heads/main\\ncommitter a <a@example.com> 1763600000 +0000\\ndata <<END\\nx\\nEND\\nfrom refs/heads/main^0\\nM 100644 inline ${changed}\\ndata <<END\\nchanged\\nEND\\n\\ndone\\n' | git -C "$REPOSITORY_URL" fast-import --quiet --done`;
    const race = `[ -e "$HOME/raced" ] || { touch "$HOME/raced"; ${commit}; }; ${SYNTH}`;
    expect(runBash(PUSH, { env: env(remote, { SYNTH: race, PREPARE: `echo x >> ${prepared}` }) })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('attempt 1 of 10'),
    });
    expect(fs.readFileSync(prepared, 'utf8')).toBe('x\n'.repeat(times));
  });

  test('fails when synth fails, and pushes nothing', () => {
    const remote = newRemote();
    expect(runBash(PUSH, { env: env(remote, { SYNTH: 'echo half > dist/app.yaml; false' }) }).status).not.toBe(0);
    expect(log(remote)).toEqual(['begin']);
  });

  test('gives up after its attempts, and says why that may be', () => {
    const remote = newRemote();
    fs.writeFileSync(path.join(remote, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const run = runBash(PUSH, { env: env(remote, { ATTEMPTS: '2' }) });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('after 2 attempts the push is still rejected: is main protected');
    expect(log(remote)).toEqual(['begin']);
  });

  test('gives the token to git alone: not to what synthesizes, to no argument and to no file', () => {
    const remote = newRemote();
    const seen = path.join(temporaryFolder(), 'seen');
    const spy = `#!/bin/bash\nprintf '%s\\n' "$*" >> ${seen}.args\nif [ "\${GIT_CONFIG_COUNT:-0}" = 1 ]; then printf '%s %s\\n' "$GIT_CONFIG_KEY_0" "$GIT_CONFIG_VALUE_0" >> ${seen}.remote; fi\nargs=("$@")\nfor i in "\${!args[@]}"; do args[i]=\${args[i]/http:\\/\\/git.example.com\\/a\\/b.git/${remote.replace(/\//g, '\\/')}}; done\nexec /usr/bin/git "\${args[@]}"\n`;
    const run = runBash(PUSH, {
      env: env('http://git.example.com/a/b.git', { SYNTH: `env > ${seen}.synth; ${SYNTH}`, TOKEN: 'tell-nobody' }),
      commands: { git: spy },
    });
    const secret = Buffer.from('x-access-token:tell-nobody').toString('base64');
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining(`::add-mask::${secret}`) });
    expect(fs.readFileSync(`${seen}.remote`, 'utf8').trim().split('\n')).toEqual(
      Array(2).fill(`http.http://git.example.com/.extraHeader Authorization: Basic ${secret}`),
    );
    for (const file of ['args', 'synth']) {
      expect(fs.readFileSync(`${seen}.${file}`, 'utf8')).not.toMatch(new RegExp(`tell-nobody|${secret}`));
    }
  });

  test('never forces', () => {
    expect(PUSH).not.toMatch(/push[^\n]*(--force|\s-f\b|"\+)/);
  });
});

test('two hundred commits of Flux, raced: none is lost, nothing is forced, and the output is that of the last commit', async () => {
  const remote = newRemote();
  const folder = temporaryFolder();
  writeTree(folder, {
    'push.sh': PUSH,
    'ci.sh': `#!/bin/bash
cd "$(mktemp -d -p ${folder})"
raced=0
for ((n = 1; ; n++)); do
  last=no; [ -e ${folder}/flux-is-done ] && last=yes
  # Somebody changes the program, which gives the workflow something to do.
  until printf 'commit refs/heads/main\\ncommitter dev <dev@example.com> 1763600000 +0000\\ndata <<END\\ndev %s\\nEND\\nfrom refs/heads/main^0\\nM 100644 inline program\\ndata <<END\\nprogram %s\\nEND\\n\\ndone\\n' "$n" "$n" | git -C "$REPOSITORY_URL" fast-import --quiet --done 2>/dev/null; do :; done
  printf 'dev %s\\n' "$n" >> ${folder}/dev
  out=$(bash ${folder}/push.sh 2>>${folder}/stderr) || { printf 'failed: %s\\n' "$out"; exit 1; }
  raced=$((raced + $(grep -c rejected <<< "$out")))
  [ $last = yes ] && break
done
printf 'raced %s\\n' "$raced"
`,
    'flux.sh': `#!/bin/bash
${FLUX}
for ((n = 1; n <= 200; n++)); do until flux "$n"; do :; done; done
touch ${folder}/flux-is-done
`,
  });
  const start = (file: string) =>
    new Promise<string>((resolve, reject) => {
      const run = spawn('/bin/bash', [path.join(folder, file)], {
        env: {
          ...process.env,
          ...IDENTITY,
          ...env(remote, { ATTEMPTS: '1000' }),
          REMOTE: remote,
          GIT_CONFIG_GLOBAL: '/dev/null',
        },
      });
      let out = '';
      run.stdout.on('data', (data) => {
        out += data;
      });
      run.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${file}: ${out}`))));
    });
  const [said] = await Promise.all([start('ci.sh'), start('flux.sh')]);
  const subjects = log(remote);
  const dev = fs.readFileSync(path.join(folder, 'dev'), 'utf8').trim().split('\n');
  expect(subjects.filter((s) => s.startsWith('flux ')).reverse()).toEqual(
    Array.from({ length: 200 }, (_, i) => `flux ${i + 1}`),
  );
  expect(subjects.filter((s) => s.startsWith('dev ')).reverse()).toEqual(dev);
  expect(show(remote, 'dist/app.yaml')).toBe(
    `program: program ${dev.length}\ntag: "200" # {"$imagepolicy": "flux-system:app:tag"}\n`,
  );
  expect(show(remote, 'images.yaml')).toContain('tag: "200"');
  // The two really met.
  expect(Number(/raced (\d+)/.exec(said)?.[1])).toBeGreaterThan(10);
  // Each update of the branch had the one before among its ancestors.
  const tips = git(remote, 'reflog', 'show', '--format=%H', 'main').trim().split('\n');
  const ancestors = new Set(git(remote, 'rev-list', 'main').trim().split('\n'));
  expect(tips.every((tip) => ancestors.has(tip))).toBe(true);
}, 120_000);

describe('synth-check.sh', () => {
  const checkout = (files: Record<string, string>) => {
    const folder = temporaryFolder();
    git(folder, 'clone', '--quiet', newRemote(files), '.');
    return folder;
  };

  test('passes if synth changes nothing', () => {
    const folder = checkout({ 'a.yaml': 'a\n' });
    expect(runBash(CHECK, { cwd: folder, env: { PREPARE: 'true', SYNTH: 'echo a > a.yaml' } })).toMatchObject({
      status: 0,
    });
  });

  test.each([
    ['a changed file', 'echo b > a.yaml', '+b'],
    ['a new one', 'echo c > c.yaml', '+c'],
    ['a removed one', 'rm a.yaml', '-a'],
  ])('fails for %s, shows it and says what to do', (_, synth, line) => {
    const run = runBash(CHECK, { cwd: checkout({ 'a.yaml': 'a\n' }), env: { PREPARE: 'true', SYNTH: synth } });
    expect(run.status).toBe(1);
    expect(run.stdout.split('\n')).toContain(line);
    expect(run.stderr).toContain(`run \`${synth}\`, and commit what it changes`);
  });
});

describe('two branches that moved images', () => {
  const lock = (tags: Record<string, string>) =>
    ImageLock.empty()
      .mergedWith(
        Object.entries(tags).map(([id, tag]) => ({
          policy: `flux-system:${id}`,
          name: id,
          initialTag: tag,
          reflectsDigest: true,
        })),
      )
      .render();
  const merge = (base: Record<string, string>, ours: Record<string, string>, theirs: Record<string, string>) => {
    const folder = temporaryFolder();
    const commit = (tags: Record<string, string>) => {
      writeTree(folder, { 'images.yaml': lock(tags) });
      git(folder, 'add', '--all');
      git(folder, 'commit', '--quiet', '--message', 'x');
    };
    git(folder, 'init', '--quiet', '--initial-branch=main');
    commit(base);
    git(folder, 'checkout', '--quiet', '-b', 'theirs');
    commit(theirs);
    git(folder, 'checkout', '--quiet', 'main');
    commit(ours);
    try {
      git(folder, 'merge', '--quiet', 'theirs', '--message', 'merge');
    } catch {
      return 'conflict';
    }
    return fs.readFileSync(path.join(folder, 'images.yaml'), 'utf8');
  };
  const all = { a: '1', b: '1', c: '1', d: '1' };

  test('merge if they are different images, also neighbours', () => {
    expect(merge(all, { ...all, a: '2' }, { ...all, d: '2' })).toBe(lock({ ...all, a: '2', d: '2' }));
    expect(merge(all, { ...all, b: '2' }, { ...all, c: '2' })).toBe(lock({ ...all, b: '2', c: '2' }));
  });

  test('merge if one adds an image and another moves one that is not its neighbour', () => {
    expect(merge(all, { ...all, bb: '1' }, { ...all, d: '2' })).toBe(lock({ ...all, bb: '1', d: '2' }));
  });

  test('conflict visibly if it is the same image; then synth refuses the file', () => {
    expect(merge(all, { ...all, b: '2' }, { ...all, b: '3' })).toBe('conflict');
    expect(
      codesOf(() => ImageLock.parse('images:\n<<<<<<< HEAD\n  flux-system:b:\n=======\n', 'images.yaml')),
    ).toContain('FORGE-LOCK-001');
  });
});

test('steps carry the repository, and no token in plain text', () => {
  const repository = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');
  expect(codesOf(() => Synth.push(repository, { branch: 'main', token: 'abc' }))).toEqual(['FORGE-RECIPE-002']);
  expect(codesOf(() => Synth.push(repository, { branch: 'main', attempts: 0 }))).toEqual(['FORGE-RECIPE-002']);
});
