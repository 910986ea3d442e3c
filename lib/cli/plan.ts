import * as fs from 'node:fs';
import * as path from 'node:path';
import { ForgeError, quoted } from '../support';

const PLAN = '.cdk8s-forge.json';

/** A check of the plan, with the commands of a machine. */
export interface PlannedCheck {
  /** The cluster that the check asks. @default - none: the plan has one cluster, or the check asks no cluster */
  readonly cluster?: string;
  readonly about: string;
  readonly title: string;
  readonly good: string;
  readonly run?: string[];
  readonly expect?: { readonly exitCode?: number; readonly stdoutMatches?: string };
  readonly symptom?: string;
  /** The token that the commands read from the file `$HEADER`. */
  readonly token?: { readonly page: string; readonly scope: string };
  /** The private CAs that the commands read from the file `$CA`. */
  readonly authorities?: { readonly name: string; readonly print?: string }[];
}

/** A symptom of the plan, as in the runbook. */
export interface PlannedSymptom {
  readonly seen: string;
  readonly cause: string;
  readonly fix: string;
  readonly diagnose?: string[];
}

/** A server of repositories. */
export interface PlannedForge {
  readonly url: string;
  /** The name of the product: `gitea`, `forgejo` or `github`. */
  readonly product: string;
  /** The URL of the API, without a slash at its end. */
  readonly api: string;
  /** The page on which users create tokens. */
  readonly tokenPage: string;
}

/** A secret of the plan, as one construct needs it. */
export interface PlannedSecret {
  readonly cluster?: string;
  /** The namespace. For an Actions secret, the owner, or `owner/name` of the repository. */
  readonly namespace?: string;
  readonly name: string;
  readonly type: string;
  readonly keys: string[];
  readonly home: string;
  readonly origin: string;
  readonly tokenScope?: string;
  /** The URL of the forge that issues the token or stores the Actions secret. */
  readonly forge?: string;
  /** The registries for which a Docker configuration has entries. */
  readonly hosts?: string[];
  readonly mint?: { readonly url: string; readonly key: string };
  readonly purpose?: string;
  readonly rotation?: string;
  readonly restart?: boolean;
}

/** A webhook of a cluster. */
export interface PlannedWebhook {
  /** The name of the Receiver, in the namespace of Flux. */
  readonly receiver: string;
  readonly event: 'push' | 'package';
  /** The URL of the server. */
  readonly forge: string;
  /** The repository, for pushes. */
  readonly repository?: string;
  /** The owner, for packages. */
  readonly owner?: string;
}

/** A cluster of the plan. */
export interface PlannedCluster {
  readonly name: string;
  /** The namespace of Flux. */
  readonly namespace: string;
  /** The directory of the entry point, relative to the root of the repository. */
  readonly entry: string;
  /** The image lock, relative to the root of the repository. */
  readonly lock: string;
  /** The deployment layers, in their order. */
  readonly layers: string[];
  readonly source: {
    readonly repository: string;
    readonly url: string;
    readonly forge: string;
    readonly branch?: string;
  };
  readonly namespaces: { readonly name: string; readonly level?: string }[];
  readonly flux: { readonly minimum: string; readonly components: string[] };
  /** The APIs of operators that the objects need. */
  readonly apis: string[];
  /** The Helm charts that the cluster installs itself. */
  readonly charts: string[];
  /** The encrypted files of the entry point. */
  readonly encrypted: string[];
  /** The webhooks that tell Flux what happens at a server. @default - none, in a plan of an older version */
  readonly webhooks?: PlannedWebhook[];
}

/** A repository of the plan, with the files that belong into it. */
export interface PlannedRepository {
  readonly name: string;
  readonly url?: string;
  /** The URL of its forge. */
  readonly forge?: string;
  readonly files: string[];
}

/** The plan file of an output directory, as far as the commands read it. */
export interface PlanFile {
  readonly clusters: PlannedCluster[];
  readonly forges: PlannedForge[];
  readonly secrets: PlannedSecret[];
  readonly repositories: PlannedRepository[];
  readonly checks: PlannedCheck[];
  readonly symptoms: PlannedSymptom[];
  readonly acknowledgements: { readonly code: string; readonly reason: string; readonly path: string }[];
  readonly warnings: { readonly path: string; readonly text: string }[];
  /** The images that Flux manages, with the tag of the first synth. */
  readonly images: { readonly policy: string; readonly initialTag: string }[];
}

/**
 * Returns the plan that the last synth wrote beside its output.
 *
 * @throws FORGE-CLI-005 if there is none, or a plan of another version
 * @jsii ignore
 */
export function readPlan(outdir: string): PlanFile {
  const file = path.join(outdir, PLAN);
  let plan: { version?: unknown } & Partial<PlanFile>;
  try {
    plan = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (e) {
    throw noPlan(`${quoted(file)} cannot be read: ${e instanceof Error ? e.message.split('\n')[0] : String(e)}`);
  }
  if (plan?.version !== 1 || !Array.isArray(plan.repositories) || !Array.isArray(plan.checks)) {
    throw noPlan(`${quoted(file)} is not a plan of version 1`);
  }
  const { clusters = [], forges = [], secrets = [], repositories, checks, symptoms = [] } = plan;
  const { acknowledgements = [], warnings = [], images = [] } = plan;
  return { clusters, forges, secrets, repositories, checks, symptoms, acknowledgements, warnings, images };
}

/**
 * Returns the root of the repository of a plan: the entry point of a cluster is relative to it, and is in the output
 * directory.
 */
export function rootOf({ clusters }: PlanFile, outdir: string): string {
  const [entry] = clusters.map((cluster) => cluster.entry);
  if (entry === undefined) {
    return path.dirname(path.resolve(outdir));
  }
  const parts = entry.split('/clusters/')[0].split('/');
  const depth = parts.filter((part) => part !== '' && part !== '.').length;
  return path.resolve(outdir, ...Array.from({ length: depth }, () => '..'));
}

/** Returns the path of the image lock of a plan. */
export function lockOf(plan: PlanFile, outdir: string): string {
  return path.join(rootOf(plan, outdir), plan.clusters[0]?.lock ?? 'images.yaml');
}

function noPlan(message: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-CLI-005',
    message,
    fix: 'run the command in the root of the repository, after `npx cdk8s-forge synth`, or set --output to the output directory',
  });
}
