import fc from 'fast-check';
import { parse } from 'yaml';
import { Runner } from '../../lib/runner';
import { ForgeError } from '../../lib/support';
import { combinations } from './combinations';
import { chart, render, Rendered } from './fixture';
import { checkVolumes } from './volumes';
import { seedOf } from '../support/seed';

test('every combination is objects that fit together, or a ForgeError with code and fix', () => {
  let valid = 0;
  fc.assert(
    fc.property(combinations, (props) => {
      let made: Runner;
      try {
        made = new Runner(chart(), 'runner', props);
      } catch (e) {
        expect(e).toBeInstanceOf(ForgeError);
        (e as ForgeError).problems.forEach(({ code, fix, path }) =>
          expect([code, fix, path]).toEqual([
            expect.stringMatching(/^FORGE-[A-Z]+-\d{3}$/),
            expect.stringMatching(/./),
            expect.stringMatching(/^ci\/runner(\/token)?$/),
          ]),
        );
        return;
      }
      valid += 1;
      checkRendered(render(made));
    }),
    { numRuns: 1000, seed: seedOf(20261120) },
  );
  expect(valid).toBeGreaterThan(200);
});

function checkRendered({ pod, set, config, files, main }: Rendered): void {
  checkVolumes(
    pod,
    (set?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata!.name!),
  );
  const seconds = [...String(config.runner?.shutdown_timeout).matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * { h: 3600, m: 60, s: 1 }[unit as 'h'],
    0,
  );
  expect(seconds).toBeGreaterThan(0);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
  // Whatever fsGroup is applied to, it is not the root of Docker's data.
  if (pod.securityContext?.fsGroup !== undefined) {
    expect(
      [...(pod.initContainers ?? []), ...pod.containers]
        .flatMap(({ volumeMounts = [] }) => volumeMounts)
        .filter(({ name, subPath }) => name === 'layers' && !subPath),
    ).toEqual([]);
  }
  if (main.image!.includes('-dind')) {
    expect([main.command, main.args]).toEqual([undefined, undefined]);
  }
  if (files['daemon.json']) {
    JSON.parse(files['daemon.json']);
  }
  expect(parse(files['config.yaml'])).toEqual(config);
}
