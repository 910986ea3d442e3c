import { Construct, IConstruct } from 'constructs';
import { Egress, EgressKind, labelSelector } from '../kube';
import { Registry, registryChecks, registryPart, registrySymptoms } from '../registry';
import {
  Advice,
  awaits,
  codeSpan,
  command,
  Command,
  healthChecks,
  namespaceOf,
  Part,
  prints,
  Symptom,
} from '../support';
import { BuildkitTls } from './access/tls';
import { IBuilder } from './build/builder';
import { BuildkitMode } from './pod/mode';
import { CONTAINER } from './pod/pod';

/**
 * Returns the builder's part of the runbook diagram.
 *
 * @jsii ignore
 */
export function builderPart(builder: IBuilder): Part {
  const at = Construct.isConstruct(builder) ? builder : undefined;
  return { kind: 'builder', name: builder.path, label: [at ? 'buildkitd' : 'builder', builder.name], at };
}

/** A set of facts about a buildkitd that its operators need. */
interface AdvisedBuilder extends IBuilder, IConstruct {
  readonly labels: Record<string, string>;
  readonly egress: Egress;
  readonly mode: BuildkitMode;
  readonly tls: BuildkitTls;
}

/**
 * Returns the runbook advice for operators of a buildkitd.
 *
 * @jsii ignore
 */
export function buildkitAdvice(builder: AdvisedBuilder, workload: string, registries: readonly Registry[]): Advice {
  const exec = command`kubectl --namespace ${namespaceOf(builder)} exec ${workload} --container ${CONTAINER} --`;
  const about = `Builder \`${builder.name}\``;
  return {
    checks: [
      {
        about,
        title: 'buildkitd answers',
        good: 'one line per worker, with its platforms',
        commands: [command`${exec} buildctl debug workers`],
        expect: prints('linux/'),
      },
      ...healthChecks({ about, exec, directory: builder.mode.rootDirectory }),
      ...(builder.tls.kind === 'certManager'
        ? [
            {
              about,
              title: 'cert-manager has signed its certificates',
              good: 'READY is `True`',
              commands: [command`kubectl --namespace ${namespaceOf(builder)} get certificates`],
              ...awaits(
                command`kubectl --namespace ${namespaceOf(builder)}`,
                command`certificates.cert-manager.io --all`,
              ),
            },
          ]
        : []),
      ...registries.flatMap((registry) =>
        registryChecks(registry, { exec, name: about, namespace: namespaceOf(builder) }),
      ),
    ],
    symptoms: [...symptoms(builder, exec), ...registries.flatMap((registry) => registrySymptoms(registry))],
    parts: [builderPart(builder)],
    links: registries.map((registry) => ({
      from: builderPart(builder),
      to: registryPart(registry),
      label: `push to ${registry.push.url}`,
    })),
  };
}

function symptoms(builder: AdvisedBuilder, exec: Command): Symptom[] {
  const namespace = namespaceOf(builder);
  const pods = command`--selector ${labelSelector(builder.labels)}`;
  return [
    {
      seen: '`connection refused`, `i/o timeout` or `Unavailable` at port 1234',
      cause: builder.tls.isEnabled
        ? `buildkitd \`${builder.name}\` is not ready, or the client has no certificate.`
        : `buildkitd \`${builder.name}\` is not ready, or its NetworkPolicy does not admit the client. The policy keeps out a pod that you start for a test: use the commands of [Verify](#verify).`,
      fix: builder.tls.isEnabled
        ? 'If the pod is ready, declare the client with `connectFrom`, synth and commit.'
        : 'If the pod is ready, declare the client with `connectFrom` or `admit`, synth and commit.',
      look: [
        command`kubectl --namespace ${namespace} get pods ${pods}`,
        ...(builder.tls.isEnabled
          ? []
          : [command`kubectl --namespace ${namespace} describe networkpolicy ${builder.name}`]),
      ],
    },
    ...(builder.egress.kind === EgressKind.OPEN
      ? []
      : [
          {
            seen: '`i/o timeout` in a build, or when buildkitd connects to a registry',
            cause: `NetworkPolicy \`${builder.name}-egress\` allows only the destinations of \`egress\`.`,
            fix: 'If the host has a private address, declare the address: `Egress.internet({ hosts: { … } })`.',
            look: [command`kubectl --namespace ${namespace} describe networkpolicy ${builder.name}-egress`],
          },
        ]),
    {
      seen: '`no space left on device` in a build',
      cause: `The cache volume of \`${builder.name}\` is full. Garbage collection runs after builds, never during a build.`,
      fix: `1. Delete the cache that no running build uses: ${codeSpan(command`${exec} buildctl prune`)}. **Later builds are slower until the cache is filled again.** 2. If the error returns, increase \`storage\`.`,
      look: [command`${exec} buildctl du`],
    },
    ...rootlessSymptoms(builder),
  ];
}

function rootlessSymptoms(builder: AdvisedBuilder): Symptom[] {
  if (!builder.mode.isRootless) {
    return [];
  }
  const logs = command`kubectl --namespace ${namespaceOf(builder)} logs --selector ${labelSelector(builder.labels)}`;
  return [
    {
      seen: '`newuidmap`, `operation not permitted` or `mount … permission denied` in the log of buildkitd',
      cause: 'The node blocks user namespaces.',
      fix: 'On the node, set `user.max_user_namespaces` above 0. On Ubuntu 24.04, also set `kernel.apparmor_restrict_unprivileged_userns=0`.',
      look: [command`${logs} --container ${CONTAINER} --tail 50`],
    },
  ];
}
