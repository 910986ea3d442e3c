export * from './actions-secret';
export * from './forge';
export * from './known-hosts';
export * from './product-facts';
export * from './product-version';
export * from './repository';
export * from './server-settings';
export * from './ssh-endpoint';
