import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { stamped } from '../../lib/cli/delivered-file';
import { deliver, Delivery, DeliverRun } from '../../lib/cli/deliver';
import { Forge, RunsOn } from '../../lib/forge';
import { CompositeAction, Step, Trigger, Workflow } from '../../lib/workflow';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const URL = 'https://git.example.com';
const TOKEN = 'delivery-token-0123456789';

/** Git servers that are folders: the URL of the forge leads to them. */
class Servers {
  readonly folder = temporaryFolder();
  readonly config = path.join(this.folder, 'gitconfig');

  constructor(...names: string[]) {
    fs.writeFileSync(
      this.config,
      `[url "file://${this.folder}/"]\n\tinsteadOf = ${URL}/\n[user]\n\tname = Someone\n\temail = someone@example.com\n[init]\n\tdefaultBranch = main\n`,
    );
    names.forEach((name) => this.create(name));
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, GIT_CONFIG_GLOBAL: this.config, GIT_CONFIG_NOSYSTEM: '1' };
  }

  git(directory: string, ...args: string[]): string {
    return execFileSync('git', args, { cwd: directory, encoding: 'utf8', env: this.environment, stdio: 'pipe' });
  }

  bare(name: string): string {
    return path.join(this.folder, `${name}.git`);
  }

  create(name: string): void {
    fs.mkdirSync(this.bare(name), { recursive: true });
    this.git(this.bare(name), 'init', '--quiet', '--bare');
    this.commit(name, { 'README.md': `# ${name}\n` });
  }

  /** Commits files to a repository as a person does; a file without a text is removed. */
  commit(name: string, files: Record<string, string | undefined>): void {
    const clone = temporaryFolder();
    this.git(clone, 'clone', '--quiet', `file://${this.bare(name)}`, '.');
    for (const [file, text] of Object.entries(files)) {
      fs.rmSync(path.join(clone, file), { force: true });
      if (text !== undefined) {
        writeTree(clone, { [file]: text });
      }
    }
    this.git(clone, 'add', '--all');
    this.git(clone, 'commit', '--quiet', '--message', 'By hand');
    this.git(clone, '-c', 'core.hooksPath=/dev/null', 'push', '--quiet', 'origin', 'HEAD');
  }

  read(name: string, file: string): string | undefined {
    const { status, stdout } = spawnSync('git', ['show', `HEAD:${file}`], { cwd: this.bare(name), encoding: 'utf8' });
    return status === 0 ? stdout : undefined;
  }

  commits(name: string): number {
    return Number(this.git(this.bare(name), 'rev-list', '--count', 'HEAD'));
  }
}

const gitea = Forge.gitea({ version: '1.26', url: URL });

/** Synthesizes workflows, and returns the output directory. */
function synthesized(act: (app: App) => void): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  act(app);
  app.synth();
  return `${folder}/dist`;
}

function workflow(app: App, repository: string, script = 'make', id = 'build'): void {
  const w = new Workflow(app, `${repository.replace('/', '-')}-${id}`, {
    repository: gitea.repository(repository),
    fileName: `${id}.yml`,
    triggers: [Trigger.push({ branches: ['main'] })],
  });
  w.addJob('build', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'Build', script })] });
}

const BUILD = '.gitea/workflows/build.yml';
const run = (servers: Servers, outdir: string, more: Partial<DeliverRun> = {}): Promise<Delivery[]> =>
  deliver(
    { outdir, environment: servers.environment, source: 'platform/gitops', tokenFor: () => TOKEN, ...more },
    () => {},
  );
const changes = (all: Delivery[]) =>
  all.flatMap(({ repository, files, error }) => [
    ...files.map(({ file, change }) => `${repository} ${change} ${file}`),
    ...(error === undefined ? [] : [`${repository} failed: ${error}`]),
  ]);

test('files reach their repositories as one commit each, once, and the workflow is what synth wrote', async () => {
  const servers = new Servers('platform/web', 'platform/api');
  const outdir = synthesized((app) => {
    workflow(app, 'platform/web');
    workflow(app, 'platform/web', 'make test', 'test');
    workflow(app, 'platform/api');
    const repository = gitea.repository('platform/api');
    const steps = [Step.run({ name: 'Greet', script: 'echo hello' })];
    new CompositeAction(app, 'greet', { repository, description: 'Greets', steps });
  });
  const first = await run(servers, outdir);
  expect(changes(first)).toEqual([
    'platform/api created .gitea/actions/greet/action.yml',
    `platform/api created ${BUILD}`,
    `platform/web created ${BUILD}`,
    'platform/web created .gitea/workflows/test.yml',
  ]);
  const text = fs.readFileSync(`${outdir}/repositories/platform/web/${BUILD}`, 'utf8');
  expect(servers.read('platform/web', BUILD)).toBe(stamped(text, 'platform/gitops'));
  expect(first.map(({ commit }) => commit)).toEqual(
    ['platform/api', 'platform/web'].map((name) => servers.git(servers.bare(name), 'rev-parse', 'HEAD').trim()),
  );
  const second = await run(servers, outdir);
  expect(second.flatMap(({ files }) => files.map(({ change }) => change))).toEqual(Array(4).fill('unchanged'));
  expect([servers.commits('platform/web'), servers.commits('platform/api')]).toEqual([2, 2]);
});

