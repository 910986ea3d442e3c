import { Duration } from 'cdk8s';
import { Forge } from '../../../lib/forge';
import {
  Executor,
  RegistrationTokenJob,
  Registration,
  RunnerLabel,
  RunnerProps,
  RunnerScope,
  Scaling,
  TokenMint,
} from '../../../lib/runner';
import { SecretSource, SecretStore } from '../../../lib/secret';
import { Advice, adviceAt, Command } from '../../../lib/support';
import { CaBundle, Trust } from '../../../lib/trust';
import { runBash } from '../../support/bash';
import { chart, runner, UUID } from '../fixture';

const url = 'https://git.example.com';
const gitea = (version: string) =>
  Forge.gitea({ version, url, internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000' });

/** What a runner tells the operator. */
function adviceOf(props: Partial<RunnerProps> = {}): Required<Pick<Advice, 'checks' | 'symptoms' | 'byHand'>> {
  const all = adviceAt(runner({ forge: gitea('1.26'), ...props }));
  return {
    checks: all.flatMap(({ checks = [] }) => checks),
    symptoms: all.flatMap(({ symptoms = [] }) => symptoms),
    byHand: all.flatMap(({ byHand = [] }) => byHand),
  };
}

const seenBy = (props: Partial<RunnerProps>) =>
  adviceOf(props).checks.find(({ title }) => title === 'The runner is online')!;
const symptom = (props: Partial<RunnerProps>, seen: string) =>
  adviceOf(props).symptoms.find((one) => one.seen.includes(seen));

describe('asks the forge', () => {
  test.each([
    [RunnerScope.instance(), 'admin', 'read:admin', '-/admin/actions/runners'],
    [RunnerScope.organization('homelab'), 'orgs/homelab', 'read:organization', 'org/homelab/settings/actions/runners'],
    [RunnerScope.user('anna'), 'user', 'read:user', 'user/settings/actions/runners'],
    [
      RunnerScope.repository(gitea('1.26').repository('homelab/hello')),
      'repos/homelab/hello',
      'read:repository',
      'homelab/hello/settings/actions/runners',
    ],
  ])('for the runners of scope %#, at the URL of that scope', (given, path, token, page) => {
    const forge = gitea('1.26');
    const scope = given;
    const check = seenBy({ forge, scope });
    expect(check.commands!.map(String)).toEqual([
      `curl --silent --show-error --header @"$HEADER" ${url}/api/v1/${path}/actions/runners`,
    ]);
    expect(check.token).toEqual({ page: `${url}/user/settings/applications`, scope: token });
    expect(check.good).toBe(`\`runner-0\`, with \`runner\`, \`"status":"online"\`; also at <${url}/${page}>`);
  });

  test('only where it answers: Gitea from 1.24 on, Forgejo from 15 on; before, there is the page', () => {
    expect(seenBy({ forge: gitea('1.24') }).commands).toHaveLength(1);
    expect(seenBy({ forge: gitea('1.23') })).toEqual({
      about: 'Runner `runner`',
      title: 'The runner is online',
      good: `\`runner-0\`, online at <${url}/-/admin/actions/runners>`,
    });
    const forgejo = (version: string): Partial<RunnerProps> => ({
      forge: Forge.forgejo({ version, url }),
      registration: Registration.connection(UUID, SecretSource.existing('runner-token')),
    });
    expect(seenBy(forgejo('15.0')).good).toContain(`UUID \`${UUID}\`, \`"status":"idle"\``);
    expect(seenBy(forgejo('14.0')).commands).toBeUndefined();
  });

  test('with the certificates of its private authority, from the namespace that has them', () => {
    const forge = Forge.gitea({
      version: '1.26',
      url,
      trust: Trust.privateCa(CaBundle.fromSecret('home-ca', 'root.pem')),
    });
    const { commands, token } = seenBy({ forge });
    expect(commands![0].text).toContain('--cacert "$CA"');
    expect(token!.authority).toEqual({
      name: 'home-ca',
      print: Command.ofText(
        'kubectl --namespace ci get secret home-ca --output \'go-template={{index .data "root.pem" | base64decode}}\'',
      ),
    });
  });

  test('for every replica by its name', () => {
    expect(seenBy({ scaling: Scaling.fixed(3) }).good).toContain('`runner-0` to `runner-2`');
  });
});

describe('says where the registration token comes from', () => {
  test('the page of the scope, the API, and how it gets into the Secret without being shown', () => {
    const [page, api] = adviceOf({ scope: RunnerScope.organization('homelab') }).byHand;
    expect(page.text).toContain(`<${url}/org/homelab/settings/actions/runners>`);
    expect(api.commands![0].text.split(' | ')[0]).toBe(
      `curl --silent --show-error --request POST --header @"$HEADER" ${url}/api/v1/orgs/homelab/actions/runners/registration-token`,
    );
    expect(api.token!.scope).toBe('write:organization');
    const store = / \| kubectl --namespace ci create secret generic runner-token --from-file token=\/dev\/stdin/;
    [page, api].forEach(({ commands }) => {
      expect(commands).toHaveLength(1);
      expect(commands![0].text).toMatch(store);
    });
  });

  test.each(['{"token":"registration-token-of-a-test"}', '{"token": "registration-token-of-a-test"}\n'])(
    'what arrives in the Secret is the token of %s, and nothing else',
    (answer) => {
      const { byHand } = adviceOf();
      const script = [
        'HEADER=x',
        'curl() { printf %s "$ANSWER"; }',
        'kubectl() { cat; }',
        byHand[1].commands![0].text,
      ].join('\n');
      expect(runBash(script, { env: { ANSWER: answer } }).stdout.trim()).toBe('registration-token-of-a-test');
    },
  );

  test('before Gitea 1.24, the page alone', () => {
    const { byHand } = adviceOf({ forge: gitea('1.23') });
    expect(byHand).toHaveLength(1);
    expect(byHand[0].commands!.join()).not.toContain('curl');
  });

  test('nothing is to be copied if a Job fetches it; then the Job says what to do about a wrong one', () => {
    const scope = RunnerScope.instance();
    const token = new RegistrationTokenJob(chart(), 'token', {
      forge: gitea('1.26'),
      scope,
      mint: TokenMint.api(SecretSource.existing('admin-token')),
    });
    const { byHand, symptoms } = adviceOf({ registration: Registration.token(token.secret) });
    expect(byHand).toEqual([]);
    expect(symptoms.filter(({ seen }) => seen.includes('registration token'))).toEqual([]);
    expect(adviceAt(token)[0].symptoms![0].fix).toContain(
      '`kubectl --namespace ci delete jobs --selector app.kubernetes.io/name=registration-token,app.kubernetes.io/instance=token`',
    );
  });

  test('where the Secret is made elsewhere, that is named instead of a command', () => {
    const token = SecretSource.externalSecret('runner-token', {
      store: SecretStore.cluster('vault'),
      keys: { token: { key: 'ci/runner' } },
    });
    const { byHand } = adviceOf({ registration: Registration.token(token) });
    expect(byHand[0].text).toContain('ExternalSecret from ClusterSecretStore vault');
    expect(JSON.stringify(byHand)).not.toContain('kubectl');
  });
});

describe('names symptoms that fit', () => {
  test('a runner without Docker says so; one with a daemon says where its log is', () => {
    expect(symptom({}, 'Docker daemon')!.cause).toContain('has no Docker daemon, by design');
    const docker: Partial<RunnerProps> = {
      labels: [RunnerLabel.docker('ubuntu-latest', 'node:22')],
      executor: Executor.docker(),
    };
    expect(symptom(docker, 'Docker daemon')!.look!.map(String)).toEqual([
      'kubectl --namespace ci logs statefulset/runner --container docker --tail 50',
    ]);
    const full = symptom(docker, 'no space left')!;
    expect(full.look!.map(String)).toEqual([expect.stringContaining('--container docker -- docker system df')]);
    expect(full.fix).toContain('--container docker -- docker system prune');
    expect(symptom({}, 'no space left')).toBeUndefined();
  });

  test('the misleading message of Gitea up to 1.25 only there', () => {
    expect(symptom({ forge: gitea('1.25') }, 'No matching online runner')!.seen).toContain('without dependencies');
    expect(symptom({ forge: gitea('1.26') }, 'No matching online runner')!.seen).not.toContain('without dependencies');
  });

  test('an unknown authority only if there is a private one', () => {
    expect(symptom({}, 'x509')).toBeUndefined();
    expect(
      symptom(
        { forge: Forge.gitea({ version: '1.26', url, trust: Trust.privateCa(CaBundle.fromConfigMap('ca')) }) },
        'x509',
      )!.cause,
    ).toContain(`<${url}>`);
  });

  test('an ephemeral runner has KEDA to look at, and no pod to go into', () => {
    const ephemeral: Partial<RunnerProps> = {
      scaling: Scaling.perJob({
        max: 2,
        apiToken: SecretSource.existing('jobs'),
        pollingInterval: Duration.seconds(15),
      }),
    };
    expect(symptom(ephemeral, 'no pod starts')!.look!.map(String)).toEqual([
      'kubectl --namespace ci describe scaledjob runner',
    ]);
    expect(symptom(ephemeral, 'no longer registered')).toBeUndefined();
    expect(JSON.stringify(adviceOf(ephemeral))).not.toContain('statefulset');
  });

  test('a runner of Forgejo is not told to register', () => {
    const forgejo: Partial<RunnerProps> = {
      forge: Forge.forgejo({ version: '15.0', url }),
      registration: Registration.connection(UUID, SecretSource.existing('runner-token')),
    };
    expect(symptom(forgejo, 'registration token')).toBeUndefined();
    expect(symptom(forgejo, 'unauthenticated')!.fix).toContain('Create the runner again');
    expect(adviceOf(forgejo).byHand[0].text).toContain(UUID);
  });
});
