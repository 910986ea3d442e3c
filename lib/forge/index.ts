export * from './actions-secret';
export * from './forge';
export * from './product-facts';
export * from './product-version';
export * from './repository';
export * from './ssh-endpoint';
