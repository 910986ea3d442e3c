/** The seed of a property that fixes one of its own; `FC_SEED=… npm test` looks at other cases. */
export const seedOf = (seed: number): number => Number(process.env.FC_SEED ?? seed);
