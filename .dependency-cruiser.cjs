// The modules of docs/ARCHITECTURE.md, as rules. `npm run lint` runs them over lib/, type imports counted.

/** A module may import the modules on its right, and the modules that those may import. */
const modules = {
  support: [],
  kube: ['support'],
  secret: ['kube'],
  trust: ['secret'],
  forge: ['trust'],
  registry: ['forge'],
  output: ['support'],
  buildkit: ['registry'],
  runner: ['registry', 'buildkit'],
  workflow: ['forge', 'output'],
  recipe: ['workflow', 'registry', 'buildkit'],
  flux: ['registry', 'output'],
  pipeline: ['runner', 'recipe', 'flux'],
  host: ['registry', 'runner', 'pipeline'],
  model: ['pipeline'],
  rules: ['host', 'model'],
  app: ['rules'],
  cli: ['app'],
};

/**
 * Inside a large module, a directory may import the directories on its right, and no others; nothing is inherited.
 * Files directly in the module, beside its `index.ts`, are shared by all of its directories.
 */
const directories = {
  forge: {
    product: [],
  },
  runner: {
    blueprint: [],
    config: [],
    registration: ['blueprint'],
    scaling: ['registration'],
    program: ['blueprint', 'config', 'registration', 'scaling'],
    executor: ['blueprint', 'config', 'program'],
    pod: ['blueprint', 'program', 'scaling'],
    cache: ['blueprint', 'config', 'pod', 'program'],
    docker: ['blueprint', 'executor', 'pod'],
    advice: ['blueprint', 'config', 'executor', 'program', 'registration', 'scaling'],
    github: ['advice', 'blueprint', 'executor', 'pod', 'program', 'registration', 'scaling'],
  },
  workflow: {
    expression: [],
    trigger: ['expression'],
    action: ['expression'],
    check: ['expression', 'trigger', 'action'],
    render: ['expression', 'trigger', 'check'],
  },
  flux: {
    base: [],
    pattern: [],
    semver: [],
    source: ['base', 'pattern', 'semver'],
    notify: ['base', 'pattern', 'source'],
    image: ['base', 'pattern', 'semver', 'source'],
    release: ['base', 'semver', 'source'],
    adopt: ['image'],
    cluster: ['adopt', 'base', 'image', 'notify', 'source'],
  },
  cli: {
    run: [],
    forge: ['run'],
    secret: ['forge', 'run'],
    bootstrap: ['forge', 'run', 'secret'],
    'deliver-api': ['forge', 'run'],
    diff: ['run'],
    webhooks: ['forge', 'run', 'secret'],
  },
};

const reach = (module) => [...new Set(modules[module].flatMap((next) => [next, ...reach(next)]))];
const any = (names) => (names.length > 0 ? `(?:${names.join('|')})` : '(?!)');
const list = (names) => (names.length > 0 ? names.join(', ') : 'no other');

const betweenModules = Object.keys(modules).map((module) => ({
  name: `module-${module}`,
  comment:
    `lib/${module} may import ${list(reach(module))}. ` +
    'Code that needs both sides belongs in a module that may import both.',
  severity: 'error',
  from: { path: `^lib/${module}/` },
  to: { path: '^lib/', pathNot: `^lib/${any([module, ...reach(module)])}/` },
}));

const betweenDirectories = Object.entries(directories).flatMap(([module, inside]) =>
  Object.entries(inside).map(([directory, allowed]) => ({
    name: `directory-${module}-${directory}`,
    comment: `lib/${module}/${directory} may import ${list(allowed)} of the directories beside it.`,
    severity: 'error',
    from: { path: `^lib/${module}/${directory}/` },
    to: {
      path: `^lib/${module}/${any(Object.keys(inside).filter((name) => name !== directory && !allowed.includes(name)))}/`,
    },
  })),
);

const largeModules = any(Object.keys(directories));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Name what is needed as a small interface, or move the function to the class that calls it.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true },
    },
    {
      name: 'door',
      comment: "A module is entered through its door: import '../<module>', and export from that index.ts.",
      severity: 'error',
      from: { path: '^lib/([^/]+)/' },
      to: { path: '^lib/[^/]+/', pathNot: ['^lib/$1/', '^lib/[^/]+/index\\.ts$'] },
    },
    {
      name: 'unknown-module',
      comment: 'A new module gets its arrows in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(?:index\\.ts$|${any(Object.keys(modules))}/)` },
      to: {},
    },
    {
      name: 'unknown-directory',
      comment: 'A new directory of a large module gets its arrows in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: `^lib/(${largeModules})/[^/]+/` },
      to: {
        path: '^lib/$1/[^/]+/',
        pathNot: Object.entries(directories).map(([module, inside]) => `^lib/${module}/${any(Object.keys(inside))}/`),
      },
    },
    {
      name: 'library-stands-alone',
      comment: 'The library imports no test, example, script, and no development dependency.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(?:test|examples|scripts|bench|conformance)/|^main\\.ts$' },
    },
    ...betweenModules,
    ...betweenDirectories,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', '^imports/'] },
    exclude: { path: ['^imports/', 'node_modules'] },
  },
};
