import { TokenAccess } from '../../forge';
import { Registry } from '../../registry';
import { EngineCommands } from './engine';
import { Advice, ByHand, codeSpan, command, Command, PINS, pinnedImage, succeeds, Symptom } from '../../support';
import { buildArgumentWarnings, ImageCatalogue } from '../../pipeline';

/** The builds that need advice. */
interface AdvisedBuild {
  readonly name: string;
  readonly images: ImageCatalogue;
  readonly prePull: readonly string[];
  /** The file with settings that the engine needs, if there is one. */
  readonly settings?: string;
  /** True if the registry has a private CA. */
  readonly isPrivate: boolean;
  readonly engine: EngineCommands;
}

/**
 * Returns the advice for builds on a machine.
 *
 * @jsii ignore
 */
export function hostBuildAdvice({ name, images, prePull, settings, isPrivate, engine }: AdvisedBuild): Advice {
  const [user, token] = loginVariables(images.registry).map(codeSpan);
  const tokenScope = images.registry._tokenScope(TokenAccess.WRITE);
  const scope = tokenScope === undefined ? '' : ` (${codeSpan(tokenScope)})`;
  const make = command`make --directory ${`dist/host/${name}`}`;
  const about = `Builds on a machine: \`${name}\``;
  const hasPlatforms = images.images.some(({ platforms = [] }) => platforms.length > 0);
  return {
    warnings: buildArgumentWarnings(images.images),
    byHand: [
      ...(settings !== undefined || isPrivate ? [engineStep({ name, make, settings, isPrivate, engine })] : []),
      {
        title: `Images built directly on a machine: \`${name}\``,
        text: `Set \`SOURCE\` to the absolute path of the sources, \`TAG\` to the tag, and ${user} and ${token} to the name of a user of the registry and a token that writes images${scope}:`,
        commands: [command`${make} login images push SOURCE="$SOURCE" TAG="$TAG"`],
      },
    ],
    checks: [
      {
        about,
        title: 'The targets',
        good: 'one line per target',
        commands: [command`${make} help`],
        expect: succeeds(),
      },
    ],
    symptoms: [
      ...(prePull.length > 0 ? pulls(engine) : []),
      ...(hasPlatforms ? platforms(engine) : []),
      ...pushes({ make, isPrivate, engine }),
    ],
  };
}

function trustCommand(make: Command, { isOfRoot }: EngineCommands): Command {
  return isOfRoot ? command`sudo ${make} trust` : command`${make} trust`;
}

function engineStep({
  name,
  make,
  settings,
  isPrivate,
  engine,
}: Omit<AdvisedBuild, 'images' | 'prePull'> & { readonly make: Command }): ByHand {
  const file = codeSpan(`dist/host/${name}/${settings}`);
  const place =
    engine.program === 'docker'
      ? `Merge ${file} into the file of the Docker daemon, for example \`/etc/docker/daemon.json\`, and restart Docker.`
      : `Copy ${file} to \`/etc/containers/registries.conf.d/\` of the machine that runs the containers (on macOS: \`podman machine ssh\`).`;
  const texts = [
    ...(settings === undefined ? [] : [place]),
    ...(isPrivate ? [`Let ${engine.title} trust the private CA of the registry:`] : []),
  ];
  return {
    title: `${engine.title} on the machine: ${codeSpan(name)}`,
    isFirst: true,
    text: texts.join(' '),
    ...(isPrivate ? { commands: [trustCommand(make, engine)] } : {}),
  };
}

/** Returns the environment variables with the name and the token of the registry's user, for the login. */
export function loginVariables({ credentials }: Registry): [string, string] {
  const names = credentials?.environmentNames ?? [];
  return names.length === 2 ? [names[0], names[1]] : ['REGISTRY_USER', 'REGISTRY_TOKEN'];
}

/** Names that make, or the Makefile, sets: a recipe does not see the variable of the environment. */
const OF_MAKE = /^(SOURCE|HERE|BUILDX_BUILDER|TAG|CERTS|BAKE|SHELL|CURDIR|MFLAGS|MAKE.*)$/;

/** Returns what is wrong with the environment variables of the login. */
export function loginFaults({ credentials }: Registry): { readonly message: string; readonly fix: string }[] {
  const names = credentials?.environmentNames ?? [];
  const example = "SecretSource.environment('REGISTRY_USER', 'REGISTRY_TOKEN')";
  const taken = names.filter((name) => OF_MAKE.test(name));
  return [
    ...(names.length === 0 || (names.length === 2 && names[0] !== names[1])
      ? []
      : [
          {
            message: `credentials of the registry has the environment variables ${names.join(', ')}, and a login needs two: the user and the token`,
            fix: `set credentials to ${example}`,
          },
        ]),
    ...(taken.length > 0
      ? [
          {
            message: `credentials of the registry has the environment variable ${taken.join(', ')}, which is a variable of make`,
            fix: `rename the variable, for example ${example}`,
          },
        ]
      : []),
  ];
}

/** Returns the symptoms of a push by the operator, who is no job. */
function pushes({
  make,
  isPrivate,
  engine,
}: Pick<AdvisedBuild, 'isPrivate' | 'engine'> & { readonly make: Command }): Symptom[] {
  return [
    {
      seen: '`no basic auth credentials` or `unauthorized` at `make push`',
      cause: 'The engine of the machine is not logged in to the registry.',
      fix: `Run ${codeSpan(`${make.text} login`)}.`,
    },
    ...(isPrivate
      ? [
          {
            seen: '`x509: certificate signed by unknown authority` at `make push`',
            cause: `${engine.title} of the machine does not trust the private CA of the registry.`,
            fix: `Run ${codeSpan(trustCommand(make, engine).text)}.`,
          },
        ]
      : []),
  ];
}

function pulls({ showStore }: EngineCommands): Symptom[] {
  return [
    {
      seen: '`unpigz: skipping: <stdin>: corrupted -- incomplete deflate data` or `failed to register layer` at a pull',
      cause:
        'The download of a layer ended early, or the data of the engine is on a shared file system such as virtiofs.',
      fix: 'Run `make bases` again: complete layers stay. If the error persists, move the data of the engine to a local disk.',
      look: [showStore],
    },
  ];
}

function platforms({ program, showPlatforms }: EngineCommands): Symptom[] {
  const look = showPlatforms && [showPlatforms];
  return [
    {
      seen: '`no matching manifest for linux/arm64` at a pull',
      cause: 'The base image does not exist for the platform of the machine.',
      fix: 'Set `platforms` of the image, and `prePullPlatform` of the HostBuild. Then synth.',
    },
    {
      seen: '`exec format error` in a build',
      cause: 'The image is for another platform, and the machine does not emulate the platform.',
      fix: `Run \`${program} run --privileged --rm ${pinnedImage(PINS.images.binfmt)} --install all\`.`,
      look,
    },
    {
      seen: '`runtime: lfstack.push invalid packing` or `JavaScript heap out of memory` in a build',
      cause: 'A build of Node.js runs under emulation, or needs more memory than it has.',
      fix: 'Build for the platform of the machine, or set `NODE_OPTIONS` in `buildArgs`.',
      look,
    },
  ];
}
