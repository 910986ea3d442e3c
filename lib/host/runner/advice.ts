import { IConstruct } from 'constructs';
import { Forge } from '../../forge';
import { Registration, RegistrationKind, RunnerScope, RunnerVersion } from '../../runner';
import { Advice, anyOf, ByHand, Check, codeSpan, command, Command, oneLine, Problem, succeeds } from '../../support';
import { HostProfile } from '../profile/host-profile';
import { HostVariable } from './compose-mounts';
import { ContainerEngine } from './host-runner-props';
import { serviceOf } from './service-parts';

/** A runner outside the cluster, as its advice sees it. */
export interface AdvisedHostRunner extends IConstruct {
  readonly name: string;
  readonly folder: string;
  readonly forge: Forge;
  readonly scope: RunnerScope;
  readonly registration: Registration;
  readonly profile: HostProfile;
  readonly version: RunnerVersion;
  readonly isComposed: boolean;
  readonly engine: ContainerEngine;
  readonly warnings: Problem[];
  readonly _binary: string;
  readonly _containers: string[];
  readonly _probes: { name: string; command: string[] }[];
  readonly _variables: HostVariable[];
}

/** Returns the operator information for a runner outside the cluster. */
export function hostRunnerAdvice(runner: AdvisedHostRunner): Advice {
  return {
    warnings: runner.warnings.map(oneLine),
    byHand: [start(runner)],
    checks: checks(runner),
    symptoms: usesCompose(runner)
      ? [
          {
            seen: '`environment variable "…" required by secret "…" is not set` (docker compose)',
            cause: `Compose reads ${variables(runner).map(codeSpan).join(', ')} of \`${runner.name}\` from the environment, also if the runner is registered already.`,
            fix: 'Set the variable and run the command again.',
          },
        ]
      : [],
  };
}

function start(runner: AdvisedHostRunner): ByHand {
  const { name, forge, scope } = runner;
  const names = variables(runner);
  const token = runner._variables.filter(({ file }) => file === 'token').map(({ name: variable }) => variable);
  const page = `<${forge.url}/${scope._settingsPath}>`;
  const origin =
    runner.registration.kind === RegistrationKind.CONNECTION
      ? `Create the runner at ${page}, which shows the token once`
      : `Copy the registration token at ${page}`;
  const read = runner._variables.map(reading);
  const run = usesCompose(runner)
    ? command`docker compose --project-directory ${folder(runner)} up --detach --wait`
    : command`cd ${folder(runner)} && ${installation(runner)}`;
  const before = usesCompose(runner)
    ? 'The machine needs Docker with Compose 2.20 or newer.'
    : usesPodman(runner)
      ? 'The machine needs Podman 4.4 or newer. The containers are those of the user who runs the script, without root.'
      : `Install the runner binary ${runner.version.version} as \`${runner._binary}\` on the machine first.`;
  return {
    title: `Runner \`${name}\` on a machine outside the cluster`,
    text: `${before} ${origin} (${token.map(codeSpan).join(', ')})${others(runner)}, and start the runner on the machine, in a copy of this repository. The registration reads the token once. Jobs do not see the token.`,
    commands: [...read, run, ...names.map((variable) => command`unset ${variable}`)],
  };
}

function usesCompose({ isComposed, engine }: AdvisedHostRunner): boolean {
  return isComposed && engine === ContainerEngine.DOCKER;
}

function usesPodman({ isComposed, engine }: AdvisedHostRunner): boolean {
  return isComposed && engine === ContainerEngine.PODMAN;
}

function installation(runner: AdvisedHostRunner): Command {
  const kept = variables(runner).join(',');
  return runner.profile._facts.services === 'launchd' || usesPodman(runner)
    ? command`bash install.sh`
    : command`sudo --preserve-env=${Command.ofText(kept)} bash install.sh`;
}

function checks(runner: AdvisedHostRunner): Check[] {
  const about = `Runner \`${runner.name}\` (outside the cluster)`;
  if (usesPodman(runner)) {
    const unit = `${serviceOf(runner.name)}-runner.service`;
    const status = command`systemctl --user is-active ${unit}`;
    const exec = (name: string) => command`podman exec ${`${serviceOf(runner.name)}-${name}`}`;
    return [
      { about, title: 'The service runs', good: '`active`', commands: [status], expect: succeeds() },
      ...health(runner, about, exec),
    ];
  }
  if (usesCompose(runner)) {
    const compose = command`docker compose --project-directory ${folder(runner)}`;
    return [
      {
        about,
        title: 'The containers run',
        good: `${runner._containers.map(codeSpan).join(' and ')}, each on a line`,
        commands: [command`${compose} ps --status running --services`],
        expect: { exitCode: 0, stdoutMatches: everyLine(runner._containers) },
      },
      ...health(runner, about, (name) => command`${compose} exec -T ${name}`),
    ];
  }
  if (runner.profile._facts.services === 'launchd') {
    const job = command`launchctl print ${Command.ofText('gui/$(id -u)')}/${serviceOf(runner.name)}`;
    // A job that is loaded, but does not run, is printed too.
    const expect = { exitCode: 0, stdoutMatches: '(?:^|\\n)\\s*state = running\\s*(?:\\n|$)' };
    return [{ about, title: 'The service runs', good: '`state = running`', commands: [job], expect }];
  }
  const status = command`systemctl is-active ${`${serviceOf(runner.name)}.service`}`;
  return [{ about, title: 'The service runs', good: '`active`', commands: [status], expect: succeeds() }];
}

/** Returns the checks of containers that run, and may still not do their work: a Docker daemon that does not answer. */
function health({ _probes }: AdvisedHostRunner, about: string, exec: (name: string) => Command): Check[] {
  return _probes.map(({ name, command: words }) => ({
    about,
    title: `Container \`${name}\` is healthy`,
    good: 'exit code 0',
    commands: [command`${exec(name)} ${words}`],
    expect: succeeds(),
  }));
}

function variables(runner: AdvisedHostRunner): string[] {
  return runner._variables.map(({ name }) => name);
}

/** Returns the command that reads the value of a variable: a certificate or key has several lines, and is in a file. */
function reading({ name, file }: HostVariable): Command {
  return isPem(file)
    ? command`${Command.ofText(name)}=$(cat ~/.docker/${file}); export ${name}`
    : command`read -rsp ${`${name}: `} ${name}; echo; export ${name}`;
}

function isPem(file: string): boolean {
  return /\.(pem|crt|key)$/.test(file);
}

/** Returns what the variables are that are not the registration token. */
function others({ _variables: all }: AdvisedHostRunner): string {
  const names = (which: (variable: HostVariable) => boolean) =>
    all.filter((variable) => variable.file !== 'token' && which(variable)).map(({ name }) => codeSpan(name));
  const pem = names(({ file }) => isPem(file));
  const more = names(({ file }) => !isPem(file));
  return [
    ...(pem.length > 0
      ? [`, have the CA, certificate and key of the client in \`~/.docker\` (${pem.join(', ')})`]
      : []),
    ...(more.length > 0 ? [`, set the secret of the cache server (${more.join(', ')})`] : []),
  ].join('');
}

/** Returns a regular expression for a text that has each of the words as a line, in any order. */
function everyLine(words: readonly string[]): string {
  return `^${words.map((word) => `(?=(?:[\\s\\S]*\\n)?${anyOf([word])}\\r?(?:\\n|$))`).join('')}`;
}

function folder({ folder: path }: AdvisedHostRunner): string {
  return `dist/${path}`;
}
