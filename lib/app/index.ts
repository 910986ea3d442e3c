export * from './gitops-app';
import './door';
