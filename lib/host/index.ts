export * from './build/host-build';
export * from './build/host-build-props';
export * from './profile/host-profile';
export * from './runner/host-runner';
export * from './runner/host-runner-props';
import './door';
