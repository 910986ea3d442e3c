import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { EXAMPLES } from '../support/examples';
import { blocksOf, callsOf, commandsInTables, TYPED } from '../support/runbook';
import { programOf } from '../../lib/cli/program';
import { readTree } from '../support/workspace';

const ROOT = path.join(__dirname, '../..');
const folders = ['.', ...EXAMPLES].filter((folder) => fs.existsSync(path.join(ROOT, folder, 'dist/RUNBOOK.md')));
const runbooks = folders.map((folder) => ({
  folder,
  text: fs.readFileSync(path.join(ROOT, folder, 'dist/RUNBOOK.md'), 'utf8'),
}));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly spec?: Record<string, never> & {
    readonly template?: Template;
    readonly jobTargetRef?: { readonly template: Template };
  };
}

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> };
  readonly spec: {
    readonly containers: { readonly name: string }[];
    readonly initContainers?: { readonly name: string }[];
  };
}

/** The verbs of the command. */
const VERBS = programOf().commands.map((command) => command.name());

/** What a folder's program put out, as `kubectl` would find it in a cluster. */
class World {
  readonly objects: Manifest[];
  private readonly text: string;

  constructor(
    folder: string,
    private readonly runbook: string,
  ) {
    const files = Object.entries(readTree(path.join(ROOT, folder, 'dist'))).filter(([file]) => file.endsWith('.yaml'));
    this.text = files.map(([, text]) => text).join('\n');
    this.objects = files
      .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJSON() as Manifest))
      .filter((object) => object?.kind !== undefined);
  }

  /** What is wrong with a call, against what is there. */
  problems([program, ...words]: string[]): string[] {
    if (program === 'sudo') {
      return this.problems(words);
    }
    if (program === 'curl') {
      return curlProblems(words);
    }
    if (program === 'sops') {
      return words[0] === 'decrypt' && fs.existsSync(this.file(words[1]))
        ? []
        : [`no such file: sops ${words.join(' ')}`];
    }
    if (program === 'npx') {
      return words[0] === 'cdk8s-forge' && VERBS.includes(words[1]) ? [] : [`no such command: npx ${words.join(' ')}`];
    }
    if (program === 'bash' || program === 'tilt') {
      const files = words.filter((word) => word.startsWith('dist/'));
      return files.filter((file) => !fs.existsSync(this.file(file))).map((file) => `no ${file}`);
    }
    if (program !== 'kubectl' && program !== 'flux') {
      return [];
    }
    if (program === 'kubectl' && words[0] === 'apply') {
      return this.applied(words).map((problem) => `${problem}: kubectl ${words.join(' ')}`);
    }
    const command = parse(words);
    const found = program === 'flux' ? this.fluxProblems(command) : this.kubectlProblems(command);
    return found.map((problem) => `${problem}: ${[program, ...words].join(' ')}`);
  }

  private kubectlProblems({ flags, args }: Command): string[] {
    const [verb, ...rest] = args;
    const namespace = flags.get('--namespace');
    if (flags.has('--all-namespaces')) {
      return rest[0] === 'events' ? [] : ['all namespaces are for events'];
    }
    // Namespaces and Secrets are made by hand: the runbook itself says which.
    if (rest[0] === 'namespace') {
      return this.knows(rest[1]) ? [] : [`no namespace ${rest[1]}`];
    }
    if (verb === 'create' && rest[0] === 'secret') {
      return this.runbook.includes(`| \`${namespace}/${rest[2]}\` |`) ? [] : ['no such secret'];
    }
    const target = this.target(verb, rest);
    return [
      ...(this.knows(namespace!) ? [] : [`no namespace ${namespace}`]),
      ...(target === undefined || this.has(target, namespace!) ? [] : [`no ${target.join('/')} in ${namespace}`]),
      ...this.selectorProblems(flags, namespace!),
      ...this.containerProblems(flags, target, namespace!),
    ];
  }

  /** What is wrong with what is applied: it must be there, and nothing of it encrypted, which the server refuses. */
  private applied([, ...words]: string[]): string[] {
    const files = words.filter((_, i) => i % 2 === 1);
    if (files.length === 0 || words.some((word, i) => i % 2 === 0 && word !== '-f')) {
      return ['not of the form -f FILE'];
    }
    return files
      .filter((file) => file !== '-')
      .flatMap((file) => {
        const found = this.file(file);
        if (!fs.existsSync(found)) {
          return [`no ${file}`];
        }
        const encrypted = fs.statSync(found).isDirectory()
          ? fs.readdirSync(found).filter((name) => name.endsWith('.sops.yaml'))
          : [];
        return encrypted.map((name) => `${name} is encrypted`);
      });
  }

  private file(name: string): string {
    return path.join(ROOT, name.replace(/^dist/, `${runbooks.find(({ text }) => text === this.runbook)!.folder}/dist`));
  }

  private knows(namespace: string): boolean {
    return this.objects.some(
      ({ kind, metadata }) => metadata.namespace === namespace || (kind === 'Namespace' && metadata.name === namespace),
    );
  }

  private target(verb: string, [first, second]: string[]): [string, string] | undefined {
    if (first === undefined) {
      return undefined;
    }
    if (first === 'status') {
      return second.split('/') as [string, string];
    }
    if (first.includes('/')) {
      return first.split('/') as [string, string];
    }
    return ['get', 'describe'].includes(verb) && second !== undefined ? [first, second] : undefined;
  }

  private has([kind, name]: [string, string], namespace: string): boolean {
    // A Job that the runbook itself creates, of a CronJob.
    const made = kind === 'job' && new RegExp(`create job ${name} --from=cronjob/(\\S+)`).exec(this.runbook)?.[1];
    if (made) {
      return this.has(['cronjob', made], namespace);
    }
    // The chart of Gitea creates the Service of its release.
    if (kind === 'service' && name.endsWith('-http') && this.has(['helmrelease', name.slice(0, -5)], namespace)) {
      return true;
    }
    const isThere = this.objects.some(
      (object) =>
        object.kind.toLowerCase() === kind && object.metadata.name === name && object.metadata.namespace === namespace,
    );
    if (isThere || !['secret', 'configmap'].includes(kind)) {
      return isThere;
    }
    return (
      new RegExp(`\\bname: ${name}$`, 'm').test(this.text) || this.runbook.includes(`| \`${namespace}/${name}\` |`)
    );
  }

  private templates(namespace: string): { owner: Manifest; template: Template }[] {
    return this.objects
      .filter(({ metadata }) => metadata.namespace === namespace)
      .flatMap((owner) =>
        [owner.spec?.template, owner.spec?.jobTargetRef?.template]
          .filter((template) => template?.spec !== undefined)
          .map((template) => ({ owner, template: template! })),
      );
  }

  private selected(flags: Map<string, string>, namespace: string) {
    const wanted = flags
      .get('--selector')
      ?.split(',')
      .map((pair) => pair.split('='));
    return (
      wanted &&
      this.templates(namespace).filter(({ template }) =>
        wanted.every(([key, value]) => template.metadata?.labels?.[key] === value),
      )
    );
  }

  private selectorProblems(flags: Map<string, string>, namespace: string): string[] {
    const [, release] = /^app\.kubernetes\.io\/instance=(.*)$/.exec(flags.get('--selector') ?? '') ?? [];
    const isOfChart = release !== undefined && this.has(['helmrelease', release], namespace);
    return this.selected(flags, namespace)?.length === 0 && !isOfChart ? ['selects no pods'] : [];
  }

  private containerProblems(
    flags: Map<string, string>,
    target: [string, string] | undefined,
    namespace: string,
  ): string[] {
    const container = flags.get('--container');
    if (container === undefined) {
      return [];
    }
    const pods =
      this.selected(flags, namespace) ??
      this.templates(namespace).filter(
        ({ owner }) =>
          target !== undefined && owner.kind.toLowerCase() === target[0] && owner.metadata.name === target[1],
      );
    const names = pods
      .flatMap(({ template }) => [...template.spec.containers, ...(template.spec.initContainers ?? [])])
      .map(({ name }) => name);
    return names.includes(container) ? [] : [`no container ${container}`];
  }

  private fluxProblems({ flags, args }: Command): string[] {
    const kinds: Record<string, string> = {
      'sources git': 'GitRepository',
      'images policy': 'ImagePolicy',
      'images update': 'ImageUpdateAutomation',
      'image update': 'ImageUpdateAutomation',
      'image repository': 'ImageRepository',
    };
    const [, group, kind, name] = args;
    const namespace = flags.get('--namespace')!;
    if (!this.knows(namespace)) {
      return [`no namespace ${namespace}`];
    }
    if (name === undefined) {
      return [];
    }
    const wanted = kinds[`${group} ${kind}`];
    return this.objects.some(
      (object) => object.kind === wanted && object.metadata.name === name && object.metadata.namespace === namespace,
    )
      ? []
      : [`no ${wanted} ${name}`];
  }
}

