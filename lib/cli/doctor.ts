import * as fs from 'node:fs';
import * as path from 'node:path';
import { MANY_OBJECTS } from '../flux';
import { ImageLock } from '../output';
import { Pin, PINS } from '../support';
import { clustersOf, objectsIn } from './diff/platform';
import { stateOf } from './diff/simulation';
import { rootOf, WorkingTree } from './diff/tree';
import { lockOf, PlanFile, readPlan } from './plan';

/** The age in days from which a pinned version is worth a look. */
const DAYS = 120;

/**
 * A fact about the program that somebody should know.
 *
 * @jsii ignore
 */
export interface Finding {
  readonly kind: 'version' | 'warning' | 'acknowledgement' | 'size' | 'image';
  readonly text: string;
  readonly fix?: string;
}

/**
 * The options of `cdk8s-forge doctor`.
 *
 * @jsii ignore
 */
export interface DoctorRun {
  /** The output directory. */
  readonly outdir: string;
  /** The time in milliseconds. */
  readonly today: number;
}

/**
 * Returns what is worth a look in a program: old versions, warnings, acknowledgements, large directories, and images for which Flux
 * has never chosen a version.
 *
 * @throws FORGE-CLI-005 without a plan
 * @jsii ignore
 */
export function doctor({ outdir, today }: DoctorRun): Finding[] {
  const plan = readPlan(outdir);
  const text = textOf(outdir);
  return [
    ...[...Object.values(PINS.images), ...Object.values(PINS.actions)].flatMap((pin) =>
      versionFindings(pin, text, today),
    ),
    ...plan.warnings.map(({ path: about, text: warning }): Finding => ({
      kind: 'warning',
      text: `${about}: ${warning}`,
    })),
    ...plan.acknowledgements.map(({ code, reason, path: about }): Finding => ({
      kind: 'acknowledgement',
      text: `${about}: ${code} is accepted: ${reason}`,
      fix: 'remove the acknowledgement when the reason is gone',
    })),
    ...sizeFindings(outdir),
    ...imageFindings(outdir, plan),
  ];
}

/** Returns all manifests and workflow files as one text. */
function textOf(outdir: string): string {
  return fs
    .readdirSync(outdir, { recursive: true })
    .map(String)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => fs.readFileSync(path.join(outdir, name), 'utf8'))
    .join('\n');
}

function versionFindings(pin: Pin, text: string, today: number): Finding[] {
  const { name, version, commit, newest, checked, source } = pin;
  const isUsed = [`${name}:${version}`, `${name}@${version}`, ...(commit ? [`${name}@${commit}`] : [])].some((use) =>
    text.includes(use),
  );
  const days = Math.floor((today - Date.parse(checked)) / 86_400_000);
  if (!isUsed || (newest === undefined && days <= DAYS)) {
    return [];
  }
  const reason = newest === undefined ? `was compared with its releases ${days} days ago` : `is used, ${newest} exists`;
  return [
    {
      kind: 'version',
      text: `${name} ${version} ${reason}`,
      fix: `update cdk8s-forge, or name the version yourself: ${source}`,
    },
  ];
}

function sizeFindings(outdir: string): Finding[] {
  const root = rootOf(path.dirname(path.resolve(outdir)));
  const output = path.relative(root, path.resolve(outdir)).split(path.sep).join('/');
  return clustersOf(new WorkingTree(root), output).flatMap((cluster) =>
    [...stateOf(cluster).values()].flatMap(({ spec }): Finding[] => {
      const count = objectsIn(cluster.tree, spec.directory)?.length ?? 0;
      return count <= MANY_OBJECTS
        ? []
        : [
            {
              kind: 'size',
              text: `Kustomization ${spec.key} of cluster ${cluster.name} has ${count} objects; the time of kustomize grows with the square`,
              fix: 'set expected, or parts, of the Cluster, and move the objects with `npx cdk8s-forge diff --migrate`',
            },
          ];
    }),
  );
}

/** An image that keeps its first tag has no build yet, or its policy finds no tag. */
function imageFindings(outdir: string, plan: PlanFile): Finding[] {
  const file = lockOf(plan, outdir);
  if (!fs.existsSync(file)) {
    return [];
  }
  const lock = ImageLock.parse(fs.readFileSync(file, 'utf8'), path.basename(file));
  return plan.images.flatMap(({ policy, initialTag }): Finding[] => {
    const [namespace, name] = policy.split(':');
    return lock.get(policy)?.tag !== initialTag
      ? []
      : [
          {
            kind: 'image',
            text: `${policy} still has its first tag, ${initialTag}: Flux has never chosen a version`,
            fix: `see \`kubectl --namespace ${namespace} describe imagepolicy ${name}\`, and whether a build has pushed a tag`,
          },
        ];
  });
}
