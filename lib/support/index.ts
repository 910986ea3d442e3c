export * from './forge-error';
export * from './lazily';
export * from './names';
export * from './text';
