import { Model } from '../model';
import { needsRestart } from '../secret';
import { TokenRequest } from '../support';

/** Returns what a program needs to know to create each secret. There is no value. */
export function secretEntries(model: Model): object[] {
  const mints = new Map(
    model.advice
      .flatMap(({ byHand = [] }) => byHand)
      .flatMap(({ creates, mint }): [string, TokenRequest][] =>
        creates && mint ? [[`${creates.namespace}/${creates.name}`, mint]] : [],
      ),
  );
  return model.secrets.map((secret) => {
    const {
      cluster,
      namespace,
      secretName,
      type,
      keys,
      home,
      origin,
      tokenScope,
      forgeUrl,
      registryHosts = [],
    } = secret;
    const mint = mints.get(`${namespace}/${secretName}`);
    return {
      ...(cluster === undefined ? {} : { cluster }),
      ...(namespace === undefined ? {} : { namespace }),
      name: secretName,
      type,
      keys: [...keys].sort(),
      home: home ?? 'kubernetes',
      origin: origin ?? 'created by hand',
      ...(tokenScope === undefined ? {} : { tokenScope }),
      ...(forgeUrl === undefined ? {} : { forge: forgeUrl }),
      ...(registryHosts.length === 0 ? {} : { hosts: [...registryHosts].sort() }),
      ...(mint === undefined ? {} : { mint }),
      purpose: secret.purpose,
      rotation: secret.rotation,
      ...(needsRestart(secret) ? { restart: true } : {}),
    };
  });
}
