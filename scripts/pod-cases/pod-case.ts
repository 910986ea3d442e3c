import type { PodSpec } from 'kubernetes-types/core/v1';
import { PodSecurity, podSecurityOf } from '../../lib/kube';

/** A pod as a network policy sees it. */
export interface Place {
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/** A connection that the library says is possible, or not. */
export interface Flow {
  readonly why: string;
  readonly from: Place;
  readonly to: Place;
  readonly port: number;
  readonly allowed: boolean;
}

/** Objects, and what the library claims about them. */
export interface PodCase {
  /** Name of the case's folder: letters, digits, dashes. */
  readonly name: string;
  readonly objects: object[];
  /** The Pod Security level of each pod, by Kind/namespace/name. */
  readonly levels: Record<string, string>;
  readonly traffic?: Flow[];
}

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

/** The pods among rendered objects, by Kind/namespace/name. */
export function podsIn(objects: object[]): Record<string, PodSpec> {
  return Object.fromEntries(
    (objects as Rendered[]).flatMap(({ kind, metadata, spec }) => {
      const pod =
        kind === 'Pod' ? (spec as unknown as PodSpec) : (spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec);
      return pod ? [[`${kind}/${metadata.namespace ?? ''}/${metadata.name}`, pod]] : [];
    }),
  );
}

/** The level of each pod, as the library computes it; or the one that the library claims for all of them. */
export function levelsOf(objects: object[], claimed?: PodSecurity): Record<string, string> {
  return Object.fromEntries(
    Object.entries(podsIn(objects)).map(([id, pod]) => [id, (claimed ?? podSecurityOf(pod)).level]),
  );
}
