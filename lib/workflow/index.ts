export * from './expression';
export * from './step';
export * from './workflow';
