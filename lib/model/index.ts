export * from './image-uses';
export * from './manifests';
export * from './model';
export * from './pods';
