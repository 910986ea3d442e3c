import * as fs from 'node:fs';
import { operatorOf } from '../../lib/cli/bootstrap/operators';
import { runCli } from '../support/cli';
import { temporaryFolder, writeTree } from '../support/workspace';

/** Plays kubectl: it answers with the files of a directory, by the words of the command. */
const KUBECTL = `#!/bin/bash
echo "$*" >> "$HOME/calls"
case "$*" in
*'/version'*) [ ! -e "$HOME/down" ] || { echo 'connection refused' >&2; exit 1; }; echo '{"gitVersion":"v1.34.0"}' ;;
*'customresourcedefinitions --output name') cat "$HOME/kinds" ;;
*'customresourcedefinition gitrepositories'*) echo '{"metadata":{"labels":{'"$(cat "$HOME/keeper")"'"app.kubernetes.io/version":"'"$(cat "$HOME/flux")"'"}}}' ;;
'api-versions') cat "$HOME/apis" ;;
apply*) cat > /dev/null ;;
*) ;;
esac`;

const KINDS = ['gitrepositories.source', 'kustomizations.kustomize'].map((name) => `${name}.toolkit.fluxcd.io`);
const CLUSTER = {
  name: 'home',
  namespace: 'flux-system',
  entry: 'dist/clusters/home/flux',
  layers: [],
  source: {
    repository: 'platform/gitops',
    url: 'https://git.example.com/platform/gitops.git',
    forge: 'https://git.example.com',
    branch: 'main',
  },
  namespaces: [{ name: 'ci', level: 'privileged' }],
  flux: { minimum: '2.7', components: [] as string[] },
  apis: [] as string[],
  charts: [] as string[],
  encrypted: [],
};

/** A repository with a plan, and a cluster that is played. */
function played(cluster: Partial<typeof CLUSTER> = {}, files: Record<string, string> = {}, secrets: object[] = []) {
  const home = temporaryFolder();
  const forge = {
    url: 'https://git.example.com',
    product: 'gitea',
    api: 'https://git.example.com/api/v1',
    tokenPage: 'https://git.example.com/user',
  };
  const plan = {
    version: 1,
    clusters: [{ ...CLUSTER, ...cluster }],
    forges: [forge],
    secrets,
    repositories: [],
    checks: [],
  };
  // The forge is not there: git says whatever the steps need.
  const git = `#!/bin/bash\ncase "$*" in 'rev-parse HEAD') echo 1234 ;; ls-remote*) printf '1234\\trefs/heads/main\\n' ;; status*) cat "$HOME/status" ;; esac`;
  writeTree(home, {
    'bin/kubectl': KUBECTL,
    'bin/git': git,
    'bin/flux': '#!/bin/bash\necho "$*" > "$HOME/installed"; cp "$HOME/all" "$HOME/kinds"',
    'bin/helm': '#!/bin/bash\necho "$*" >> "$HOME/helm"',
    'dist/.cdk8s-forge.json': JSON.stringify(plan),
    'dist/clusters/home/flux/source.k8s.yaml': 'kind: GitRepository\n',
    status: '',
    kinds: KINDS.map((kind) => `customresourcedefinition.apiextensions.k8s.io/${kind}\n`).join(''),
    all: KINDS.map((kind) => `customresourcedefinition.apiextensions.k8s.io/${kind}\n`).join(''),
    flux: 'v2.9.0',
    keeper: '',
    apis: 'v1\napps/v1\n',
    ...files,
  });
  ['kubectl', 'git', 'flux', 'helm'].forEach((name) => fs.chmodSync(`${home}/bin/${name}`, 0o755));
  const bootstrap = (...args: string[]) =>
    runCli(['bootstrap', '--output', `${home}/dist`, '--timeout', '1', ...args], {
      PATH: `${home}/bin:${process.env.PATH}`,
      HOME: home,
    });
  const read = (name: string) => (fs.existsSync(`${home}/${name}`) ? fs.readFileSync(`${home}/${name}`, 'utf8') : '');
  return { home, bootstrap, read };
}