interface Command {
  readonly flags: Map<string, string>;
  readonly args: string[];
}

/** Flags that stand alone. */
const SWITCHES = ['--all-namespaces', '--prefix', '--all-containers', '--overwrite', '--show-labels'];

/** What belongs to the program itself; after `--` it is another's. */
function parse(words: string[]): Command {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : [...words];
  const [flags, args] = [new Map<string, string>(), [] as string[]];
  for (let word = own.shift(); word !== undefined; word = own.shift()) {
    const [name, value] = word.split(/=(.*)/s);
    if (!word.startsWith('-')) {
      args.push(word);
    } else {
      flags.set(name, value ?? (SWITCHES.includes(name) ? '' : (own.shift() ?? '')));
    }
  }
  return { flags, args };
}

function curlProblems(words: string[]): string[] {
  const headers = words.flatMap((word, i) => (word === '--header' || word === '-H' ? [words[i + 1]] : []));
  const urls = words.filter((word) => /^https?:/.test(word)).map((word) => new URL(word));
  return [
    ...headers.filter((header) => !header.startsWith('@')).map((header) => `a header among the arguments: ${header}`),
    ...urls
      .filter(({ username, password, search }) => username || password || /token|key/i.test(search))
      .map(({ href }) => `credentials in ${href}`),
    // A configuration from the standard input may have the URL.
    ...(urls.length === 1 || (urls.length === 0 && words.join(' ').includes('--config -')) ? [] : ['not one URL']),
  ];
}

