export * from './executor';
export * from './runner';
export * from './runner-scope';
