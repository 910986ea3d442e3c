export * from './advice';
export * from './forge-error';
export * from './hash';
export * from './lazily';
export * from './names';
export * from './part';
export * from './script-text';
export * from './text';
