/** Inputs of well-known actions that the action treats as data. Every other input counts as code. */
const DATA: Record<string, readonly string[] | 'all'> = {
  'actions/cache': 'all',
  'actions/cache/restore': 'all',
  'actions/cache/save': 'all',
  'actions/checkout': 'all',
  'actions/download-artifact': 'all',
  'actions/setup-dotnet': 'all',
  'actions/setup-go': 'all',
  'actions/setup-java': 'all',
  'actions/setup-node': 'all',
  'actions/setup-python': 'all',
  'actions/upload-artifact': 'all',
  'docker/build-push-action': [
    'annotations',
    'build-args',
    'cache-from',
    'cache-to',
    'labels',
    'no-cache',
    'platforms',
    'pull',
    'push',
    'load',
    'tags',
    'target',
  ],
  'docker/login-action': 'all',
  'docker/metadata-action': 'all',
  'docker/setup-buildx-action': ['name'],
};

/** Names of inputs that actions run as code: text that a step computed is no data there either. */
const CODE =
  /^(?:args|arguments|cmd|code|commands?|custom[_-]payload|entrypoint|expression|eval|inline-?script|(?:pre|post)-(?:args|command|entrypoint)|run|run-?cmd|scripts?|shell|buildspec-override)$/i;

/** Environment variables that a shell, a loader or a tool interprets: their value is code, or says where code is. */
const STEERING = new RegExp(
  `^(?:${[
    'BASH_ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|ENV|IFS|PS4|PROMPT_COMMAND|CDPATH|PATH|SHELL|HOME|TMPDIR',
    'LD_.*|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES|MALLOC_.*',
    'NODE_.*|NPM_CONFIG_.*|YARN_.*|PYTHON.*|PERL5?.*|RUBY.*|GEM_.*|BUNDLE_.*|PHP.*',
    'JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|JAVA_OPTS|MAVEN_.*|GRADLE_.*',
    'GOFLAGS|GOPATH|GOBIN|GOPROXY|CGO_.*|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS|MAKEFLAGS|MFLAGS|CARGO_.*|RUSTC.*|RUSTFLAGS',
    'GIT_.*|SSH_.*|XDG_.*|EDITOR|VISUAL|PAGER|BROWSER|LESSOPEN|LESSCLOSE|TERMINFO',
    'DOCKER_.*|BUILDX_.*|BUILDKIT_.*|KUBECONFIG|CURL_HOME|WGETRC|(?:HTTPS?|ALL|NO)_PROXY',
  ].join('|')})$`,
  'i',
);

/** Returns whether the text of an input is data to the action. Names are compared without case. */
export function isData(fullName: string | undefined, input: string): boolean {
  const name = fullName?.toLowerCase();
  const known = name !== undefined && Object.hasOwn(DATA, name) ? DATA[name] : [];
  return known === 'all' || known.includes(input.toLowerCase());
}

/** Returns whether an action runs the text of an input as code, by the name of the input. */
export function isCode(input: string): boolean {
  return CODE.test(input);
}

/** Returns whether a shell, a loader or a tool interprets an environment variable. */
export function isSteering(name: string): boolean {
  return STEERING.test(name);
}
