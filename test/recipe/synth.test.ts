import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Synth } from '../../lib/recipe';
import { scriptOf } from '../../lib/recipe/scripts';
import { Expression } from '../../lib/workflow';
import { ImageLock } from '../../lib/output';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { REPOSITORY } from '../workflow/render';
import { runSteps, StepRun } from './step-rounds';

const SCRIPTS = path.join(__dirname, '../../lib/recipe/scripts');
const script = (name: string) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8');
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
  TOKEN: 'not-a-token',
  PREPARE: 'true',
  SYNTH,
  ...changes,
});

/** Stands in for the checkout, which takes URLs only: the remote of these tests is a folder. */
const CHECKOUT = `git init --quiet . && git fetch --quiet --depth 1 "$REPOSITORY_URL" main && git checkout --quiet --force FETCH_HEAD && printf 'commit=%s\\n' "$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"`;
const NOTHING = '#!/bin/bash\n';

/** Runs the steps of a push. No pause between rounds takes time. */
function push(remote: string, changes: Record<string, string> = {}, options: PushOptions = {}): StepRun[] {
  const workspace = options.workspace ?? temporaryFolder();
  return runSteps(Synth.push({ branch: 'main', attempts: options.attempts ?? 3 }), {
    env: env(remote, changes),
    scripts: { 'Check out': CHECKOUT },
    commands: { sleep: NOTHING, ...options.commands },
    home: options.home,
    workspace,
  });
}

interface PushOptions {
  readonly attempts?: number;
  readonly commands?: Record<string, string>;
  readonly home?: string;
  readonly workspace?: string;
}

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

const last = (runs: StepRun[]) => runs[runs.length - 1];

