import { ApiObject, App, Chart } from 'cdk8s';

/** Builds charts of six objects each, as a cdk8s program without helpers would. */
export function buildCharts(app: App, count: number): void {
  for (let i = 0; i < count; i++) {
    const chart = new Chart(app, `service-${i}`, { namespace: `service-${i}`, disableResourceNameHashes: true });
    buildObjects(chart, `registry.example.com/team/service-${i}:1.0.0`);
  }
}

/** Charts in a row, each depending on the one before. */
export function buildChain(app: App, count: number): void {
  let previous: Chart | undefined;
  for (let i = 0; i < count; i++) {
    const chart = new Chart(app, `link-${i}`, { namespace: `link-${i}` });
    buildObjects(chart, 'registry.example.com/team/link:1.0.0');
    if (previous) {
      chart.addDependency(previous);
    }
    previous = chart;
  }
}

function buildObjects(chart: Chart, image: string): void {
  const labels = { 'app.kubernetes.io/name': 'app' };
  new ApiObject(chart, 'namespace', { apiVersion: 'v1', kind: 'Namespace' });
  new ApiObject(chart, 'account', { apiVersion: 'v1', kind: 'ServiceAccount' });
  new ApiObject(chart, 'config', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: { 'app.conf': 'listen = 8080\nworkers = 4\n', level: 'info' },
  });
  new ApiObject(chart, 'deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'app',
              image,
              ports: [{ containerPort: 8080 }],
              env: [
                { name: 'LEVEL', value: 'info' },
                { name: 'PORT', value: '8080' },
              ],
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
            },
          ],
        },
      },
    },
  });
  new ApiObject(chart, 'service', {
    apiVersion: 'v1',
    kind: 'Service',
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  new ApiObject(chart, 'policy', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] },
  });
}
