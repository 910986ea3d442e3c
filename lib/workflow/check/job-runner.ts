import { Dialect, Repository, RunnerCapabilities } from '../../forge';
import { Problems, quoted } from '../../support';
import { Action } from '../action/action';
import { Job } from '../job';
import { JobBase } from '../job-base';
import { JobTool } from '../job-tool';
import { WorkflowCall } from '../reusable-workflow';

/** A requirement that a job has for its runner, with the fix if the runner does not meet the requirement. */
interface Demand {
  readonly what: string;
  readonly fix: string;
  readonly symptom: string;
}

const NO_DAEMON = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
const WITH_DOCKER = 'a runner with Docker: Executor.docker(), Executor.dockerRootless()';

/**
 * Patterns in a script that indicate a requirement that not every runner meets. The script may guard these commands, so
 * a match is not an error.
 */
const WORDS: {
  readonly needs: keyof RunnerCapabilities;
  readonly pattern: RegExp;
  /** Text that every match contains. A script without such text needs no closer look. */
  readonly hint: RegExp;
  readonly why: string;
  readonly evenInContainer?: boolean;
}[] = [
  {
    needs: 'installsPackages',
    pattern: word('(?:sudo|doas)'),
    hint: /sudo|doas/,
    why: 'there is no sudo on the runner, and its jobs are not root: put the program into the image, or let jobs run in a container',
  },
  {
    needs: 'installsPackages',
    pattern: word(
      '(?:apt|apt-get|apk|dnf|microdnf|yum|zypper|pacman) +(?:-\\S+ +)*(?:install|add|update|upgrade|-S\\w*)',
    ),
    hint: /ap[tk]|dnf|yum|zypper|pacman/,
    why: 'jobs of the runner are not root, and install no packages: put the program into the image, or let jobs run in a container',
  },
  {
    needs: 'dockerInJobs',
    pattern: word('docker +(?:build|buildx|compose|exec|images|login|pull|push|run|tag)'),
    hint: /docker +/,
    why: 'jobs of the runner find no Docker daemon',
    evenInContainer: true,
  },
  {
    needs: 'lowPorts',
    pattern: /\b(docker +run)\b.*? (?:-p|--publish)[ =](?:[\d.]+:)?0*(?:\d{1,3}|10[01]\d|102[0-3]):/,
    hint: /docker +run/,
    why: 'a Docker daemon without root publishes no port below 1024',
    evenInContainer: true,
  },
];

/**
 * Checks a job against its runner. The runner must accept jobs of the repository and provide everything that the job
 * requires.
 *
 * @jsii ignore
 */
export function checkRunner(job: JobBase, repository: Repository, problems: Problems): void {
  const dialect = Dialect.of(repository.forge);
  const runsOn = job instanceof Job ? job._props.runsOn : job instanceof WorkflowCall ? job._props.runsOn : undefined;
  if (!runsOn) {
    return;
  }
  const label = `job ${quoted(job.id)}`;
  const path = job.node.path;
  if (
    !runsOn.canRunJobsOf(
      repository,
      runsOn.jobLabels.filter((name) => !name.includes('${{')),
    )
  ) {
    problems.add({
      code: 'FORGE-WF-049',
      path,
      message: `${label}: ${runsOn.description} takes no jobs of ${quoted(repository.fullName)} at ${repository.forge.url}`,
      fix: 'give the runner a scope that covers the repository, or pass one of that forge that has it',
      symptom: 'the job waits for ever: no matching online runner',
    });
  }
  if (!(job instanceof Job)) {
    return;
  }
  for (const { what, fix, symptom } of [...unmet(job), ...unmetArtifacts(job, dialect), ...unmetNode24(job, dialect)]) {
    problems.add({
      code: 'FORGE-WF-050',
      path,
      message: `${label} ${what}, which ${runsOn.description} cannot do`,
      fix,
      symptom,
    });
  }
}

/**
 * Returns warnings for requirements of scripts and actions that the runner does not appear to meet.
 *
 * @jsii ignore
 */
export function runnerWarnings(job: Job): string[] {
  const { container, runsOn } = job._props;
  const { capabilities } = runsOn;
  const missing = WORDS.filter(
    ({ needs, evenInContainer }) => capabilities[needs] === false && (evenInContainer || container === undefined),
  );
  const scripts = job._stepList.flatMap((step) => {
    const { script = '' } = step._content;
    const mentioned = missing.filter(({ hint }) => hint.test(script));
    const executed = mentioned.length > 0 ? uncommented(script) : '';
    return mentioned.flatMap(({ pattern, why }) => {
      const match = pattern.exec(executed);
      const found = match?.[1] ?? match?.[0];
      return found === undefined ? [] : [`${job.node.path}: step ${quoted(step.name)} calls \`${found}\`: ${why}`];
    });
  });
  if (capabilities.nodeActions !== false || container) {
    return scripts;
  }
  const unknown = actionsOf(job).filter((action) => action._language === undefined);
  return [
    ...scripts,
    ...unknown.map(
      (action) =>
        `${job.node.path}: ${action.uses} does not work if it is written in JavaScript: ${runsOn.description} has no node`,
    ),
  ];
}

function unmet(job: Job): Demand[] {
  return [...unmetContainers(job), ...unmetActions(job), ...unmetTools(job), ...unmetSnapshot(job)];
}

