export * from './external-secret';
export * from './inventory';
export * from './inventory-page';
export * from './pass-through';
export * from './sealed-secret';
export * from './secret-need';
export * from './secret-source';
export * from './sops-secret';
import './door';
