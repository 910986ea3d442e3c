import { podSecuritySymptoms } from '../kube';
import { secretCommands, secretInventory } from '../secret';
import { SaidWarning } from '../support';
import { awaitedRunners } from './awaited-runners';
import { Model } from '../model';
import { codeSpan } from '../support';
import { picture } from './picture';
import { apiTokens, authorities, byHand, checks, symptoms } from './runbook-checks';
import { operatorCommands } from './runbook-commands';
import { initialSetup, prerequisites, workflowFiles } from './runbook-setup';
import { table } from './runbook-text';

/**
 * The warnings that checks of the whole app found.
 *
 * @jsii ignore
 */
export interface FoundWarnings {
  /** Warnings about versions to replace. @default - none */
  readonly versions?: readonly SaidWarning[];
  /** Warnings about settings that work but may be unintended. @default - none */
  readonly settings?: readonly SaidWarning[];
}

/** The words above the commands that create Secrets. */
const CREATION = [
  'The commands read values from a prompt or from files, so that no list of processes and no history contains them. They fail if the Secret',
  'exists. To replace a Secret, delete it first with `kubectl delete secret`, then run its command again.',
];

/**
 * Returns the runbook with everything that an operator must know and do manually. The runbook is written beside the
 * output. The content comes only from the model, so that a moved tag never changes the runbook.
 *
 * The constructs provide the content (`advise`); this function only arranges it. The order is setup, verification,
 * troubleshooting.
 *
 * @jsii ignore
 */
export function runbook(model: Model, found: FoundWarnings = {}): string | undefined {
  const chapters = [
    operatorCommands(model),
    prerequisites(model),
    inventory(model),
    apiTokens(model),
    authorities(model),
    byHand(model),
    creation(model),
    initialSetup(model),
    workflowFiles(model),
    checks(model),
    images(model),
    troubles(model),
    awaitedRunners(model),
    versions(found.versions ?? []),
    reached(model.advice),
    warnings(model.advice, found.settings ?? []),
  ].flat();
  return chapters.length === 0 ? undefined : ['# Runbook', '', ...picture(model), ...chapters].join('\n');
}

/**
 * Returns the troubleshooting section. Pod Security symptoms are included only if a construct has advice: workloads of
 * this library always have advice.
 */
function troubles(model: Model): string[] {
  const [first] = model.constructs;
  if (model.advice.length === 0 || first === undefined) {
    return [];
  }
  return symptoms([...model.advice.flatMap((advice) => advice.symptoms ?? []), ...podSecuritySymptoms(first)]);
}

function inventory(model: Model): string[] {
  const lines = secretInventory(model.secrets);
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Returns the commands that create Secrets, except for those that another step of the runbook creates. */
function creation({ advice, secrets }: Model): string[] {
  const known = advice.flatMap(({ byHand: steps = [] }) =>
    steps.flatMap((step) => (step.commands ?? []).map(({ text }) => text)),
  );
  const lines = secretCommands(secrets, known);
  return lines.length === 0 ? [] : ['## Commands that create the Secrets', '', ...CREATION, '', ...lines, ''];
}

/**
 * Returns everything that workflows fetch from elsewhere. A mirror must contain these resources, and a firewall must
 * allow them.
 */
function reached(advice: Model['advice']): string[] {
  const users = new Map<string, string[]>();
  for (const { path, reaches = [] } of advice) {
    reaches.forEach((place) => users.set(place, [...(users.get(place) ?? []), path]));
  }
  if (users.size === 0) {
    return [];
  }
  return [
    '## External addresses',
    '',
    'Workflows fetch these addresses, in addition to the servers of the repositories and the registries:',
    '',
    ...[...users]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([place, paths]) => `- \`${place}\`, by ${paths.map((path) => `\`${path}\``).join(', ')}`),
    '',
  ];
}

function versions(found: readonly SaidWarning[]): string[] {
  const lines = found.map(({ path, text }) => `- \`${path}\`: ${text}`);
  return lines.length === 0 ? [] : ['## Versions to replace', '', ...lines, ''];
}

function warnings(advice: Model['advice'], found: readonly SaidWarning[]): string[] {
  const said = advice.flatMap(({ path, warnings: texts = [] }) => texts.map((text) => ({ path, text })));
  const lines = [...found, ...said].map(({ path, text }) => `- \`${path}\`: ${text}`);
  return lines.length === 0 ? [] : ['## Warnings', '', 'These settings work, but may be unintended:', '', ...lines, ''];
}

/** Returns the tags of each image, never the version. The page must not change when Flux moves a tag. */
function images({ images: managed, adopted }: Model): string[] {
  if (managed.length === 0) {
    return [];
  }
  const line = ({ construct, image }: Model['images'][number]) => {
    const page = construct._page === undefined ? `\`${image.name}\`` : `[\`${image.name}\`](${construct._page})`;
    return [
      page,
      `\`${construct.tags.sortableForm}\``,
      codeSpan(construct.tags.initialTag),
      construct._lookNow.map(codeSpan).join('<br>'),
    ];
  };
  return [
    '## Images',
    '',
    'Flux deploys the newest tag that matches, and writes it to the manifests and to `images.yaml`. Before the first build, both contain the',
    'initial tag, which no registry has. Pods show `ImagePullBackOff` until Flux has committed the first tag.',
    ...(adopted.length > 0 ? ['An image in a manifest of your own keeps the tag of the manifest until then.'] : []),
    '',
    "To roll back, set `TagPolicy.pinned('<tag>')` in `main.ts`, synth and commit. Reverting Flux's commit is not enough: Flux writes the newer",
    'tag again.',
    '',
    ...table(
      ['Image', 'Tags', 'Initial tag', 'Scan for a new tag now'],
      [...managed].sort((a, b) => (a.construct.node.path < b.construct.node.path ? -1 : 1)).map(line),
    ),
    '',
  ];
}
