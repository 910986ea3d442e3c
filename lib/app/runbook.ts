import { podSecuritySymptoms } from '../kube';
import { Model, NeededSecret } from '../model';
import { PlannedFile } from '../output';
import { InventoryRow, SecretCommand, secretCommands, secretInventory, SecretRequirement } from '../secret';
import { codeSpan, SaidWarning, Symptom } from '../support';
import { awaitedRunners } from './awaited-runners';
import { clustersAt, clusterWords } from './check-cluster';
import { picture } from './picture';
import { Chapter, Entry, fixedChapter, textOf } from './runbook-chapter';
import { apiTokens, authorities, byHand, checks, machines, symptoms } from './runbook-checks';
import { operatorCommands } from './runbook-commands';
import { DividedRunbook } from './runbook-divided';
import { ImageUsers } from './runbook-places';
import { pagedPrerequisites, prerequisites } from './runbook-prerequisites';
import { initialSetup, workflowFiles } from './runbook-setup';
import { grouped, shell, table } from './runbook-text';

/**
 * The parts of a runbook that the model does not have.
 *
 * @jsii ignore
 */
export interface RunbookParts {
  /** Warnings about versions to replace. @default - none */
  readonly versions?: readonly SaidWarning[];
  /** Warnings about settings that work but may be unintended. @default - none */
  readonly settings?: readonly SaidWarning[];
  /** The charts that use each image. @default - none: no image is on the page of its chart */
  readonly imageUsers?: ImageUsers;
  /** The size of the largest page, in bytes. @default 200000 */
  readonly largestPage?: number;
}

/** The size of the largest page, in bytes. Forges show larger pages slowly, or as plain text. */
const LARGEST_PAGE = 200_000;

/** The number of users of an address that a page of a divided runbook names. */
const MOST_USERS = 8;

/** The words above the commands that create Secrets. */
const CREATION = [
  'The commands read values from a prompt or from files, so that no list of processes and no history contains them. They fail if the Secret',
  'exists. To replace a Secret, delete it first with `kubectl delete secret`, then run its command again.',
];

/**
 * Returns the runbook with everything that an operator must know and do manually: one page, or several if it is larger than
 * a page may be. The runbook is written beside the output. The content comes only from the model, so that a moved tag
 * never changes the runbook.
 *
 * The constructs provide the content (`advise`); this function only arranges it. The order is setup, verification,
 * troubleshooting.
 *
 * @jsii ignore
 */
export function runbookFiles(model: Model, parts: RunbookParts = {}): PlannedFile[] {
  const { largestPage = LARGEST_PAGE, imageUsers = new Map() } = parts;
  const commands = [machines(model), ...fixedChapter(operatorCommands(model))];
  const rest = restOf(model, parts);
  const whole = [...commands, ...prerequisites(model), ...rest];
  if (whole.every(({ entries, isFixed }) => entries.length === 0 && isFixed !== true)) {
    return [];
  }
  const body = textOf(whole, largestPage);
  const text = body === undefined ? undefined : ['# Runbook', '', ...picture(model), body].join('\n');
  if (text !== undefined && Buffer.byteLength(text) <= largestPage) {
    return [{ path: 'RUNBOOK.md', text, origin: '' }];
  }
  const paged = pagedPrerequisites(model);
  const chapters = [...commands, ...prerequisites(model, paged), ...paged, ...rest];
  return new DividedRunbook(model, { chapters, imageUsers, largestPage }).files();
}

/** Returns the chapters after the prerequisites. */
function restOf(model: Model, { versions = [], settings = [] }: RunbookParts): Chapter[] {
  const { advice, secrets } = model;
  return [
    ...inventory(model),
    ...fixedChapter(apiTokens(model)),
    ...fixedChapter(authorities(model)),
    byHand(model, secrets),
    creation(model),
    ...initialSetup(model),
    workflowFiles(model),
    checks(model),
    images(model),
    troubles(model),
    awaitedRunners(model),
    { heading: '## Versions to replace', entries: versions.map(warningEntry), body: warningLines },
    reached(advice),
    warnings(advice, settings),
  ];
}

/**
 * Returns the troubleshooting section. Pod Security symptoms are included only if a construct has advice: workloads of
 * this library always have advice.
 */
function troubles(model: Model): Chapter<Symptom> {
  const [first] = model.constructs;
  const said = model.advice.flatMap(({ path, symptoms: own = [] }) => own.map((value) => ({ path, value })));
  const podSecurity = model.advice.length === 0 || first === undefined ? [] : podSecuritySymptoms(first);
  return symptoms([...said, ...podSecurity.map((value) => ({ path: '', value }))]);
}

