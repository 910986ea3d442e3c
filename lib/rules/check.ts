import { Manifests, Model } from '../model';
import { Problem, Problems } from '../support';
import { checkLaterLayers } from './later-layers';
import { chartNamespaceProblem, objectNamespaceProblem, podSecurityProblem } from './namespaces';
import { checkNodePorts } from './node-ports';
import { nameProblem } from './object-names';
import { sizeProblem } from './object-size';

/**
 * Reports every object of an app that Kubernetes would not accept by its name, its namespace, its size or its ports, or that it would
 * be asked for before what the object needs.
 *
 * @jsii ignore
 */
export function checkObjects(model: Model, manifests: Manifests, problems: Problems): void {
  const report = (problem: Problem | undefined) => problem && problems.add(problem);
  for (const chart of model.charts.values()) {
    report(chartNamespaceProblem(chart.chart));
    for (const object of chart.objects) {
      const manifest = manifests.tryOf(object);
      if (manifest) {
        report(nameProblem(object, manifest));
        report(objectNamespaceProblem(object, manifest, chart));
        report(podSecurityProblem(object, manifest));
        report(sizeProblem(object, manifest));
      }
    }
  }
  checkNodePorts(model, manifests, problems);
  checkLaterLayers(model, manifests, problems);
}
