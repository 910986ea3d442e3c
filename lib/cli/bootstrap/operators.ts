/** An operator that serves APIs. */
export interface KnownOperator {
  readonly title: string;
  /** The end of the groups of its APIs. */
  readonly group: RegExp;
  readonly namespace: string;
  /** The name of its Helm chart, and of the release. */
  readonly chart: string;
  /** The arguments of `helm upgrade --install` behind the name of the release. */
  readonly source: string[];
  /** The oldest version of the chart that serves the APIs that this library writes. */
  readonly minimum: string;
  readonly values: string[];
}

/** The operators whose objects this library writes. */
const OPERATORS: readonly KnownOperator[] = [
  {
    title: 'cert-manager',
    group: /(^|\.)cert-manager\.io$/,
    namespace: 'cert-manager',
    chart: 'cert-manager',
    source: ['oci://quay.io/jetstack/charts/cert-manager'],
    minimum: '1.15.0',
    values: ['crds.enabled=true'],
  },
  {
    title: 'External Secrets Operator',
    group: /(^|\.)external-secrets\.io$/,
    namespace: 'external-secrets',
    chart: 'external-secrets',
    source: ['external-secrets', '--repo', 'https://charts.external-secrets.io'],
    minimum: '0.16.0',
    values: [],
  },
  {
    title: 'sealed-secrets',
    group: /^bitnami\.com$/,
    namespace: 'kube-system',
    chart: 'sealed-secrets',
    source: ['sealed-secrets', '--repo', 'https://bitnami-labs.github.io/sealed-secrets'],
    minimum: '2.15.0',
    values: ['fullnameOverride=sealed-secrets-controller'],
  },
  {
    title: 'KEDA',
    group: /^keda\.sh$/,
    namespace: 'keda',
    chart: 'keda',
    source: ['keda', '--repo', 'https://kedacore.github.io/charts'],
    minimum: '2.18.0',
    values: [],
  },
  {
    title: 'Kyverno',
    group: /^policies\.kyverno\.io$/,
    namespace: 'kyverno',
    chart: 'kyverno',
    source: ['kyverno', '--repo', 'https://kyverno.github.io/kyverno'],
    // Kyverno 1.17, which serves v1beta1 of ImageValidatingPolicy.
    minimum: '3.7.0',
    values: [],
  },
  {
    title: 'policy-controller',
    group: /^policy\.sigstore\.dev$/,
    namespace: 'cosign-system',
    chart: 'policy-controller',
    source: ['policy-controller', '--repo', 'https://sigstore.github.io/helm-charts'],
    minimum: '0.7.0',
    values: [],
  },
];

/** Returns the operator that serves an API, for example `keda.sh/v1alpha1`; undefined if it is not known. */
export function operatorOf(api: string): KnownOperator | undefined {
  return OPERATORS.find(({ group }) => group.test(api.split('/')[0]));
}

/** Returns the arguments of helm that install an operator. */
export function installArguments({ chart, source, namespace, minimum, values }: KnownOperator): string[] {
  const place = ['--namespace', namespace, '--create-namespace'];
  const settings = values.flatMap((value) => ['--set', value]);
  return ['upgrade', '--install', chart, ...source, ...place, '--version', `>=${minimum}`, ...settings, '--wait'];
}