function inventory({ secrets, clusters }: Model): Chapter<InventoryRow>[] {
  const clusterOf = (use: SecretRequirement) => (use as NeededSecret).cluster;
  return secretInventory(secrets, clusters.length > 1 ? clusterOf : undefined).map(
    ({ heading, words, rows, lines }) => ({
      heading,
      intro: [words, ''],
      entries: rows.map((value) => ({
        owners: value.uses.map((use) => (use as NeededSecret).neededBy),
        name: value.place,
        value,
      })),
      body: lines,
    }),
  );
}

/** Returns the commands that create Secrets, except for those that another step of the runbook creates. */
function creation(model: Model): Chapter<SecretCommand> {
  const { advice, secrets } = model;
  const known = advice.flatMap(({ byHand: steps = [] }) =>
    steps.flatMap((step) => (step.commands ?? []).map(({ text }) => text)),
  );
  const users = grouped(secrets, ({ namespace = '', secretName }) => `${namespace}/${secretName}`);
  return {
    heading: '## Commands that create the Secrets',
    intro: [...CREATION, ''],
    entries: secretCommands(secrets, known).map((value) => {
      const owners = users.get(value.place)!.map(({ neededBy }) => neededBy);
      const clusters = clustersAt(model, owners);
      const words = clusters.length === 0 ? value.words : `In ${clusterWords(clusters)}: ${value.words}`;
      return { owners, name: value.place, value: { ...value, words } };
    }),
    body: (values) => values.flatMap(({ words, command }) => [words, '', ...shell([command]), '']),
  };
}

/**
 * Returns everything that workflows fetch from elsewhere. A mirror must contain these resources, and a firewall must
 * allow them.
 */
function reached(advice: Model['advice']): Chapter<[string, string[]]> {
  const uses = advice.flatMap(({ path, reaches = [] }) => reaches.map((place) => ({ place, path })));
  const users = [...grouped(uses, ({ place }) => place)].map(([place, of]): [string, string[]] => [
    place,
    of.map(({ path }) => path),
  ]);
  const lines = (values: readonly [string, string[]][], most: number) => [
    ...values.map(([place, paths]) => {
      const named = paths.slice(0, most).map((path) => `\`${path}\``);
      return `- \`${place}\`, by ${named.join(', ')}${paths.length > most ? ' and others' : ''}`;
    }),
    '',
  ];
  return {
    heading: '## External addresses',
    intro: ['Workflows fetch these addresses, in addition to the servers of the repositories and the registries:', ''],
    entries: users.sort(([a], [b]) => (a < b ? -1 : 1)).map((value) => ({ owners: value[1], name: value[0], value })),
    body: (values) => lines(values, Infinity),
    bodyIfDivided: (values) => lines(values, MOST_USERS),
  };
}

function warnings(advice: Model['advice'], found: readonly SaidWarning[]): Chapter<SaidWarning> {
  const said = advice.flatMap(({ path, warnings: texts = [] }) => texts.map((text) => ({ path, text })));
  return {
    heading: '## Warnings',
    intro: ['These settings work, but may be unintended:', ''],
    entries: [...found, ...said].map(warningEntry),
    body: warningLines,
  };
}

function warningEntry(value: SaidWarning): Entry<SaidWarning> {
  return { owners: [value.path], name: value.text, value };
}

function warningLines(values: readonly SaidWarning[]): string[] {
  return [...values.map(({ path, text }) => `- \`${path}\`: ${text}`), ''];
}

/** Returns the tags of each image, never the version. The page must not change when Flux moves a tag. */
function images({ images: managed, adopted }: Model): Chapter<Managed> {
  const line = ({ construct, image }: Managed) => {
    const page = construct._page === undefined ? `\`${image.name}\`` : `[\`${image.name}\`](${construct._page})`;
    return [
      page,
      `\`${construct.tags.sortableForm}\``,
      codeSpan(construct.tags.initialTag),
      construct._lookNow.map(codeSpan).join('<br>'),
    ];
  };
  return {
    heading: '## Images',
    intro: [
      'Flux deploys the newest tag that matches, and writes it to the manifests and to `images.yaml`. Before the first build, both contain the',
      'initial tag, which no registry has. Pods show `ImagePullBackOff` until Flux has committed the first tag.',
      ...(adopted.length > 0 ? ['An image in a manifest of your own keeps the tag of the manifest until then.'] : []),
      '',
      "To roll back, set `TagPolicy.pinned('<tag>')` in `main.ts`, synth and commit. Reverting Flux's commit is not enough: Flux writes the newer",
      'tag again.',
      '',
    ],
    entries: [...managed]
      .sort((a, b) => (a.construct.node.path < b.construct.node.path ? -1 : 1))
      .map((value) => ({ owners: [value.construct.node.path], name: value.image.policy, value })),
    body: (values) => [...table(['Image', 'Tags', 'Initial tag', 'Scan for a new tag now'], values.map(line)), ''],
  };
}

/** An image that Flux manages, with its policy. */
type Managed = Model['images'][number];
