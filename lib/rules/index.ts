export * from './check';
export * from './open-registration';
export * from './versions';
