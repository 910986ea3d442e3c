import { IConstruct } from 'constructs';
import { Forge } from '../../forge';
import { Registration, RegistrationKind, RunnerScope, RunnerVersion } from '../../runner';
import { SecretSource } from '../../secret';
import { Advice, ByHand, Check, codeSpan, command, Command, oneLine, prints, Problem, succeeds } from '../../support';
import { HostProfile } from '../profile/host-profile';
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
            cause: `Compose reads the registration token of \`${runner.name}\` from the environment, also if the runner is registered already.`,
            fix: 'Set the variable and run the command again.',
          },
        ]
      : [],
  };
}

function start(runner: AdvisedHostRunner): ByHand {
  const { name, forge, scope } = runner;
  const names = variables(runner);
  const page = `<${forge.url}/${scope._settingsPath}>`;
  const token =
    runner.registration.kind === RegistrationKind.CONNECTION
      ? `Create the runner at ${page}, which shows the token once`
      : `Copy the registration token at ${page}`;
  const read = names.map((variable) => command`read -rsp ${`${variable}: `} ${variable}; echo; export ${variable}`);
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
    text: `${before} ${token} (${names.map(codeSpan).join(', ')}), and start the runner on the machine, in a copy of this repository. The registration reads the token once. Jobs do not see the token.`,
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
    return [{ about, title: 'The service runs', good: '`active`', commands: [status], expect: succeeds() }];
  }
  if (usesCompose(runner)) {
    const compose = command`docker compose --project-directory ${folder(runner)}`;
    return [
      {
        about,
        title: 'The containers run',
        good: '`runner` is up; `docker` is healthy, if the project has it',
        commands: [command`${compose} ps`],
      },
    ].map((check) => ({ ...check, expect: prints('runner') }));
  }
  const status =
    runner.profile._facts.services === 'launchd'
      ? command`launchctl print ${Command.ofText('gui/$(id -u)')}/${serviceOf(runner.name)}`
      : command`systemctl is-active ${`${serviceOf(runner.name)}.service`}`;
  return [{ about, title: 'The service runs', good: '`active`', commands: [status], expect: succeeds() }];
}

function variables(runner: AdvisedHostRunner): string[] {
  return [...new Set(SecretSource.requirementsAt(runner).map(({ secretName }) => secretName))];
}

function folder({ folder: path }: AdvisedHostRunner): string {
  return `dist/${path}`;
}
