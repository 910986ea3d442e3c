import { parse } from 'yaml';
import { Notify, NotifyOn, NotifyOptions } from '../../lib/recipe';
import { Expression } from '../../lib/workflow';
import { Answers, ForgeServer } from '../support/forge-server';
import { runScript } from '../support/play-workflow';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { rendered } from '../workflow/render';

/** What a notification reports, of which result, and what it asks the forge for the run before. */
const TOKEN = 'job-token-51aa';
const stepOf = (options: NotifyOptions) =>
  parse(rendered({ steps: [Notify.webhook(Expression.secret('URL'), options)] })).jobs.build.steps[0];

interface Case {
  readonly on: NotifyOn[];
  readonly result?: string;
  readonly api?: string;
  readonly attempt?: number;
  readonly answers?: Answers;
  readonly token?: string;
}

/** Runs the step as run 20 on main; returns what was sent, and the log. */
async function run({
  on,
  result = 'success',
  api = '/api/v1/repos/platform/hello',
  attempt = 1,
  answers = {},
  token = TOKEN,
}: Case) {
  const server = await ForgeServer.start(TOKEN, { 'POST /hook': [200, '{}'], ...answers });
  try {
    const step = stepOf({ on });
    const ran = await runScript(step.run, {
      cwd: temporaryFolder(),
      commands: {},
      paths: [],
      env: {
        ...step.env,
        URL: `${server.url}/hook`,
        TOKEN: '',
        TITLE: 'hello',
        STATUS: result,
        DETAIL: 'main 1f2e',
        LINK: '',
        API: `${server.url}${api}`,
        FORGE_TOKEN: token,
        RUN_ID: '77',
        RUN_NUMBER: '20',
        RUN_ATTEMPT: `${attempt}`,
      },
    });
    const sent = server.asked.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body));
    const asked = server.asked.filter(({ method }) => method === 'GET');
    expect([ran.status, ran.log.includes(TOKEN)]).toEqual([0, false]);
    expect(asked.filter(({ headers }) => headers.authorization !== `token ${token}`)).toEqual([]);
    return { sent, log: ran.log, asked: asked.map(({ path }) => path) };
  } finally {
    server.stop();
  }
}

/** A row of Gitea's list: run, job, status, and what differs from a run of ci.yml on main. */
type Row = [number, string, string, object?];
const tasks = (rows: Row[]): Answers => {
  const list = [[20, 'notify', 'running'] as Row, ...rows].map(([run_number, name, status, other], i) => ({
    ...{ id: 1000 - i, run_number, name, status, workflow_id: 'ci.yml', head_branch: 'main' },
    ...other,
  }));
  // A row that moves to the next page in between is there twice.
  const pages = [list, list.slice(-1), [], []];
  return Object.fromEntries(
    pages.map((page, i) => [
      `GET /api/v1/repos/platform/hello/actions/tasks?limit=50&page=${i + 1}`,
      [200, JSON.stringify({ workflow_runs: page })],
    ]),
  );
};
const github = (runs: [number, string | null][], attempt?: string): Answers => ({
  'GET /actions/runs/77': [200, '{"workflow_id": 5, "head_branch": "feat/a b", "run_number": 20}'],
  'GET /actions/runs/77/attempts/1': [200, JSON.stringify({ conclusion: attempt })],
  'GET /actions/workflows/5/runs?per_page=50&branch=feat%2Fa%20b': [
    200,
    JSON.stringify({ workflow_runs: runs.map(([run_number, conclusion]) => ({ run_number, conclusion })) }),
  ],
});
const { SUCCESS, FAILURE, CANCELLED, RECOVERED } = NotifyOn;

test.each<[NotifyOn[], string, string[]]>([
  [[SUCCESS], 'success', ['success: main 1f2e']],
  [[SUCCESS], 'failure', []],
  [[FAILURE], 'success', []],
  [[FAILURE], 'failure', ['failure: main 1f2e']],
  [[FAILURE], 'cancelled', []],
  [[FAILURE, CANCELLED], 'cancelled', ['cancelled: main 1f2e']],
  [[FAILURE, RECOVERED], 'failure', ['failure: main 1f2e']],
])('on %s, a run that ended with %s sends %s, and asks for no other run', async (on, result, messages) => {
  const { sent, asked } = await run({ on, result });
  expect([sent.map(({ message }) => message), asked]).toEqual([messages, []]);
});

