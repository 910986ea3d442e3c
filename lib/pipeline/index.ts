export * from './image-pipeline';
