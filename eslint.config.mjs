import tseslint from 'typescript-eslint';

// Which module may import which is in .dependency-cruiser.cjs; `npm run lint` runs both.
export default tseslint.config(
  {
    ignores: [
      'build/**',
      'pkg/**',
      'imports/**',
      'node_modules/**',
      'dist/**',
      '**/*.js',
      '**/*.cjs',
      'conformance/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
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
      // A constructor passes all of its arguments on to checkConstruction.
      'prefer-rest-params': 'off',
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
        {
          selector:
            'CallExpression[arguments.length=0][callee.property.name=/^to(Seconds|Minutes|Hours|Days|Mebibytes|Gibibytes|Tebibytes|Pebibytes)$/]',
          message: 'cdk8s throws a plain Error for a fraction: pass { integral: false } or { rounding }, and check',
        },
      ],
    },
  },
  // The command, the printer of uncaught errors and the dry run render nothing and may read the environment.
  { files: ['lib/cli/**/*.ts', 'lib/app/uncaught.ts', 'lib/app/dry-run.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['lib/*/door.ts'], rules: { 'max-lines': 'off' } },
  { files: ['bench/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-console': 'off' } },
);
