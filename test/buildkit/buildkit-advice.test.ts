import { BuildkitMode, BuildkitTls } from '../../lib/buildkit';
import { adviceAt } from '../../lib/support';
import { COMBINATIONS, world } from './world';

const adviceOf = (props: Parameters<typeof world>[0] = {}) => adviceAt(world(props).daemon)[0];
const seen = (props: Parameters<typeof world>[0]) => adviceOf(props).symptoms!.map((symptom) => symptom.seen);

test.each(COMBINATIONS.filter(({ mode }) => mode.isRootless))(
  'commands go into the workload that $name is',
  ({ mode, storage, topology, tls }) => {
    const made = world({ mode, storage, topology, tls });
    const workload = made.find('StatefulSet') ?? made.find('Deployment');
    const commands = adviceAt(made.daemon)[0]
      .checks!.flatMap((check) => check.commands!.map(String))
      .filter((command) => command.includes(' exec '));
    expect(commands.length).toBeGreaterThan(1);
    const { name, namespace } = workload.metadata;
    commands.forEach((command) =>
      expect(command).toContain(
        `kubectl --namespace ${namespace ?? 'ci'} exec ${workload.kind.toLowerCase()}/${name} --container ${made.pod.containers[0].name} -- `,
      ),
    );
  },
);

test('a push is tried from where it comes: out of the daemon, at the push endpoint', () => {
  expect(
    adviceOf()
      .checks!.flatMap(({ commands }) => commands!.map(String))
      .filter((command) => command.includes('/v2/'))[0],
  ).toMatch(/exec .* -- wget -O \/dev\/null http:\/\/gitea-http\.gitea\.svc\.cluster\.local:3000\/v2\/$/);
});

test('node settings are a symptom of rootless daemons, network policies of those without TLS', () => {
  const isAboutNodes = (text: string) => text.includes('newuidmap');
  expect(seen({ mode: BuildkitMode.rootless() }).some(isAboutNodes)).toBe(true);
  expect(seen({ mode: BuildkitMode.privileged() }).some(isAboutNodes)).toBe(false);
  expect(JSON.stringify(adviceOf({ tls: BuildkitTls.none() }).symptoms)).toContain('networkpolicy buildkitd"');
  expect(JSON.stringify(adviceOf({ tls: BuildkitTls.certManager() }).symptoms)).not.toContain(
    'networkpolicy buildkitd"',
  );
});
