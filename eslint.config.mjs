import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// The house of docs/ARCHITECTURE.md: a room may import the rooms on its right (and what lies behind them), and nothing else.
const arrows = {
  support: [],
  kube: ['support'],
  secret: ['kube'],
  trust: ['secret'],
  forge: ['trust'],
  registry: ['forge'],
  buildkit: ['registry'],
  runner: ['registry', 'buildkit'],
  workflow: ['forge', 'output'],
  recipe: ['workflow', 'registry', 'buildkit'],
  output: ['support'],
  flux: ['registry', 'output'],
  pipeline: ['runner', 'recipe', 'flux'],
  host: ['registry', 'runner', 'pipeline'],
  rules: ['host', 'pipeline'],
  app: ['rules', 'flux', 'output'],
};

const reach = (room) => [...new Set(arrows[room].flatMap((next) => [next, ...reach(next)]))];

const zones = Object.keys(arrows).map((room) => {
  const allowed = reach(room);
  return {
    target: `./lib/${room}`,
    from: './lib',
    except: [`./${room}`, ...allowed.map((r) => `./${r}`)],
    message: `lib/${room} may import ${allowed.length ? allowed.map((r) => `lib/${r}`).join(', ') : 'no other room'}. Code that needs both sides belongs in a room that may import both: docs/ARCHITECTURE.md, "The house".`,
  };
});

export default tseslint.config(
  { ignores: ['build/**', 'pkg/**', 'imports/**', 'node_modules/**', 'dist/**', '**/*.js', 'conformance/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'max-params': ['error', 3],
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 14],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${Object.keys(arrows).join('|')})/.+`,
              message:
                "a room is entered through its door: import from '../<room>', and export from that room's index.ts what others may use.",
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'rendering is pure: no random',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'rendering is pure: no clock' },
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message: 'rendering is pure: no clock',
        },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'rendering is pure: no environment',
        },
      ],
    },
  },
  { files: ['bench/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-console': 'off' } },
);
