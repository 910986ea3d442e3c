import { Size } from 'cdk8s';
import { hasControlCharacter, Problem, quoted } from '../../support';
import {
  BlueprintContainer,
  BlueprintMount,
  BlueprintVariable,
  BlueprintVolume,
  Privilege,
  PROGRAM_FOLDER,
  VolumeContent,
} from '../blueprint';
import { ProgramFacts } from '../program/program';
import { JobImage } from './host-props';

/** The directory in which jobs of an image of their own check out, unless `workdir` says otherwise. */
const WORKDIR = '/workspace';

/** The parts of a pod whose jobs run in an image of their own. */
export interface JobImageParts {
  readonly setup: BlueprintContainer;
  readonly volume: BlueprintVolume;
  readonly mounts: BlueprintMount[];
  readonly env: BlueprintVariable[];
  readonly settings: Record<string, unknown>;
}

/** Returns the parts that bring the runner binary into an image, and give it a work directory. Nothing else in the image changes. */
export function jobImageParts({ home, workdir = WORKDIR }: JobImage, program: ProgramFacts): JobImageParts {
  const { path, isFolder = false } = program.portable!;
  const source = isFolder ? `${path}/.` : path;
  const folder = { volume: 'program', path: PROGRAM_FOLDER };
  return {
    setup: {
      name: 'program',
      image: program.image,
      command: ['cp', ...(isFolder ? ['-R'] : []), source, `${PROGRAM_FOLDER}/`],
      privilege: Privilege.READ_ONLY,
      // Only its own user can read the home directory with GitHub's runner.
      ...(isFolder ? { user: program.user } : {}),
      resources: { cpuRequestMillis: 10, memoryRequest: Size.mebibytes(16), memoryLimit: Size.mebibytes(256) },
      mounts: [folder],
    },
    volume: { name: 'program', content: VolumeContent.EMPTY },
    mounts: [
      { ...folder, readOnly: !isFolder },
      { volume: 'work', path: isFolder ? `${PROGRAM_FOLDER}/_work` : workdir },
    ],
    env: [
      ...(home === undefined ? [] : [{ name: 'HOME', value: home }]),
      ...(isFolder ? [{ name: 'RUNNER_PROGRAM', value: `${PROGRAM_FOLDER}/${program.binary}` }] : []),
    ],
    settings: isFolder ? {} : { 'host.workdir_parent': workdir },
  };
}

/** Returns what keeps jobs from running in an image of their own. */
export function jobImageProblems(given: JobImage, program: ProgramFacts, jobsRunAsRoot: boolean): Problem[] {
  const { image, user, home, workdir } = given;
  const isFolder = program.portable?.isFolder === true;
  const found: [boolean, string, string][] = [
    [!IMAGE.test(image), `jobImage.image is ${quoted(image)}`, 'set it to an image with its tag or digest'],
    [
      !(Number.isInteger(user) && user >= 0 && user < 2 ** 31),
      `jobImage.user is ${user}`,
      'set it to the ID of the user',
    ],
    [isBadPath(home), `jobImage.home is ${quoted(home!)}`, 'set it to an absolute path, or remove it'],
    [isBadPath(workdir), `jobImage.workdir is ${quoted(workdir!)}`, 'set it to an absolute path, or remove it'],
    [
      isFolder && workdir !== undefined,
      "jobImage.workdir is set, but GitHub's runner decides the directory",
      'remove it',
    ],
    [
      program.refusesRoot === true && user === 0,
      `${program.binary} refuses to run as root`,
      'set jobImage.user to another user',
    ],
    [jobsRunAsRoot, 'jobsRunAsRoot is set beside jobImage, whose user decides', 'remove it; or set jobImage.user to 0'],
    [
      program.portable === undefined,
      `${program.binary} cannot be copied into another image: its program does not say where it is`,
      'set portable in the facts of the program, or remove jobImage',
    ],
  ];
  return found.filter(([isWrong]) => isWrong).map(([, message, fix]) => ({ code: 'FORGE-RUN-053', message, fix }));
}

const IMAGE =
  /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

function isBadPath(path: string | undefined): boolean {
  return (
    path !== undefined && (!/^\/[^:\s]+$/.test(path) || hasControlCharacter(path) || path.split('/').includes('..'))
  );
}
