export * from './image-pipeline';
export * from './gitops-workflow';
import './door';
