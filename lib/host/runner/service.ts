import { Construct } from 'constructs';
import { BlueprintContainer, IRunnerTarget, ProgramFacts, RunnerBlueprint, VolumeContent } from '../../runner';
import { ForgeError, Problems, scriptText, shellWord } from '../../support';
import { fileOf, HostFiles } from '../host-files';
import { launchdJob } from './launchd';
import { serviceOf, ServiceParts } from './service-parts';
import { NativeFolders, NativeRunner } from './native';
import { systemdUnit } from './systemd';

/** The settings of a service without containers. */
export interface ServiceOptions {
  /** The files of the machine. */
  readonly files: HostFiles;
  /** The program that runs services. */
  readonly manager: 'systemd' | 'launchd';
  /** The facts about the runner binary. */
  readonly facts: ProgramFacts;
}

/** A target that renders a runner as a service of the machine: a systemd unit or a launchd job, and its installation. */
export class ServiceTarget implements IRunnerTarget {
  constructor(private readonly options: ServiceOptions) {}

  render(construct: Construct, blueprint: RunnerBlueprint): void {
    const { files, manager, facts } = this.options;
    const folders = foldersOf(manager, blueprint.name);
    const native = new NativeRunner(blueprint, facts, folders);
    const problems = new Problems(construct.node.path);
    native.problems.forEach((problem) => problems.add(problem));
    problems.collect(() => assertAccount(blueprint.name));
    problems.throwIfAny();
    const needed = Object.entries(blueprint.files).filter(([name]) => name !== 'passwd');
    const texts = needed.map(([name, text]) => [name, native.file(name, text)]);
    files.addTexts({ ...blueprint, files: Object.fromEntries(texts) });
    const parts = { blueprint, native, folders };
    if (manager === 'systemd') {
      files.add(`${serviceOf(blueprint.name)}.service`, systemdUnit(parts));
    } else {
      files.add(`${serviceOf(blueprint.name)}.plist`, launchdJob(parts));
    }
    files.add('install.sh', this.install(parts), { executable: true });
  }

  private install({ blueprint, native, folders }: ServiceParts): string {
    const { manager, facts } = this.options;
    const settings = {
      NAME: serviceOf(blueprint.name),
      MANAGER: manager,
      ACCOUNT: serviceOf(blueprint.name),
      CONFIG: folders.config,
      STATE: folders.state,
      BINARY: facts.portable?.path ?? `/usr/local/bin/${facts.binary}`,
      FOLDERS: native.directories.join(' '),
      ...(native.ownDirectories.length > 0 ? { DIRECTORIES: native.ownDirectories.join('\n') } : {}),
      ...(native.home === undefined ? {} : { WORK: native.home }),
      FILES: installed(blueprint).join('\n'),
      VARIABLES: native.variables.join(' '),
    };
    return [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      ...Object.entries(settings).map(([name, value]) => `${name}=${shellWord(value)}`),
      '',
      'prepare() {',
      ...(blueprint.setup.length > 0 ? blueprint.setup.map((container) => `  ${step(native, container)}`) : ['  :']),
      '}',
      '',
      scriptText(__dirname, 'install-service.sh'),
    ].join('\n');
  }
}

function foldersOf(manager: ServiceOptions['manager'], name: string): NativeFolders {
  return manager === 'systemd'
    ? { config: `/etc/cdk8s-forge/${name}`, state: `/var/lib/cdk8s-forge/${name}`, hides: true }
    : { config: `@HOME@/.config/cdk8s-forge/${name}`, state: `@HOME@/.local/share/cdk8s-forge/${name}`, hides: false };
}

/** Rejects a name that is too long for an account of Linux. */
function assertAccount(name: string): void {
  const account = serviceOf(name);
  if (account.length > 32) {
    throw ForgeError.of({
      code: 'FORGE-HOST-005',
      message: `the account ${account} of the runner has ${account.length} characters`,
      allowed: 'at most 32',
      fix: 'choose shorter ids',
      symptom: 'useradd: invalid user name',
    });
  }
}

/** Returns the paths of the files below the directory of the configuration. */
function installed({ files, secrets, volumes }: RunnerBlueprint): string[] {
  const bundles = [...secrets, ...volumes].filter(({ content }) => content === VolumeContent.CONFIG_MAP);
  const certificates = bundles.flatMap((volume) => Object.keys(volume.texts ?? {}).map((name) => fileOf(volume, name)));
  const names = Object.keys(files).filter((name) => name !== 'passwd' && name !== 'known_hosts');
  return [...names, ...certificates];
}

/** Returns the command of a container that prepares, as the account of the runner. */
function step(native: NativeRunner, container: BlueprintContainer): string {
  const environment = Object.entries(native.environment(container)).map(([name, value]) => word(`${name}=${value}`));
  const command = [...(container.command ?? []), ...(container.args ?? [])].map((one) => word(native.path(one)));
  return ['run', 'env', ...environment, ...command].join(' ');
}

/** Returns a word of the script, in which the directories of the user and of the secrets are variables. */
function word(text: string): string {
  const parts = text.split(/(@HOME@|\$credentials)/).filter((part) => part !== '');
  return parts
    .map((part) => (part === '@HOME@' ? '"$home"' : part === '$credentials' ? '"$credentials"' : shellWord(part)))
    .join('');
}
