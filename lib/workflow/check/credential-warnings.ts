import { hasTokenShapedWord, isTokenShaped, isTokenVariable, quoted } from '../../support';
import { Action } from '../action/action';
import { Job } from '../job';
import { Step } from '../step';

/**
 * Returns warnings about credentials that others than the step could read: tokens in clear text, tokens of the checkout in
 * artifacts and caches, and tokens in a job that ran code of the repository.
 *
 * @jsii ignore
 */
export function credentialWarnings(job: Job): string[] {
  return [...clearText(job), ...persisted(job), ...afterRepositoryCode(job)];
}

/**
 * Returns a warning for each environment variable that looks like a token in clear text.
 *
 * @param place the text that names the place of the variables
 *
 * @jsii ignore
 */
export function tokenVariables(place: string, env: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(env)
    .filter(([name, value]) => isTokenVariable(name, value))
    .map(([name]) => leaked(`${place}: env.${name}`));
}

function leaked(what: string): string {
  return `${what} looks like a token in clear text (not shown): it is in Git, and everyone who reads the repository has it: treat it as compromised, and pass Expression.secret('…')`;
}

function clearText(job: Job): string[] {
  const { env, container, services } = job._props;
  const path = job.node.path;
  return [
    ...tokenVariables(path, env),
    ...Object.entries({ container, ...services }).flatMap(([name, of]) =>
      tokenVariables(`${path}: ${name}`, of?._data.env),
    ),
    ...job._stepList.flatMap((step) => ofStep(`${path}: step ${quoted(step.name)}`, step)),
  ];
}

function ofStep(place: string, { _content: { env, with: inputs = {}, script = '' } }: Step): string[] {
  return [
    ...tokenVariables(place, env),
    ...Object.entries(inputs)
      .filter(([, value]) => isTokenShaped(value))
      .map(([name]) => leaked(`${place}: with.${name}`)),
    ...(hasTokenShapedWord(script) ? [leaked(`${place}: a word of the script`)] : []),
  ];
}

/** Returns a warning if a checkout leaves its token in the workspace, and a later step publishes the whole workspace. */
function persisted(job: Job): string[] {
  const steps = job._stepList;
  const checkout = steps.findIndex(keepsToken);
  if (checkout === -1) {
    return [];
  }
  return steps
    .slice(checkout + 1)
    .filter(publishesWorkspace)
    .map(
      (step) =>
        `${job.node.path}: step ${quoted(step.name)} publishes the whole workspace, and step ${quoted(steps[checkout].name)} left its token in .git/config there: set persist-credentials to false, or publish a directory of it`,
    );
}

function keepsToken({ _content: { action, with: inputs } }: Step): boolean {
  // From version 6, the token is in a file outside the workspace.
  return (
    action !== undefined &&
    action._is('actions/checkout') &&
    versionOf(action).major < 6 &&
    input(inputs, 'persist-credentials').toLowerCase() !== 'false'
  );
}

function publishesWorkspace({ _content: { action, with: inputs } }: Step): boolean {
  const lines = input(inputs, 'path')
    .split('\n')
    .map((line) => line.trim());
  const isWhole = lines.some(isWorkspace) && !lines.some((line) => /^!.*\.git(\/|$)/.test(line));
  if (action === undefined || !isWhole) {
    return false;
  }
  const isCache = ['actions/cache', 'actions/cache/save'].some((name) => action._is(name));
  const isUpload = /(^|\/)(gitea-)?upload-artifact$/.test(action._fullName ?? '');
  return (
    isCache || (isUpload && (input(inputs, 'include-hidden-files').toLowerCase() === 'true' || takesHidden(action)))
  );
}

/** Returns whether a path is the workspace, or its directory `.git`. */
function isWorkspace(line: string): boolean {
  const path = line.replace(/^\$\{\{ *github\.workspace *\}\}\/?/, './').replace(/^(\.\/)+/, '');
  return (
    ['', '.', '*', '**', '**/*', '.git', '.git/**', '.git/*', '.git/config'].includes(path.replace(/\/$/, '')) &&
    line !== ''
  );
}

/** Returns whether a version of upload-artifact publishes hidden files by default: up to 3.1, and 4.0 to 4.3. */
function takesHidden(action: Action): boolean {
  const { major, minor } = versionOf(action);
  return major < 3 || (major === 3 && minor < 2) || (major === 4 && minor < 4);
}

/** Returns the version of an action; what is not stated is NaN, and compares with nothing. */
function versionOf(action: Action): { major: number; minor: number } {
  const [, major, minor] = /^v?(\d+)(?:\.(\d+))?/.exec(action._ref ?? '') ?? [];
  return { major: Number(major), minor: Number(minor) };
}

function input(inputs: Readonly<Record<string, string>> = {}, name: string): string {
  return (
    Object.entries(inputs)
      .find(([key]) => key.toLowerCase() === name)?.[1]
      .trim() ?? ''
  );
}

/** Returns a warning for a ready-made step that can write to the repository, after code of the repository ran. */
function afterRepositoryCode(job: Job): string[] {
  const steps = job._stepList;
  const first = steps.findIndex((step, i) => runsRepository(step) && steps.slice(0, i).some(checksOut));
  if (first === -1) {
    return [];
  }
  return steps
    .slice(first + 1)
    .filter((step) => step._content.needsOwnJob)
    .map(
      (step) =>
        `${job.node.path}: step ${quoted(step.name)} holds a token that can write to the repository, and step ${quoted(steps[first].name)} can run code of the repository before it in the same job: that code can change the programs and the environment of later steps. Put the step into a job of its own`,
    );
}

function checksOut({ _content: { action, isCheckout } }: Step): boolean {
  return isCheckout ?? action?._is('actions/checkout') ?? false;
}

function runsRepository({ _content: { action, script, isReady } }: Step): boolean {
  return script === undefined ? (action?._runsRepository ?? false) : isReady !== true;
}
