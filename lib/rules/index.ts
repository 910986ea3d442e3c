export * from './check';
export * from './image-repositories';
export * from './open-registration';
export * from './versions';
export * from './repositories';
