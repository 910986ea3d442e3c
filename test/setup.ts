import * as fc from 'fast-check';

// One commit, one verdict: generated cases are the same in every run. `FC_SEED=… npm test` looks at others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
