import { Chart } from 'cdk8s';
import { ConfigMap, Deployment, Namespace } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../../lib/app';

// An ordinary cdk8s program. The one difference to stock cdk8s is `GitOpsApp` in the place of `App`.
const app = new GitOpsApp();

const web = new Chart(app, 'web', { namespace: 'web', disableResourceNameHashes: true });
const namespace = new Namespace(web, 'namespace', { metadata: { name: 'web' } });
const settings = new ConfigMap(web, 'settings', { data: { LEVEL: 'info', ANSWER: '42', FLAG: 'no' } });
const deployment = new Deployment(web, 'app', {
  replicas: 1,
  containers: [{ image: 'registry.example.com/web:1.0.0', portNumber: 8080 }],
});
deployment.node.addDependency(settings, namespace);

app.synth();