test('there is a runbook to look at, of the main program and of the examples', () => {
  expect(folders).toContain('.');
  expect(folders.length).toBeGreaterThan(8);
});

describe.each(runbooks)('the runbook of $folder', ({ folder, text }) => {
  const blocks = blocksOf(text);
  const world = new World(folder, text);

  test('has blocks that bash can read', () => {
    expect(blocks.length).toBeGreaterThan(0);
    for (const script of [...blocks, ...commandsInTables(text)]) {
      expect({ script, stderr: spawnSync('bash', ['-n', '-c', script], { encoding: 'utf8' }).stderr }).toEqual({
        script,
        stderr: '',
      });
    }
  });

  test('names nothing that is not in the output', () => {
    // All in one shell, as an operator does it: what one block sets, the next uses.
    const { calls, stderr } = callsOf([...blocks, ...commandsInTables(text)].join('\n'), path.join(ROOT, folder));
    expect(stderr).toBe('');
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.flatMap((call) => world.problems(call))).toEqual([]);
  });

  test('shows no token to the list of processes, and keeps it in a file of its owner alone', () => {
    const { calls, files } = callsOf(blocks.join('\n'), path.join(ROOT, folder));
    expect(JSON.stringify(calls)).not.toContain(TYPED);
    files.forEach(({ mode }) => expect(mode).toBe(0o600));
    if (text.includes('## API token')) {
      expect(files.map((file) => file.text)).toContain(`Authorization: token ${TYPED}\n`);
    }
  });
});

test('tokens are minted where a forge has an API for it, and asked for elsewhere', () => {
  const all = runbooks.map(({ folder, text }) => {
    const plan = JSON.parse(fs.readFileSync(path.join(ROOT, folder, 'dist/.cdk8s-forge.json'), 'utf8')) as {
      forges: { product: string }[];
    };
    const [command] = /^npx cdk8s-forge bootstrap.*$/m.exec(text) ?? [];
    return { folder, command, products: new Set(plan.forges.map(({ product }) => product)) };
  });
  const asked = all.filter(({ command }) => command === 'npx cdk8s-forge bootstrap');
  const minted = all.filter(({ command }) => command?.includes(' --mint'));
  expect(asked.map(({ products }) => [...products])).toEqual(asked.map(() => ['github']));
  expect(minted.every(({ products }) => products.has('gitea') || products.has('forgejo'))).toBe(true);
  expect([asked.length > 0, minted.length > 0]).toEqual([true, true]);
});

test('the check itself sees a name, a selector, a container and a token that are wrong', () => {
  const { text } = runbooks[0];
  const world = new World('.', text);
  const wrong = [
    'kubectl --namespace gitea exec statefulset/nobody --container runner -- true',
    'kubectl --namespace gitea get pods --selector app.kubernetes.io/instance=nobody',
    'kubectl --namespace gitea exec statefulset/runner --container nobody -- true',
    'kubectl --namespace nowhere get pods',
    'flux get images policy nobody --namespace flux-system',
    "curl --header 'Authorization: token x' https://git.example.com/",
    'curl https://user:pass@git.example.com/',
    'kubectl --namespace gitea create secret generic nobody',
    'npx cdk8s-forge nothing',
  ];
  for (const line of wrong) {
    expect({ line, found: world.problems(callsOf(line).calls[0]).length > 0 }).toEqual({ line, found: true });
  }
});
