import { apiCommand, Forge, runsCheck } from '../../lib/forge';

const url = 'https://git.example.com/forge';
const commands = (forge: Forge) => runsCheck(forge.repository('platform/hello')).commands?.map(String);

test('runs are listed where the version lists them; before, there is the page', () => {
  const api = [
    `curl --silent --show-error --header @"$HEADER" '${url}/api/v1/repos/platform/hello/actions/runs?limit=5'`,
  ];
  expect(commands(Forge.gitea({ version: '1.25', url }))).toEqual(api);
  expect(commands(Forge.forgejo({ version: '12.0', url }))).toEqual(api);
  expect(commands(Forge.gitea({ version: '1.24', url }))).toBeUndefined();
  expect(commands(Forge.forgejo({ version: '11.0', url }))).toBeUndefined();
  expect(runsCheck(Forge.gitea({ version: '1.24', url }).repository('platform/hello')).good).toBe(
    `a green tick at <${url}/platform/hello/actions>`,
  );
});

test("GitHub's are listed by its own program, also on a server of one's own", () => {
  expect(commands(Forge.github())).toEqual(['gh run list --repo github.com/platform/hello --limit 5']);
  expect(commands(Forge.github({ url: 'https://github.example.com' }))).toEqual([
    'gh run list --repo github.example.com/platform/hello --limit 5',
  ]);
});

test('a URL that the shell would read otherwise is quoted', () => {
  expect(apiCommand(Forge.gitea({ version: '1.26', url: 'https://git.example.com/$(id)' }), 'version').text).toContain(
    " 'https://git.example.com/$(id)/api/v1/version'",
  );
});
