local labels = { 'app.kubernetes.io/name': 'app' };

local service(name) =
  local object(apiVersion, kind, suffix) = {
    apiVersion: apiVersion,
    kind: kind,
    metadata: { name: name + '-' + suffix, namespace: name },
  };
  [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: name + '-namespace' } },
    object('v1', 'ServiceAccount', 'account'),
    object('v1', 'ConfigMap', 'config') {
      data: { 'app.conf': 'listen = 8080\nworkers = 4\n', level: 'info' },
    },
    object('apps/v1', 'Deployment', 'deployment') {
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: labels },
          spec: {
            containers: [{
              name: 'app',
              image: 'registry.example.com/team/' + name + ':1.0.0',
              ports: [{ containerPort: 8080 }],
              env: [{ name: 'LEVEL', value: 'info' }, { name: 'PORT', value: '8080' }],
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
            }],
          },
        },
      },
    },
    object('v1', 'Service', 'service') {
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    object('networking.k8s.io/v1', 'NetworkPolicy', 'policy') {
      spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] },
    },
  ];

function(count) [object for i in std.range(0, count - 1) for object in service('service-' + i)]