test('a dry run says what is missing, and changes nothing', async () => {
  const { bootstrap, read } = played({ apis: ['keda.sh/v1alpha1'] }, { kinds: '' });
  const { status, stdout } = await bootstrap('--dry-run');
  expect(stdout.split('\n')).toEqual([
    'step: committed output: yes',
    'step: tools and cluster: Kubernetes v1.34.0',
    'step: Flux: to install: flux install --namespace flux-system',
    'step: operators: to install: KEDA',
    'step: namespaces: to create: flux-system, ci (privileged)',
    'step: repository: platform/gitops not looked for, without FORGE_TOKEN, has this commit',
    'step: secrets: all there',
    'step: entry point: to apply: dist/clusters/home/flux',
    '',
  ]);
  expect(status).toBe(0);
  expect(read('calls')).not.toMatch(/^apply|create|delete/m);
  expect(read('installed') + read('helm')).toBe('');
});

test.each([
  ['cert-manager.io/v1', 'cert-manager'],
  ['external-secrets.io/v1', 'External Secrets Operator'],
  ['bitnami.com/v1alpha1', 'sealed-secrets'],
  ['policies.kyverno.io/v1beta1', 'Kyverno'],
  ['policy.sigstore.dev/v1beta1', 'policy-controller'],
])('the operator of %s is %s', (api, title) => {
  expect(operatorOf(api)?.title).toBe(title);
  expect(operatorOf(`x${api}`)).toBeUndefined();
});

test('each step does only what is missing, and a failed step is the first of the next run', async () => {
  const { home, bootstrap, read } = played({ apis: ['keda.sh/v1alpha1'] }, { kinds: '' });
  fs.writeFileSync(`${home}/bin/helm`, '#!/bin/bash\necho "chart not found" >&2; exit 1');
  const first = await bootstrap();
  expect([first.status, first.stderr]).toEqual([
    1,
    expect.stringContaining('FORGE-CLI-016: operators: helm: chart not found'),
  ]);
  expect(read('installed')).toContain('install --namespace flux-system');
  fs.rmSync(`${home}/installed`);
  fs.writeFileSync(`${home}/bin/helm`, '#!/bin/bash\necho "$*" >> "$HOME/helm"');
  const second = await bootstrap();
  expect(second.stdout).toContain('done: Flux: there, version 2.9.0');
  expect(second.stdout).toContain('done: operators: installed: KEDA');
  expect(read('helm')).toMatch(
    /^upgrade --install keda keda --repo \S+ --namespace keda --create-namespace --version >=2\.18\.0 --wait\n$/,
  );
  expect(read('installed')).toBe('');
  expect(read('calls')).toContain(`--filename ${home}/dist/clusters/home/flux/source.k8s.yaml`);
  // Nobody reconciles here.
  expect([second.status, second.stdout]).toEqual([1, expect.stringContaining('not ready: GitRepository')]);
});