test('a changed program updates its files and removes those that it no longer makes, and no others', async () => {
  const servers = new Servers('platform/web');
  const steps = [Step.run({ name: 'Greet', script: 'echo hello' })];
  const repository = gitea.repository('platform/web');
  const action = (app: App) =>
    new CompositeAction(app, 'greet', { repository, description: 'Greets', steps, directory: 'actions/greet' });
  const before = (app: App) => (
    workflow(app, 'platform/web'),
    workflow(app, 'platform/web', 'make', 'old'),
    action(app)
  );
  await run(servers, synthesized(before));
  servers.commit('platform/web', {
    '.gitea/workflows/own.yml': 'on: push\n',
    '.gitea/workflows/theirs.yml': stamped('on: push\n', 'other/gitops'),
  });
  const after = await run(
    servers,
    synthesized((app) => workflow(app, 'platform/web', 'make all')),
  );
  expect(changes(after)).toEqual([
    `platform/web updated ${BUILD}`,
    'platform/web removed .gitea/workflows/old.yml',
    'platform/web removed actions/greet/action.yml',
  ]);
  expect(servers.read('platform/web', BUILD)).toContain('make all');
  expect(servers.read('platform/web', '.gitea/workflows/old.yml')).toBeUndefined();
  expect(servers.read('platform/web', '.gitea/workflows/own.yml')).toBe('on: push\n');
  expect(servers.read('platform/web', '.gitea/workflows/theirs.yml')).toContain('other/gitops');
});

test('a file that somebody changed is a conflict and stays, unless it is named', async () => {
  const servers = new Servers('platform/web', 'platform/copied');
  const outdir = synthesized((app) => (workflow(app, 'platform/web'), workflow(app, 'platform/copied')));
  const text = fs.readFileSync(`${outdir}/repositories/platform/copied/${BUILD}`, 'utf8');
  servers.commit('platform/copied', { [BUILD]: text });
  await run(servers, outdir);
  expect(servers.commits('platform/copied')).toBe(2);
  const edited = servers.read('platform/web', BUILD)!.replace('make', 'make edited');
  servers.commit('platform/web', { [BUILD]: edited });
  const next = synthesized((app) => workflow(app, 'platform/web', 'make all'));
  expect(changes(await run(servers, next))).toEqual([`platform/web conflict ${BUILD}`]);
  expect(servers.read('platform/web', BUILD)).toBe(edited);
  const forced = await run(servers, next, { force: [`platform/web:${BUILD}`] });
  expect(changes(forced)).toEqual([`platform/web updated ${BUILD}`]);
  expect(servers.read('platform/web', BUILD)).toContain('make all');
});

test('a dry run changes nothing', async () => {
  const servers = new Servers('platform/web');
  const all = await run(
    servers,
    synthesized((app) => workflow(app, 'platform/web')),
    { dryRun: true },
  );
  expect([changes(all), servers.commits('platform/web')]).toEqual([[`platform/web created ${BUILD}`], 1]);
});

test('settings of git in the environment of the caller stay', async () => {
  const servers = new Servers('platform/web');
  const environment = {
    ...servers.environment,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.file://${servers.folder}/.insteadOf`,
    GIT_CONFIG_VALUE_0: `${URL}/`,
  };
  const all = await run(
    servers,
    synthesized((app) => workflow(app, 'platform/web')),
    { environment },
  );
  expect(changes(all)).toEqual([`platform/web created ${BUILD}`]);
});

test('one repository that fails does not keep the others, and its reason has a remedy', async () => {
  const servers = new Servers('platform/web', 'platform/locked');
  fs.writeFileSync(
    `${servers.bare('platform/locked')}/hooks/pre-receive`,
    '#!/bin/sh\necho "Not allowed to push to protected branch main" >&2\nexit 1\n',
    { mode: 0o755 },
  );
  const outdir = synthesized((app) =>
    ['platform/web', 'platform/locked', 'platform/missing'].forEach((name) => workflow(app, name)),
  );
  const all = await run(servers, outdir);
  expect(changes(all)).toEqual([
    expect.stringMatching(/^platform\/locked failed: .*the branch is protected: use --pull-request/),
    expect.stringMatching(/^platform\/missing failed: .*create the repository/),
    `platform/web created ${BUILD}`,
  ]);
  expect(servers.commits('platform/web')).toBe(2);
});

