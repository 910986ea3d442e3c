import { ApiObject } from 'cdk8s';
import { Manifest } from '../model';
import { DNS_LABEL, DNS_SUBDOMAIN, ownOf, Problem, quoted } from '../support';

/** A rule of Kubernetes for the names of some kinds. */
interface NameRule {
  readonly pattern: RegExp;
  readonly allowed: string;
  readonly symptom: string;
}

const LABEL: NameRule = {
  pattern: DNS_LABEL,
  allowed: 'a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
  symptom: 'a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "-"',
};
const SUBDOMAIN: NameRule = {
  pattern: DNS_SUBDOMAIN,
  allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
  symptom: 'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "-" or "."',
};
const SERVICE: NameRule = {
  pattern: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  allowed: 'a-z, 0-9 and "-", first a letter, last a letter or digit, at most 63 characters',
  symptom:
    'a DNS-1035 label must consist of lower case alphanumeric characters or "-", and start with an alphabetic character',
};
/** Names of RBAC objects are path segments: `system:node` is one. */
const SEGMENT: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%\s]{1,253}$/,
  allowed: 'any characters but "/" and "%"',
  symptom: 'may not contain "/" or "%"',
};
/** Pods get a label with the name and a hash of eleven characters. */
const WITH_HASH: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/,
  allowed: 'a-z, 0-9 and "-", first and last a letter or digit, at most 52 characters',
  symptom: 'metadata.labels: Invalid value: must be no more than 63 characters',
};

const BY_KIND: Record<string, NameRule> = {
  Namespace: LABEL,
  Service: SERVICE,
  StatefulSet: WITH_HASH,
  CronJob: WITH_HASH,
  Job: LABEL,
  Role: SEGMENT,
  RoleBinding: SEGMENT,
  ClusterRole: SEGMENT,
  ClusterRoleBinding: SEGMENT,
};

/** API groups of Kubernetes itself, whose kinds have the rules above. */
const BUILT_IN = /^(v1|apps\/v1|batch\/v1|rbac\.authorization\.k8s\.io\/v1)$/;

/** Returns the problem with the name of an object, if Kubernetes does not accept the name. */
export function nameProblem(object: ApiObject, { apiVersion, kind, metadata }: Manifest): Problem | undefined {
  const name = metadata?.name;
  if (name === undefined && typeof metadata?.generateName === 'string') {
    return undefined;
  }
  const rule = (BUILT_IN.test(String(apiVersion)) && ownOf(BY_KIND, String(kind))) || SUBDOMAIN;
  if (typeof name === 'string' && rule.pattern.test(name)) {
    return undefined;
  }
  return {
    code: 'FORGE-RULE-001',
    message: `metadata.name ${quoted(name)} is not a name for a ${String(kind)}`,
    allowed: rule.allowed,
    fix: 'set metadata.name to an allowed name, or choose shorter ids of letters, digits and dashes',
    symptom: rule.symptom,
    path: object.node.path,
  };
}
