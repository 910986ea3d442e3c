import { beside } from './beside';
import { withCompiled } from './compiled';
import { Add, changeAgainstFirst, Figure, LIMIT_SECONDS, Measure, measureIn } from './measure';
import { imports, startUp } from './start-up';

/** The numbers of pipelines. The last takes a minute or more, so that it is measured only on request. */
function pipelineCounts(quick: boolean): number[] {
  const counts = quick ? [100, 400] : [100, 400, 1600];
  return process.env.FORGE_BENCH_LARGE ? [...counts, 6400] : counts;
}

/** Pipelines with their Deployments, ten a chart, by CPU time: how it grows, and against charts of raw objects. */
function pipelines(measure: Measure, quick: boolean, add: Add): void {
  const counts = pipelineCounts(quick);
  const all = counts.map((count) => measure('forge', 'pipelines', count, count > 1000 ? 1 : 2));
  const measured = counts.flatMap((count, i) => (all[i] ? [{ count, ...all[i] }] : []));
  for (const { count, cpuSeconds, buildCpuSeconds, againCpuSeconds, peakMebibytes } of measured) {
    const goal = count === 6400 ? { atMost: 500 } : undefined;
    add(`CPU time of building ${count} pipelines`, buildCpuSeconds, 's');
    add(`CPU time of the synth of ${count} pipelines`, cpuSeconds - buildCpuSeconds, 's');
    add(`second synth of ${count} pipelines against the first`, againCpuSeconds! / (cpuSeconds - buildCpuSeconds), 'x');
    add(`peak memory of ${count} pipelines`, peakMebibytes, 'MiB', goal);
  }
  const [first, last] = [measured[0], measured[measured.length - 1]];
  const growth = Math.log(last.cpuSeconds / first.cpuSeconds) / Math.log(last.count / first.count);
  const isLarge = last.count === 6400;
  add(
    `growth exponent from ${first.count} to ${last.count} pipelines`,
    growth,
    '',
    isLarge ? { atMost: 1.05 } : undefined,
  );
  const charts = measure('forge', 'charts', last.count, 2)!;
  add(
    'a document of pipelines against one of raw charts',
    last.cpuSeconds / last.documents / (charts.cpuSeconds / charts.documents),
    'x',
    { atMost: 4 },
  );
  add('a byte of it against one of them', last.cpuSeconds / last.bytes / (charts.cpuSeconds / charts.bytes), 'x');
}

function figures(folder: string, quick: boolean): Figure[] {
  const measure = measureIn(folder);
  const result: Figure[] = [];
  const add = (name: string, value: number | null, unit: string, goal?: Figure['goal']) => {
    result.push({ name, value, unit, goal });
  };
  for (const count of quick ? [100, 400] : [100, 400, 1600]) {
    const stock = measure('stock', 'charts', count, count > 1000 ? 2 : 3)!;
    const forge = measure('forge', 'charts', count)!;
    const isGoal = count === 1600;
    add(`stock App, ${count} charts x 6 objects`, stock.seconds, 's');
    add(`GitOpsApp, ${count} charts x 6 objects`, forge.seconds, 's');
    add(
      `times faster than stock at ${count}`,
      stock.seconds / forge.seconds,
      'x',
      isGoal ? { atLeast: 20 } : undefined,
    );
    add(
      `peak memory against stock at ${count}`,
      forge.peakMebibytes / stock.peakMebibytes,
      'x',
      isGoal ? { atMost: 1 } : undefined,
    );
  }
  const [small, large] = quick ? [400, 1600] : [400, 6400];
  const growth =
    Math.log(measure('forge', 'charts', large)!.seconds / measure('forge', 'charts', small)!.seconds) /
    Math.log(large / small);
  add(`growth exponent from ${small} to ${large} charts`, growth, '', quick ? undefined : { atMost: 1.1 });
  pipelines(measure, quick, add);
  add('ten chained charts, GitOpsApp', measure('forge', 'chain', 10)!.seconds, 's', { atMost: 1 });
  if (!quick) {
    add(
      `ten chained charts, stock App (stopped after ${LIMIT_SECONDS} s)`,
      measure('stock', 'chain', 10, 1)?.seconds ?? null,
      's',
    );
  }
  add('program after one changed pipeline of 400 against the first', changeAgainstFirst(folder, 400), 'x', {
    atMost: 0.6,
  });
  beside(folder, quick ? 100 : 1600, add);
  imports(folder, quick, add);
  startUp(folder, quick ? 2 : 5, add);
  return result;
}

function verdict({ value, goal }: Figure): string {
  if (!goal || value === null) {
    return '';
  }
  const met = value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity);
  return `${met ? 'reached' : 'MISSED'}: ${goal.atLeast !== undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`}`;
}

function main(args: string[]): void {
  const measured = withCompiled((folder) => figures(folder, args.includes('--quick')));
  if (args.includes('--json')) {
    console.log(JSON.stringify(measured, undefined, 2));
    return;
  }
  for (const figure of measured) {
    const value =
      figure.value === null ? 'stopped' : `${figure.value.toFixed(figure.value < 10 ? 2 : 1)} ${figure.unit}`;
    console.log(`${figure.name.padEnd(58)} ${value.padStart(10)}  ${verdict(figure)}`.trimEnd());
  }
}

main(process.argv.slice(2));
