import { DNS_LABEL, hasControlCharacter, Problem, quoted } from '../support';
import { BlueprintContainer, RunnerBlueprint } from './blueprint';

const ENV_NAME = /^[-._A-Za-z][-._A-Za-z0-9]*$/;
const FILE_NAME = /^(?!\.\.)[-._A-Za-z0-9]+$/;

/**
 * Returns what Kubernetes would refuse in a blueprint. The parts come from an executor or a program, which may be a user's own.
 */
export function blueprintProblems(blueprint: RunnerBlueprint): Problem[] {
  const { runner, setup, services, volumes, secrets, stores, files, user } = blueprint;
  const containers = [runner, ...setup, ...services];
  const containerNames = containers.map(({ name }) => name);
  const names = [...volumes, ...secrets, ...stores].map(({ name }) => name);
  return [
    ...misnamed('container', containerNames),
    ...repeated(containerNames).map((name) => wrong(`two containers have the name ${quoted(name)}`)),
    ...misnamed('volume', names),
    ...contradicted([...volumes, ...secrets, ...stores]).map((name) =>
      wrong(`two different volumes have the name ${quoted(name)}`),
    ),
    ...containers.flatMap((container) => containerProblems(container, names)),
    ...[...volumes, ...secrets]
      .filter(({ source = '' }) => hasControlCharacter(source))
      .map(({ name, source }) => wrong(`the source of volume ${quoted(name)} is ${quoted(source)}`)),
    ...Object.keys(files)
      .filter((name) => !FILE_NAME.test(name))
      .map((name) => wrong(`file ${quoted(name)} has no name for a file of a Secret or ConfigMap`)),
    ...(Number.isInteger(user.id) && user.id >= 0 ? [] : [wrong(`user.id is ${user.id}, which is no user`)]),
  ];
}

function misnamed(what: string, names: readonly string[]): Problem[] {
  const bad = names.filter((name) => !DNS_LABEL.test(name));
  return bad.map((name) => wrong(`${what} ${quoted(name)} has no name that Kubernetes accepts`));
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) < i))];
}

/** Returns the names of volumes that differ. A volume that is there twice is written once. */
function contradicted(volumes: readonly { readonly name: string }[]): string[] {
  const different = new Map(volumes.map((volume) => [JSON.stringify(volume), volume.name]));
  return repeated([...different.values()]);
}

function containerProblems({ name, image, env = [], mounts = [] }: BlueprintContainer, volumes: string[]): Problem[] {
  const of = `of container ${quoted(name)}`;
  return [
    ...(/^\S+$/.test(image) ? [] : [wrong(`the image ${of} is ${quoted(image)}`)]),
    ...env
      .filter((variable) => !ENV_NAME.test(variable.name))
      .map((variable) => wrong(`variable ${quoted(variable.name)} ${of} has no name that Kubernetes accepts`)),
    ...mounts
      .filter(({ volume }) => !volumes.includes(volume))
      .map(({ volume }) => wrong(`a mount ${of} is of volume ${quoted(volume)}, which does not exist`)),
    ...mounts
      .filter(({ path, subPath = '' }) => hasControlCharacter(path + subPath))
      .map(({ path, subPath }) => wrong(`a mount ${of} has the path ${quoted(subPath ? [path, subPath] : path)}`)),
    ...repeated(mounts.map(({ path }) => path)).map((path) => wrong(`two mounts ${of} have the path ${quoted(path)}`)),
  ];
}

function wrong(message: string): Problem {
  return {
    code: 'FORGE-RUN-050',
    message,
    allowed: 'a plan whose containers and volumes have unique names, and whose mounts are of these volumes',
    fix: 'correct what `plan` of your executor, or `parts` of your program, returns',
    symptom: 'the pod is never created: Kubernetes refuses it',
  };
}