function unmetContainers(job: Job): Demand[] {
  const {
    container,
    services = {},
    runsOn: { capabilities: can },
  } = job._props;
  const demands: Demand[] = [];
  if (container && can.containerJobs === false) {
    demands.push({ what: 'asks for a `container`', fix: `leave it out, or pass ${WITH_DOCKER}`, symptom: NO_DAEMON });
  }
  if (Object.keys(services).length > 0 && can.services === false) {
    demands.push({
      what: 'asks for `services`',
      fix: `run them in the cluster and reach them by name, or pass ${WITH_DOCKER}`,
      symptom: 'the services are passed over, and the steps find no such host',
    });
  }
  const containers = Object.entries({ ...(container && { container }), ...services });
  const ports = containers.flatMap(([name, { _data }]) =>
    (_data.ports ?? []).filter(isLowPort).map((port) => `${name} ${port}`),
  );
  if (ports.length > 0 && can.services !== false && can.lowPorts === false) {
    demands.push({
      what: `publishes ports below 1024 (${ports.join(', ')})`,
      fix: 'publish another port, e.g. 8080:80, or none: jobs in a container reach services by name',
      symptom: 'cannot expose privileged port, you can add net.ipv4.ip_unprivileged_port_start',
    });
  }
  return demands;
}

function unmetActions(job: Job): Demand[] {
  const {
    container,
    runsOn: { capabilities: can },
  } = job._props;
  return actionsOf(job).flatMap((action): Demand[] => {
    if (action._language === 'container' && can.containerActions === false) {
      return [
        {
          what: `uses ${quoted(action.uses)}, a container`,
          fix: `call the program in a script, or pass ${WITH_DOCKER}`,
          symptom: NO_DAEMON,
        },
      ];
    }
    if (action._language === 'node' && can.nodeActions === false && !container) {
      return [
        {
          what: `uses ${quoted(action.uses)}, which is written in JavaScript`,
          fix: "use what needs no node: Checkout.git, a script; or an image that holds it: Executor.host({ jobImage }), or imageHasNode if the runner's own image does",
          symptom: 'Cannot find: node in PATH',
        },
      ];
    }
    return [];
  });
}

function unmetArtifacts(job: Job, dialect: Dialect): Demand[] {
  const { artifactsSinceRunner: since } = dialect.facts;
  const { runnerVersion } = job._props.runsOn.capabilities;
  if (since === undefined || runnerVersion === undefined || dialect.isRunnerAtLeast(since, runnerVersion)) {
    return [];
  }
  return actionsOf(job)
    .filter((action) => action._needsNewArtifacts)
    .map((action) => ({
      what: `uses ${quoted(action.uses)}, which needs a runner of version ${since}`,
      fix: `give the runner version ${since} or newer, or use version 3 of the action`,
      symptom:
        'GHESNotSupportedError: @actions/artifact v2.0.0+, upload-artifact@v4+ are not currently supported on GHES',
    }));
}

function unmetNode24(job: Job, dialect: Dialect): Demand[] {
  if (!dialect.lacksNode24(job._props.runsOn.capabilities.runnerVersion)) {
    return [];
  }
  const { node24SinceRunner: since } = dialect.facts;
  return actionsOf(job)
    .filter((action) => action._runsOnNode24)
    .map((action) => ({
      what: `uses ${quoted(action.uses)}, which runs on node24 and needs a runner of version ${since}`,
      fix: `give the runner version ${since} or newer, or use an earlier major version of the action`,
      symptom:
        'The runs.using key in action.yml must be one of: [composite docker node12 node16 node20 go], got node24',
    }));
}

function unmetSnapshot(job: Job): Demand[] {
  const { snapshot, runsOn } = job._props;
  return snapshot === undefined || runsOn.capabilities.runnerVersion === undefined
    ? []
    : [
        {
          what: 'takes a `snapshot` of its runner',
          fix: 'pass a larger runner that GitHub operates for the generation of images: HostedRunner.of(…)',
          symptom: 'no custom image is created',
        },
      ];
}

function unmetTools(job: Job): Demand[] {
  const {
    container,
    runsOn: { capabilities: can },
  } = job._props;
  const missing = (tool: JobTool): boolean =>
    tool._isMissing(can) &&
    !(container && tool._demand.inContainer) &&
    !actionsOf(job).some((action) => tool.setUpBy !== undefined && action._is(tool.setUpBy));
  return job._stepList.flatMap((step) =>
    (step._content.tools ?? []).filter(missing).map((tool) => ({
      what: `calls \`${tool.name}\` in step ${quoted(step.name)}`,
      fix: tool._demand.fix,
      symptom: tool._demand.symptom,
    })),
  );
}

function actionsOf(job: Job): Action[] {
  return job._stepList.map((step) => step._content.action).filter((action): action is Action => action !== undefined);
}

/** Returns whether a port below 1024 is published. Without a host port, Docker chooses a port. */
function isLowPort(port: string): boolean {
  const host = /^(\d+):/.exec(port)?.[1];
  return host !== undefined && Number(host) < 1024;
}

/** Returns a script without its comments, as far as each single line shows. Commented text is not executed. */
function uncommented(script: string): string {
  return script
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');
}

/**
 * Returns a pattern that matches a command at the start of a line, or after text that ends or starts another command.
 */
function word(command: string): RegExp {
  return new RegExp(
    `(?:^|[;&|(\`]|\\b(?:then|do|else|if|while|until|exec|time|!)\\s)[ \\t]*(${command})(?=[\\s;&|)]|$)`,
    'm',
  );
}
