import { Dialect } from '../../forge';
import { Action } from '../action/action';
import { quoted } from '../../support';
import { Job } from '../job';
import { Shell } from '../shell';
import { credentialWarnings } from './credential-warnings';
import { runnerWarnings } from './job-runner';

/**
 * Returns warnings about a job that are not errors.
 *
 * @jsii ignore
 */
export function jobWarnings(job: Job, dialect: Dialect): string[] {
  const actions = job._stepList
    .map((step) => step._content.action)
    .filter((action): action is Action => action !== undefined);
  const movable = actions
    .filter((action) => action._movable)
    .map(
      (action) =>
        `${job.node.path}: ${action.uses} is not pinned: whoever can move the tag can run code in the job; give its \`sha\``,
    );
  const unknown =
    dialect.defaultActionsUrl !== 'https://github.com'
      ? []
      : actions
          .filter((action) => action._unknown)
          .map(
            (action) =>
              `${job.node.path}: ${action.uses} is not among the actions that its owner is known to have; at run time this is: repository not found`,
          );
  const containers = Object.entries({ container: job._props.container, ...job._props.services });
  const unpinned = containers
    .filter(([, container]) => container && !/@sha256:|:(?!latest$)[\w.-]+$/.test(container.image))
    .map(([name, container]) => `${job.node.path}: image ${container!.image} of ${name} has no version`);
  const plain = actions
    .filter((action) => action._plain)
    .map(
      (action) => `${job.node.path}: ${action.uses} is fetched over plain HTTP: whoever is on the way can change it`,
    );
  return [
    ...movable,
    ...unknown,
    ...imageWarnings(job, actions, dialect),
    ...plain,
    ...unknownWarnings(job, actions, dialect),
    ...unpinned,
    ...bashWarnings(job),
    ...credentialWarnings(job),
    ...runnerWarnings(job),
  ];
}

/** Returns warnings for what depends on a version of the runner or the forge that is not known. */
function unknownWarnings(job: Job, actions: Action[], dialect: Dialect): string[] {
  const { artifactsSinceRunner: since, computedMatrix } = dialect.facts;
  const { runnerVersion } = job._props.runsOn.capabilities;
  const isKnown = since === undefined || runnerVersion !== undefined;
  const artifacts = actions
    .filter((action) => !isKnown && action._needsNewArtifacts)
    .map((action) => `${job.node.path}: ${action.uses} needs a runner of version ${since} or newer`);
  const node = nodeWarnings(job, actions, dialect);
  return job._props.matrix?._isComputed && computedMatrix === undefined
    ? [
        ...artifacts,
        ...node,
        `${job.node.path}: ${dialect.name} is not known to wait for the job that computes the matrix`,
      ]
    : [...artifacts, ...node];
}

/** Returns warnings for actions whose Node.js the runner is not known to have, and for runners that the forge refuses. */
function nodeWarnings(job: Job, actions: Action[], dialect: Dialect): string[] {
  const { runnerVersion } = job._props.runsOn.capabilities;
  const { node20RemovedOn: removed, facts } = dialect;
  const isUnknown = !dialect.runsNode24(runnerVersion) && !dialect.lacksNode24(runnerVersion);
  const needs = facts.node24SinceRunner
    ? `needs a runner of version ${facts.node24SinceRunner} or newer`
    : `the runner of ${dialect.name} is not known to have it`;
  const newer = actions
    .filter((action) => isUnknown && action._runsOnNode24)
    .map((action) => `${job.node.path}: ${action.uses} runs on node24: ${needs}`);
  const older = actions
    .filter((action) => removed !== undefined && action._runsOnNode24 === false)
    .map(
      (action) =>
        `${job.node.path}: ${action.uses} (${action._ref}) was written for node20, which runners have not had since ${removed}: use a newer major version`,
    );
  const oldest = runnerVersion === undefined ? undefined : dialect.refusesRunner(runnerVersion);
  return oldest === undefined
    ? [...newer, ...older]
    : [
        ...newer,
        ...older,
        `${job.node.path}: ${dialect.name} does not register runners before ${oldest}, and the runner is of version ${runnerVersion}`,
      ];
}

/** Names of official images without Node.js. */
const WITHOUT_NODE =
  /^(?:docker\.io\/)?(?:library\/)?(?:alpine|amazoncorretto|bash|buildpack-deps|busybox|composer|debian|docker|eclipse-temurin|elixir|erlang|fedora|gcc|golang|gradle|haskell|maven|openjdk|perl|php|python|ruby|rust|ubuntu)(?::|@|$)/;

/** Returns warnings for JavaScript actions in an image that has no Node.js, if the runner does not bring it. */
function imageWarnings(job: Job, actions: readonly Action[], { facts }: Dialect): string[] {
  const image = job._props.container?.image ?? '';
  const isInstalled = job._stepList.some(({ _content: { script = '' } }) => /\b(?:nodejs|node)\b/.test(script));
  if (facts.nodeFromImage !== true || isInstalled || !WITHOUT_NODE.test(image)) {
    return [];
  }
  return actions
    .filter((action) => action._language === 'node')
    .map(
      (action) =>
        `${job.node.path}: ${action.uses} is written in JavaScript, and image ${image} has no Node.js: check out with Checkout.git(), use an image with Node.js, or install it in an earlier step; at run time this is: exec: "node": executable file not found in $PATH`,
    );
}

/** Names of images that are built on Alpine or BusyBox, which have no bash. */
const WITHOUT_BASH =
  /(?:^|\/)(?:alpine|busybox|docker|registry|traefik|curlimages\/curl)(?:[:@]|$)|(?:^|\/)[^/]*[:-](?:[\w.]*-)?(?:alpine|busybox|musl|dind)[\d.]*(?:[-@]|$)/;

/** Returns warnings for steps in bash inside an image that appears to have no bash. */
function bashWarnings(job: Job): string[] {
  const image = job._props.container?.image;
  if (image === undefined || !WITHOUT_BASH.test(image)) {
    return [];
  }
  const steps = job._stepList.map((step) => step._content);
  const installed = steps.findIndex(
    ({ script, shell }) => shell?.name !== Shell.BASH.name && /\bapk\b.*\badd\b.*\bbash\b/.test(script ?? ''),
  );
  return job._stepList
    .filter((step, i) => step._content.shell?.name === Shell.BASH.name && !(installed !== -1 && installed < i))
    .map(
      (step) =>
        `${job.node.path}: step ${quoted(step.name)} runs in bash, which image ${image} does not have: use shell: Shell.SH, or install bash in an earlier step in sh`,
    );
}