describe('synth with a push', () => {
  test('commits what synth changes, says to skip CI, and leaves a repository alone in which it changes nothing', () => {
    const remote = newRemote();
    const runs = push(remote);
    expect(runs.map(({ name }) => name)).toEqual(['Check out', 'Synthesize', 'Push']);
    expect(last(runs)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^pushed /) });
    expect(show(remote, 'dist/app.yaml')).toContain('program: one\ntag: "0"');
    expect(log(remote)).toEqual(['Synthesize [skip ci]', 'begin']);
    expect(last(push(remote))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^synth changes nothing at /),
    });
    expect(log(remote)).toHaveLength(2);
  });

  test('synthesizes the newest commit in a further round when another client was faster, and keeps both', () => {
    const remote = newRemote();
    const race = `${FLUX} [ -e "$HOME/raced" ] || { touch "$HOME/raced"; REMOTE=${remote}; flux 7; }; ${SYNTH}`;
    const runs = push(remote, { SYNTH: race }, { home: temporaryFolder() });
    expect(runs.map(({ name, status }) => [name, status])).toEqual([
      ['Check out', 0],
      ['Synthesize', 0],
      ['Push', 0],
      ['Synthesize, round 2', 0],
      ['Push, round 2', 0],
    ]);
    expect(runs[2].stdout).toMatch(/^attempt 1 of 3: the push was rejected/);
    expect(log(remote)).toEqual(['Synthesize [skip ci]', 'flux 7', 'begin']);
    expect(show(remote, 'dist/app.yaml')).toContain('tag: "7"');
  });

  test('waits before the next round, each time within other bounds', () => {
    const remote = newRemote();
    fs.writeFileSync(path.join(remote, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const pauses = path.join(temporaryFolder(), 'pauses');
    push(remote, {}, { attempts: 4, commands: { sleep: `#!/bin/bash\nprintf '%s\\n' "$1" >> ${pauses}\n` } });
    const waited = fs.readFileSync(pauses, 'utf8').trim().split('\n').map(Number);
    expect(waited).toHaveLength(3);
    waited.forEach((seconds, i) => {
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(4 * (i + 1));
    });
  });

  test.each([
    ['once, also for a further round', 'program', 1],
    ['again when the locked dependencies changed', 'package-lock.json', 2],
  ])('prepares %s', (_, changed, times) => {
    const remote = newRemote({ 'images.yaml': LOCK('0'), program: 'one\n', 'package-lock.json': '{}\n' });
    const prepared = path.join(temporaryFolder(), 'prepared');
    const commit = `printf 'commit refs/heads/main\\ncommitter a <a@example.com> 1763600000 +0000\\ndata <<END\\nx\\nEND\\nfrom refs/heads/main^0\\nM 100644 inline ${changed}\\ndata <<END\\nchanged\\nEND\\n\\ndone\\n' | git -C ${remote} fast-import --quiet --done`;
    const race = `[ -e "$HOME/raced" ] || { touch "$HOME/raced"; ${commit}; }; ${SYNTH}`;
    const runs = push(remote, { SYNTH: race, PREPARE: `echo x >> ${prepared}` }, { home: temporaryFolder() });
    expect(last(runs)).toMatchObject({ name: 'Push, round 2', status: 0 });
    expect(fs.readFileSync(prepared, 'utf8')).toBe('x\n'.repeat(times));
  });

  test('keeps ignored files between rounds, and nothing else that was made', () => {
    const remote = newRemote({
      'images.yaml': LOCK('0'),
      program: 'one\n',
      '.gitignore': 'node_modules\n',
      'dist/app.yaml': '',
    });
    const race = `mkdir -p node_modules; touch node_modules/kept; ${FLUX} if [ -e "$HOME/raced" ]; then [ ! -e stray ]; else touch "$HOME/raced" stray; REMOTE=${remote}; flux 7; fi; ${SYNTH}`;
    const workspace = temporaryFolder();
    const runs = push(remote, { SYNTH: race }, { home: temporaryFolder(), workspace });
    expect(last(runs)).toMatchObject({ name: 'Push, round 2', status: 0 });
    expect(fs.existsSync(path.join(workspace, 'node_modules/kept'))).toBe(true);
    expect(git(remote, 'ls-tree', '-r', '--name-only', 'main')).not.toMatch(/stray|node_modules/);
  });

  test('fails when synth fails, and pushes nothing', () => {
    const remote = newRemote();
    expect(last(push(remote, { SYNTH: 'echo half > dist/app.yaml; false' }))).toMatchObject({
      name: 'Synthesize',
      status: 1,
    });
    expect(log(remote)).toEqual(['begin']);
  });

  test('gives up after its attempts, and says why that may be', () => {
    const remote = newRemote();
    fs.writeFileSync(path.join(remote, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const run = last(push(remote, {}, { attempts: 2 }));
    expect([run.name, run.status]).toEqual(['Push, round 2', 1]);
    expect(run.stderr).toContain('after 2 attempts the push is still rejected: is main protected');
    expect(log(remote)).toEqual(['begin']);
  });

  test('only the steps that run no code of the repository hold the token', () => {
    const steps = Synth.push({ branch: 'main' }).bind({ id: 'synth', repository: REPOSITORY });
    const holds = steps.filter(({ _content: { env } }) => 'TOKEN' in env!).map(({ name }) => name);
    const runs = steps.filter(({ _content: { script } }) => /untrusted "\$(PREPARE|SYNTH)"/.test(script!));
    expect(holds).toEqual(['Check out', 'Push', 'Push, round 2', 'Push, round 3']);
    expect(runs.map(({ name }) => name)).toEqual(['Synthesize', 'Synthesize, round 2', 'Synthesize, round 3']);
  });

  test('what synth leaves behind is not run where the token is: no hook, no configuration, no filter', () => {
    const remote = newRemote();
    const [loot, home] = [path.join(temporaryFolder(), 'stolen'), temporaryFolder()];
    const spy = `printf '#!/bin/sh\\nenv >> ${loot}\\n' > "$HOME/spy"; chmod +x "$HOME/spy"`;
    const hooks =
      'for h in pre-push pre-commit post-commit reference-transaction post-checkout; do cp "$HOME/spy" .git/hooks/$h; done';
    const config =
      'printf "[core]\\n\\tfsmonitor = $HOME/spy\\n\\thooksPath = $PWD/.git/hooks\\n[filter \\"x\\"]\\n\\tclean = $HOME/spy\\n\\tsmudge = $HOME/spy\\n[diff \\"x\\"]\\n\\tcommand = $HOME/spy\\n" | tee -a .git/config > "$HOME/.gitconfig"';
    const attributes = 'printf "* filter=x diff=x\\n" > .gitattributes; printf "* filter=x\\n" > .git/info/attributes';
    const race = `${FLUX} [ -e "$HOME/raced" ] || { touch "$HOME/raced"; REMOTE=${remote}; flux 7; }`;
    const runs = push(remote, { SYNTH: `${race}; ${spy}; ${SYNTH}; ${hooks}; ${config}; ${attributes}` }, { home });
    expect(last(runs)).toMatchObject({ name: 'Push, round 2', status: 0, stderr: '' });
    expect(log(remote)).toEqual(['Synthesize [skip ci]', 'flux 7', 'begin']);
    expect(fs.existsSync(loot)).toBe(false);
  });

  test('what synth leaves behind in a submodule is not run where the token is, and the submodule stays', () => {
    const remote = newRemote();
    const work = temporaryFolder();
    git(work, 'clone', '--quiet', remote, '.');
    const dates = 'GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z';
    const identity = 'git config user.name a; git config user.email a@example.com';
    const make = `git init --quiet; ${identity}; echo x > f; git add f; ${dates} git commit --quiet -m x`;
    const own = temporaryFolder();
    runBash(make, { cwd: own, env: {} });
    const commit = git(own, 'rev-parse', 'HEAD').trim();
    git(work, 'update-index', '--add', '--cacheinfo', `160000,${commit},sub`);
    git(work, 'commit', '--quiet', '--message', 'submodule');
    git(work, 'push', '--quiet', 'origin', 'main');
    const [loot, home] = [path.join(temporaryFolder(), 'stolen'), temporaryFolder()];
    const spy = `printf '#!/bin/sh\\nenv >> ${loot}\\ncat\\n' > "$HOME/spy"; chmod +x "$HOME/spy"`;
    const evil = (name: string) =>
      `(rm -rf ${name}; mkdir ${name}; cd ${name}; ${make}; ` +
      'printf "[filter \\"x\\"]\\n\\tclean = $HOME/spy\\n[remote \\"origin\\"]\\n\\turl = file://$HOME/none\\n\\tuploadpack = $HOME/spy\\n\\tfetch = +refs/heads/*:refs/remotes/origin/*\\n" >> .git/config; ' +
      'echo "* filter=x" > .git/info/attributes; sleep 1; echo y > f)';
    const modules =
      'for n in sub new; do printf "[submodule \\"$n\\"]\\n\\tpath = $n\\n\\turl = ./x\\n\\tfetchRecurseSubmodules = true\\n"; done > .gitmodules';
    const race = `${FLUX} [ -e "$HOME/raced" ] || { touch "$HOME/raced"; REMOTE=${remote}; PATH=/usr/bin:/bin; ${evil('sub')}; ${evil('new')}; ${modules}; }`;
    const late = `#!/bin/bash\nif [[ $* == *push* && ! -e ${home}/late ]]; then touch ${home}/late; REMOTE=${remote}; ${FLUX} flux 7; fi\nexec /usr/bin/git "$@"\n`;
    const runs = push(remote, { SYNTH: `${spy}; ${race}; ${SYNTH}` }, { home, commands: { git: late } });
    expect(last(runs)).toMatchObject({ name: 'Push, round 2', status: 0 });
    expect(fs.existsSync(loot) ? fs.readFileSync(loot, 'utf8') : '').toBe('');
    expect(git(remote, 'ls-tree', 'main', 'sub')).toContain(commit);
  });

  test('commits that synth moves a submodule, or removes it', () => {
    const remote = newRemote();
    const work = temporaryFolder();
    git(work, 'clone', '--quiet', remote, '.');
    const links = ['moved', 'removed', 'absent'].flatMap((name) => ['--cacheinfo', `160000,${'1'.repeat(40)},${name}`]);
    git(work, 'update-index', '--add', ...links);
    git(work, 'commit', '--quiet', '--message', 'submodules');
    git(work, 'push', '--quiet', 'origin', 'main');
    const move =
      'rm -rf removed; cd moved; git init --quiet; git -c user.name=a -c user.email=a@example.com commit --quiet --allow-empty -m x; cd ..';
    expect(last(push(remote, { SYNTH: `${move}; ${SYNTH}` }))).toMatchObject({ status: 0 });
    const tree = git(remote, 'ls-tree', 'main');
    expect(tree).toMatch(/^160000 commit (?!1{40})[0-9a-f]{40}\tmoved$/m);
    expect(tree).toContain(`160000 commit ${'1'.repeat(40)}\tabsent`);
    expect(tree).not.toContain('removed');
  });

  test('what synth runs finds the token in no process that started it', () => {
    const remote = newRemote();
    const loot = path.join(temporaryFolder(), 'loot');
    const look = `for p in self $PPID; do tr '\\0' '\\n' < /proc/$p/environ >> ${loot}; done`;
    const runs = push(remote, { SYNTH: `${look}; ${SYNTH}`, PREPARE: look, TOKEN: 'tell-nobody' });
    expect(last(runs)).toMatchObject({ status: 0 });
    expect(fs.readFileSync(loot, 'utf8')).toContain('PREPARED=');
    expect(fs.readFileSync(loot, 'utf8')).not.toContain('tell-nobody');
  });

  test('what synth asks the runner to set for later steps is dropped: no variable, no PATH, no output of another name', () => {
    const runnerFiles = temporaryFolder();
    const file = (name: string) => path.join(runnerFiles, name);
    const env = Object.fromEntries(
      ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_OUTPUT'].map((name) => [name, file(name)]),
    );
    Object.values(env).forEach((name) => fs.writeFileSync(name, ''));
    // By their variables, and by their places, which the same user finds.
    const attack = Object.entries(env)
      .map(
        ([name, place]) => `echo BASH_ENV=$PWD/evil >> "\${${name}:-/dev/null}"; echo BASH_ENV=$PWD/evil >> ${place}`,
      )
      .join('\n');
    const run = runBash(script('synth.sh'), { env: { ...env, PREPARE: attack, SYNTH: attack, PREPARED: '' } });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(Object.values(env).map((name) => fs.readFileSync(name, 'utf8'))).toEqual(['', '', '', 'prepared=none\n']);
  });

  test('gives the token to git by its environment, and to the forge only: no argument and no file has it', () => {
    const remote = newRemote();
    const seen = path.join(temporaryFolder(), 'seen');
    const spy = `#!/bin/bash\nprintf '%s\\n' "$*" >> ${seen}.args\nfor ((i = 0; i < \${GIT_CONFIG_COUNT:-0}; i++)); do k=GIT_CONFIG_KEY_$i v=GIT_CONFIG_VALUE_$i; case \${!k} in http*) printf '%s %s\\n' "\${!k}" "\${!v}" >> ${seen}.remote;; esac; done\nargs=("$@")\nfor i in "\${!args[@]}"; do args[i]=\${args[i]/http:\\/\\/git.example.com\\/a\\/b.git/${remote.replace(/\//g, '\\/')}}; done\nexec /usr/bin/git "\${args[@]}"\n`;
    const runs = push('http://git.example.com/a/b.git', { TOKEN: 'tell-nobody' }, { commands: { git: spy } });
    const secret = Buffer.from('x-access-token:tell-nobody').toString('base64');
    expect(last(runs)).toMatchObject({ status: 0, stdout: expect.stringContaining(`::add-mask::${secret}`) });
    expect(new Set(fs.readFileSync(`${seen}.remote`, 'utf8').trim().split('\n'))).toEqual(
      new Set([`http.http://git.example.com/.extraHeader Authorization: Basic ${secret}`]),
    );
    expect(fs.readFileSync(`${seen}.args`, 'utf8')).not.toMatch(new RegExp(`tell-nobody|${secret}`));
  });

  test('never forces', () => {
    expect(script('synth-push.sh')).not.toMatch(/push[^\n]*(--force|\s-f\b|"\+)/);
  });
});

const COMMITS = Number(process.env.FORGE_RACED_COMMITS ?? 40);

test('commits of Flux, raced: none is lost, nothing is forced, and the output is that of the last commit', async () => {
  const remote = newRemote();
  const folder = temporaryFolder();
  writeTree(folder, {
    'synth.sh': script('synth.sh'),
    'push.sh': scriptOf('fail', 'isolated-git', 'synth-push'),
    'bin/sleep': '#!/bin/bash\n',
    'ci.sh': `#!/bin/bash
set -uo pipefail
cd "$(mktemp -d -p ${folder})"
export PATH=${folder}/bin:$PATH
chmod +x ${folder}/bin/sleep
raced=0
for ((n = 1; ; n++)); do
  last=no; [ -e ${folder}/flux-is-done ] && last=yes
  # Somebody changes the program, which gives the workflow something to do.
  until printf 'commit refs/heads/main\\ncommitter dev <dev@example.com> 1763600000 +0000\\ndata <<END\\ndev %s\\nEND\\nfrom refs/heads/main^0\\nM 100644 inline program\\ndata <<END\\nprogram %s\\nEND\\n\\ndone\\n' "$n" "$n" | git -C "$REPOSITORY_URL" fast-import --quiet --done 2>/dev/null; do :; done
  printf 'dev %s\\n' "$n" >> ${folder}/dev
  rm -rf .git
  ${CHECKOUT.replace('"$GITHUB_OUTPUT"', `${folder}/first`)}
  COMMIT=$(git rev-parse HEAD) PREPARED=
  for ((ATTEMPT = 1; ; ATTEMPT++)); do
    export COMMIT ATTEMPT PREPARED GITHUB_OUTPUT=${folder}/output
    : > "$GITHUB_OUTPUT"
    bash ${folder}/synth.sh 2>>${folder}/stderr || { printf 'synth failed'; exit 1; }
    out=$(bash ${folder}/push.sh 2>>${folder}/stderr) || { cat ${folder}/stderr; printf 'failed: %s\\n' "$out"; exit 1; }
    PREPARED=$(sed -n 's/^prepared=//p' "$GITHUB_OUTPUT")
    grep -q '^pushed=yes' "$GITHUB_OUTPUT" && break
    raced=$((raced + 1))
    COMMIT=$(sed -n 's/^commit=//p' "$GITHUB_OUTPUT")
  done
  [ $last = yes ] && break
done
printf 'raced %s\\n' "$raced"
`,
    'flux.sh': `#!/bin/bash
${FLUX}
for ((n = 1; n <= ${COMMITS}; n++)); do until flux "$n"; do :; done; done
touch ${folder}/flux-is-done
`,
  });
  const start = (file: string) =>
    new Promise<string>((resolve, reject) => {
      const run = spawn('/bin/bash', [path.join(folder, file)], {
        env: {
          ...process.env,
          ...IDENTITY,
          ...env(remote),
          BRANCH: 'main',
          AUTHOR_NAME: 'synth',
          AUTHOR_EMAIL: 'synth@example.com',
          MESSAGE: 'Synthesize [skip ci]',
          ATTEMPTS: '1000',
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
    Array.from({ length: COMMITS }, (_, i) => `flux ${i + 1}`),
  );
  expect(subjects.filter((s) => s.startsWith('dev ')).reverse()).toEqual(dev);
  expect(show(remote, 'dist/app.yaml')).toBe(
    `program: program ${dev.length}\ntag: "${COMMITS}" # {"$imagepolicy": "flux-system:app:tag"}\n`,
  );
  expect(show(remote, 'images.yaml')).toContain(`tag: "${COMMITS}"`);
  // The two really met.
  expect(Number(/raced (\d+)/.exec(said)?.[1])).toBeGreaterThan(3);
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
    ).toContain('FORGE-LOCK-006');
  });
});

test.each([
  ['a token in plain text', { token: 'abc' }, 'FORGE-RECIPE-002', { token: '${{ secrets.ABC }}' }],
  ['no attempt', { attempts: 0 }, 'FORGE-RECIPE-002', { attempts: 1 }],
  ['more attempts than a file has room for', { attempts: 11 }, 'FORGE-RECIPE-002', { attempts: 10 }],
  ['an author without a name', { authorName: ' ' }, 'FORGE-RECIPE-002', { authorName: '李' }],
  ['an author of punctuation', { authorName: '<.>' }, 'FORGE-RECIPE-002', { authorName: 'x.' }],
  ['a branch that is none', { branch: '$(id)' }, 'FORGE-RECIPE-004', { branch: 'a/b-c.d_1' }],
])('a push with %s is rejected, and not its neighbour', (_, options, code, neighbour) => {
  accepts(() => Synth.push({ branch: 'main', ...neighbour }));
  expect(codesOf(() => Synth.push({ branch: 'main', ...options }))).toEqual([code]);
});

test('the accepted neighbours of what a push rejects', () => {
  expect(Synth.push({ branch: 'main', attempts: 10 }).bind({ id: 'synth', repository: REPOSITORY })).toHaveLength(21);
  expect(() => Synth.push({ branch: 'release/1.x', token: Expression.secret('PUSH_TOKEN') })).not.toThrow();
});