test('a number in the name of a repository is no refused login', async () => {
  const servers = new Servers();
  const outdir = synthesized((app) => workflow(app, 'platform/app-403'));
  expect(changes(await run(servers, outdir))).toEqual([expect.stringMatching(/failed: .*\(create the repository/)]);
});

test('a push that another one overtakes is made again on top of it', async () => {
  const servers = new Servers('platform/web');
  const other = temporaryFolder();
  servers.git(other, 'clone', '--quiet', `file://${servers.bare('platform/web')}`, '.');
  writeTree(other, { 'other.txt': 'x\n' });
  servers.git(other, 'add', '--all');
  servers.git(other, 'commit', '--quiet', '--message', 'Meanwhile');
  // The first push finds that somebody else was faster: the hook lets the other commit in, once.
  const hook = `#!/bin/sh\n[ -e done ] && exit 0\ntouch done\nunset GIT_DIR GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\ngit -C ${other} push --quiet origin HEAD\nexit 0\n`;
  fs.writeFileSync(`${servers.bare('platform/web')}/hooks/pre-receive`, hook, { mode: 0o755 });
  const all = await run(
    servers,
    synthesized((app) => workflow(app, 'platform/web')),
  );
  expect(changes(all)).toEqual([`platform/web created ${BUILD}`]);
  expect([servers.read('platform/web', 'other.txt'), servers.commits('platform/web')]).toEqual(['x\n', 3]);
});

test('a link in a repository leads nowhere, and hooks of the user do not run', async () => {
  const servers = new Servers('platform/web');
  const outside = temporaryFolder();
  const clone = temporaryFolder();
  servers.git(clone, 'clone', '--quiet', `file://${servers.bare('platform/web')}`, '.');
  fs.symlinkSync(outside, path.join(clone, '.gitea'));
  servers.git(clone, 'add', '--all');
  servers.git(clone, 'commit', '--quiet', '--message', 'Link');
  servers.git(clone, 'push', '--quiet', 'origin', 'HEAD');
  const hooks = temporaryFolder();
  fs.writeFileSync(`${hooks}/pre-push`, `#!/bin/sh\nenv > ${hooks}/stolen\n`, { mode: 0o755 });
  servers.git(clone, 'config', '--file', servers.config, 'core.hooksPath', hooks);
  const outdir = synthesized((app) => workflow(app, 'platform/web'));
  expect(changes(await run(servers, outdir))).toEqual(['platform/web failed: .gitea is a symbolic link']);
  expect(fs.readdirSync(outside)).toEqual([]);
  servers.commit('platform/web', { '.gitea': undefined });
  expect(changes(await run(servers, outdir))).toEqual([`platform/web created ${BUILD}`]);
  expect(fs.existsSync(`${hooks}/stolen`)).toBe(false);
});

describe('the command', () => {
  const command = (servers: Servers, directory: string, ...args: string[]) =>
    spawnSync(
      process.execPath,
      ['--import', path.join(ROOT, 'node_modules/tsx/dist/loader.mjs'), path.join(ROOT, 'lib/cli/main.ts'), ...args],
      { cwd: directory, encoding: 'utf8', env: { ...servers.environment, FORGE_TOKEN: TOKEN } },
    );

  test('prints what it did, and its exit code says whether all is delivered', () => {
    const servers = new Servers('platform/web');
    const outdir = synthesized((app) => (workflow(app, 'platform/web'), workflow(app, 'platform/missing')));
    const directory = path.dirname(outdir);
    expect(command(servers, directory, 'deliver')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('FORGE-CLI-007'),
    });
    servers.git(directory, 'init', '--quiet');
    servers.git(directory, 'remote', 'add', 'origin', `${URL}/platform/gitops.git`);
    const one = command(servers, directory, 'deliver', '--only', 'platform/web');
    expect(one).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^platform\/web: [0-9a-f]{10}\n {2}created: /),
    });
    expect(servers.read('platform/web', BUILD)).toContain('from platform/gitops, sha256');
    const all = command(servers, directory, 'deliver', '--json');
    expect(all.status).toBe(1);
    expect(changes(JSON.parse(all.stdout))).toContain(`platform/web unchanged ${BUILD}`);
    expect(one.stdout + one.stderr + all.stdout + all.stderr).not.toContain(TOKEN);
  });

  test.each([
    [['deliver', '--only', 'platform/other'], 1, 'FORGE-CLI-006'],
    [['deliver', '--output', 'nowhere'], 1, 'FORGE-CLI-005'],
    [['deliver', '--parallel', '0'], 2, 'FORGE-CLI-003'],
    [['deliver', '--unknown'], 2, 'FORGE-CLI-003'],
    [['deliver', '--source', 'platform/git ops'], 2, 'FORGE-CLI-003'],
    [['deliver', '--source', 'a/b\non: push'], 2, 'FORGE-CLI-003'],
    [['deliver', '--source', 'gitops'], 2, 'FORGE-CLI-003'],
    [['verify', '--timeout', 'soon'], 2, 'FORGE-CLI-003'],
  ])('%j ends with exit code %d and %s', (args, status, code) => {
    const servers = new Servers();
    const directory = path.dirname(synthesized((app) => workflow(app, 'platform/web')));
    const source = args[0] === 'deliver' && !args.includes('--source') ? ['--source', 'platform/gitops'] : [];
    const result = command(servers, directory, ...args, ...source);
    expect(result).toMatchObject({ status, stderr: expect.stringContaining(code) });
  });
});