test.each<[string, Row[], boolean, number?]>([
  [
    'the run before failed',
    [
      [19, 'a', 'failure'],
      [19, 'b', 'success'],
      [18, 'a', 'success'],
    ],
    true,
  ],
  [
    'the run before succeeded',
    [
      [19, 'a', 'success'],
      [18, 'a', 'failure'],
    ],
    false,
  ],
  ['there is no run before', [], false],
  [
    'the run before was cancelled, the one before that failed',
    [
      [19, 'a', 'cancelled'],
      [18, 'a', 'failure'],
    ],
    true,
  ],
  [
    'the run before is not finished',
    [
      [19, 'a', 'running'],
      [18, 'a', 'failure'],
    ],
    true,
  ],
  [
    'the run before failed first, and succeeded when started again',
    [
      [19, 'a', 'success'],
      [19, 'a', 'failure'],
    ],
    false,
  ],
  ['another workflow failed', [[19, 'a', 'failure', { workflow_id: 'lint.yml' }]], false],
  ['another branch failed', [[19, 'a', 'failure', { head_branch: 'wip' }]], false],
  [
    'a later run failed',
    [
      [21, 'a', 'failure'],
      [19, 'a', 'success'],
    ],
    false,
  ],
  [
    'this run failed in its first attempt',
    [
      [20, 'a', 'success'],
      [20, 'a', 'failure'],
      [19, 'a', 'success'],
    ],
    true,
    2,
  ],
  [
    'two jobs of one name in the first attempt',
    [
      [20, 'a', 'success'],
      [20, 'a', 'failure'],
    ],
    false,
    1,
  ],
  ['hostile names', [[19, '$(touch pwned)"\n', 'failure']], true],
])('on Gitea, %s', async (_, rows, recovered, ...[attempt]) => {
  const { sent, log } = await run({ on: [RECOVERED], answers: tasks(rows), attempt });
  expect(sent.map(({ status, message }) => [status, message])).toEqual(
    recovered ? [['recovered', 'recovered: main 1f2e']] : [],
  );
  expect(log).toBe(recovered ? 'notified\n' : 'nothing to notify of: success\n');
});

test.each<[string, Answers, boolean, number?]>([
  [
    'the run before failed',
    github([
      [20, null],
      [19, 'failure'],
      [18, 'success'],
    ]),
    true,
  ],
  ['the run before timed out', github([[19, 'timed_out']]), true],
  [
    'the run before succeeded',
    github([
      [19, 'success'],
      [18, 'failure'],
    ]),
    false,
  ],
  [
    'the run before was cancelled, the one before that failed',
    github([
      [19, 'cancelled'],
      [18, 'failure'],
    ]),
    true,
  ],
  ['there is no run before', github([]), false],
  [
    'a later run failed',
    github([
      [21, 'failure'],
      [19, 'success'],
    ]),
    false,
  ],
  ['the first attempt failed', github([[19, 'success']], 'failure'), true, 2],
  ['the first attempt was cancelled', github([[19, 'success']], 'cancelled'), false, 2],
])('on GitHub, %s', async (_, answers, recovered, ...[attempt]) => {
  const { sent, asked } = await run({ on: [RECOVERED], api: '', answers, attempt });
  expect(sent.map(({ status }) => status)).toEqual(recovered ? ['recovered'] : []);
  expect(asked.some((path) => path.includes('branch=feat%2Fa%20b'))).toBe(attempt !== 2 || !recovered);
});

test.each<[string, Partial<Case>]>([
  ['does not let the token read runs', {}],
  [
    'answers with a page',
    { answers: { 'GET /api/v1/repos/platform/hello/actions/tasks?limit=50&page=1': [200, '<html>'] } },
  ],
  ['gave no token', { token: '' }],
])('a forge that %s is a warning, and a success stays one', async (_, settings) => {
  const quiet = await run({ on: [RECOVERED], ...settings });
  expect([quiet.sent, quiet.log.includes('::warning::the result before is unknown')]).toEqual([[], true]);
  const { sent } = await run({ on: [SUCCESS, RECOVERED], ...settings });
  expect(sent.map(({ status }) => status)).toEqual(['success']);
});

test('a list of no results is refused; without a list, every result is reported as before', () => {
  expect(codesOf(() => stepOf({ on: [] }))).toEqual(['FORGE-RECIPE-011']);
  const [all, some] = [stepOf({}), stepOf({ on: [FAILURE, FAILURE], message: 'broken' })];
  expect([all.env.ON, all.env.MESSAGE]).toEqual([
    undefined,
    '${{ job.status }}: ${{ github.ref_name }} ${{ github.sha }}',
  ]);
  expect([some.env.ON, some.env.MESSAGE, some.env.FORGE_TOKEN]).toEqual(['failure', 'broken', undefined]);
  expect(stepOf({ on: [RECOVERED] }).env.API).toMatch(/\/api\/v1\/repos\/[^/]+\/[^/]+$/);
});