test.each([
  ['an uncommitted output', {}, { status: ' M dist/a.yaml\n' }, [], /committed output: 1 files are not committed/],
  ['a cluster that does not answer', {}, { down: '' }, [], /tools and cluster: connection refused/],
  ['an old Flux', {}, { flux: 'v2.6.4' }, [], /Flux: Flux 2\.6\.4 is older than 2\.7/],
  [
    'no Flux, which nobody may install',
    {},
    { kinds: '' },
    ['--flux', 'none'],
    /install Flux, for example with flux install/,
  ],
  [
    'an operator that nobody may install',
    { apis: ['cert-manager.io/v1'] },
    {},
    ['--operators', 'none'],
    /the cluster has no cert-manager: run helm/,
  ],
  ['an API of no known operator', { apis: ['example.com/v1'] }, {}, [], /does not serve example\.com\/v1/],
] as [string, Partial<typeof CLUSTER>, Record<string, string>, string[], RegExp][])(
  '%s ends the command with the step and the reason',
  async (_, cluster, files, args, message) => {
    const { status, stderr } = await played(cluster, files).bootstrap(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  },
);

test.each([
  [
    'the Kustomization of flux bootstrap',
    'kustomize.toolkit.fluxcd.io',
    'Kustomization flux-system/kept undoes other installations: run flux bootstrap again with --components-extra=image-reflector-controller',
  ],
  [
    'a FluxInstance',
    'fluxcd.controlplane.io',
    'FluxInstance flux-system/kept undoes other installations: add image-reflector-controller to its spec.components',
  ],
])('a Flux without image controllers is not installed over %s', async (_, group, message) => {
  const flux = { minimum: '2.7', components: ['image-reflector-controller'] };
  const kept = `"${group}/name":"kept","${group}/namespace":"flux-system",`;
  for (const args of [[], ['--dry-run'], ['--flux', 'none']]) {
    const { bootstrap, read } = played({ flux }, { keeper: kept });
    const { status, stderr } = await bootstrap(...args);
    expect([status, stderr.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining(message)]);
    expect(read('installed')).toBe('');
  }
  // Without such an object, and if nothing is missing, the installation goes on.
  const all = [
    ...KINDS,
    ...['imagerepositories', 'imagepolicies', 'imageupdateautomations'].map(
      (name) => `${name}.image.toolkit.fluxcd.io`,
    ),
  ];
  const kinds = all.map((kind) => `customresourcedefinition.apiextensions.k8s.io/${kind}\n`).join('');
  const complete = await played({ flux }, { keeper: kept, kinds }).bootstrap('--dry-run');
  expect(complete.stdout).toContain('step: Flux: there, version 2.9.0');
  const free = await played({ flux }).bootstrap('--dry-run');
  expect(free.stdout).toContain('step: Flux: to install: flux install --components-extra=image-reflector-controller');
});

test('a repository that cannot be pushed to says where a token is created, if there is none', async () => {
  const { home, bootstrap } = played();
  fs.writeFileSync(`${home}/bin/git`, '#!/bin/bash\ncase "$*" in ls-remote*) echo "not found" >&2; exit 1 ;; esac');
  const { stderr } = await bootstrap();
  expect(stderr).toContain('repository: not found. Without FORGE_TOKEN, the repository is not created');
  expect(stderr).toContain('https://git.example.com/user');
});

test('an operator that the program installs itself is left to the program, and other ways to install are refused', async () => {
  const { stdout } = await played({ apis: ['cert-manager.io/v1'], charts: ['cert-manager'] }).bootstrap('--dry-run');
  expect(stdout).toContain('step: operators: all there');
  const refused = await played().bootstrap('--flux', 'helm');
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringContaining(
      "option '--flux <way>' argument 'helm' is invalid. Allowed choices are install, operator, none",
    ),
  ]);
  const operator = await played({}, { kinds: '' }).bootstrap('--dry-run', '--flux', 'operator');
  expect(operator.stdout).toContain('to install: helm upgrade --install flux-operator');
});

test('with a forge that the platform installs, tokens wait for the forge, and what its server needs does not', async () => {
  const bootstrap = (name: string, tokenScope?: string) => {
    const secret = { cluster: 'home', namespace: 'ci', name, type: 'Opaque', keys: ['token'], home: 'kubernetes' };
    const of = { origin: 'created by hand', forge: 'https://git.example.com', tokenScope };
    return played({}, {}, [{ ...secret, ...of }]).bootstrap('--forge-inside', '--mint');
  };
  expect((await bootstrap('packages', 'write:package')).stderr).toContain('FORGE-CLI-016: forge: ');
  expect((await bootstrap('admin')).stderr).toContain('no source has the value token of ci/admin');
});

test('with a forge that the platform installs, the layers are applied before the repository', async () => {
  const { bootstrap, read, home } = played({ layers: ['platform', 'apps'] as never });
  writeTree(home, {
    'dist/clusters/home/platform/forge.k8s.yaml': 'kind: A\n',
    'dist/clusters/home/apps/apps.k8s.yaml': 'kind: B\n',
  });
  const { stderr } = await bootstrap('--forge-inside');
  // The played forge has no address: the step after the layers waits for it.
  expect(stderr).toContain('FORGE-CLI-016: forge: https://git.example.com does not answer');
  const applied = [...read('calls').matchAll(/--filename (\S+)/g)].map(([, file]) =>
    file.replace(`${home}/dist/clusters/home/`, ''),
  );
  expect(applied.filter((file) => file !== '-')).toEqual(['platform/forge.k8s.yaml', 'apps/apps.k8s.yaml']);
});
