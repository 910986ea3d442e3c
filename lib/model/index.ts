export * from './by-path';
export * from './image-uses';
export * from './manifests';
export * from './model';
export * from './pods';
export * from './said-advice';
export * from './validation';
import './door';
