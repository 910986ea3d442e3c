import { Construct } from 'constructs';
import { IRunnerTarget, RunnerBlueprint, VolumeContent } from '../../runner';
import { ForgeError, quoted, scriptText, shellWord } from '../../support';
import { HostFiles } from '../host-files';
import { ComposeTarget } from './compose';
import { ComposedService, containerUnit } from './quadlet-unit';
import { serviceOf } from './service-parts';
import { unitText } from './systemd';

/** A compose project, as far as a runner has its keys. */
interface Project {
  readonly services: Record<string, ComposedService>;
  readonly volumes?: Record<string, { readonly driver_opts?: Record<string, string> }>;
  readonly secrets?: Record<string, { readonly environment: string }>;
}

/**
 * A target that renders a runner as units of rootless Podman, which Quadlet makes services of the user: the containers of the
 * compose project, in another form.
 */
export class QuadletTarget implements IRunnerTarget {
  constructor(private readonly files: HostFiles) {}

  render(construct: Construct, blueprint: RunnerBlueprint): void {
    const { files } = this;
    checkDirectories(construct, blueprint);
    const compose = new ComposeTarget({ files, extraHosts: [] });
    const { services, volumes = {}, secrets = {} } = compose.project(construct, blueprint) as unknown as Project;
    const prefix = serviceOf(blueprint.name);
    const names = { prefix, folder: `.config/cdk8s-forge/${blueprint.name}` };
    files.addTexts(blueprint);
    const units = {
      [`${prefix}.network`]: '# The runner and the Docker daemon reach each other.\n[Network]\n',
      ...record(volumes, (name, { driver_opts: options }) => [`${prefix}-${name}.volume`, volumeUnit(options)]),
      ...record(services, (name, service) => [`${prefix}-${name}.container`, containerUnit(name, service, names)]),
    };
    Object.entries(units).forEach(([name, text]) => files.add(name, text));
    const script = install(blueprint, { services, secrets, units: Object.keys(units) });
    files.add('install.sh', script, { executable: true });
  }
}

/** Rejects a directory of the machine whose path is more than the source of a mount: `--mount` is a list of options. */
function checkDirectories(construct: Construct, { stores, volumes }: RunnerBlueprint): void {
  const paths = [
    ...stores.map(({ storage }) => storage._host?.path ?? ''),
    ...volumes.filter(({ content }) => content === VolumeContent.HOST_PATH).map(({ source = '' }) => source),
  ];
  const bad = paths.find((path) => /[,"]/.test(path));
  if (bad !== undefined) {
    throw ForgeError.at(construct, {
      code: 'FORGE-HOST-004',
      message: `the directory ${quoted(bad)} has a comma or a quote, which separate the options of a mount of Podman`,
      allowed: 'a path without "," and \'"\' with ContainerEngine.PODMAN',
      fix: 'rename the directory, and change the path of Storage.hostPath; or use ContainerEngine.DOCKER',
      symptom: 'Error: invalid mount option',
    });
  }
}

function record<T>(of: Record<string, T>, entry: (name: string, value: T) => [string, string]): Record<string, string> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => entry(name, value)));
}

function volumeUnit(options: Record<string, string> | undefined): string {
  const memory = options ? [`Type=${options.type}`, `Device=${options.device}`, `Options=${options.o}`] : [];
  return unitText(['[Volume]', ...memory, '']);
}

function install(
  { name: runner }: RunnerBlueprint,
  { services, secrets = {}, units }: Pick<Project, 'services' | 'secrets'> & { readonly units: readonly string[] },
): string {
  const prefix = serviceOf(runner);
  const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  const files = mounted.filter(({ source }) => source.startsWith('./')).map(({ source }) => source.slice(2));
  const settings = {
    NAME: runner,
    PREFIX: prefix,
    UNITS: units.join('\n'),
    FILES: [...new Set(files)].join('\n'),
    SECRETS: Object.entries(secrets)
      .map(([name, { environment }]) => `${prefix}-${name} ${environment}`)
      .join('\n'),
  };
  return [
    '#!/usr/bin/env bash',
    'set -euo pipefail',
    ...Object.entries(settings).map(([name, value]) => `${name}=${shellWord(value)}`),
    scriptText(__dirname, 'install-quadlet.sh'),
  ].join('\n');
}
