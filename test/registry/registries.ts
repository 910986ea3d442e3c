import * as path from 'node:path';
import { Size } from 'cdk8s';
import { Forge, PublicUrlDetection } from '../../lib/forge';
import { Endpoint, Registry, Zone } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';

export const CA_FILE = path.join(__dirname, '..', 'fixtures', 'trust', 'ca.crt');
const credentials = () => SecretSource.existing('registry-credentials');
const ca = () => CaBundle.fromFile(CA_FILE);
const INTERNAL = 'gitea-http.gitea.svc.cluster.local:3000';

/** A registry of each kind that matters: plain and TLS, one endpoint and three, with and without mirror, realm here and elsewhere. */
export const REGISTRIES: Record<string, () => Registry> = {
  'Gitea 1.26, pushed to over plain HTTP inside, pulled over TLS': () =>
    Registry.gitea(
      Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl: `http://${INTERNAL}` }),
      {
        owner: 'platform',
        pull: Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) }),
        credentials: credentials(),
      },
    ),
  'Gitea 1.25, which sends clients to ROOT_URL': () =>
    Registry.gitea(
      Forge.gitea({ version: '1.25', url: 'https://git.example.com', internalUrl: `http://${INTERNAL}` }),
      { owner: 'platform', credentials: credentials() },
    ),
  'Gitea with a private CA': () =>
    Registry.gitea(
      Forge.gitea({ version: '1.26', url: 'https://git.home.example:8443', trust: Trust.privateCa(ca()) }),
      { owner: 'platform', credentials: credentials() },
    ),
  'Gitea that is told never to look, with a private CA at ROOT_URL alone': () =>
    Registry.gitea(
      Forge.gitea({
        version: '1.26',
        url: 'https://git.home.example',
        internalUrl: `http://${INTERNAL}`,
        trust: Trust.privateCa(ca()),
        publicUrlDetection: PublicUrlDetection.NEVER,
      }),
      { owner: 'platform', pull: Endpoint.http('192.168.1.10:30080') },
    ),
  'ghcr.io': () => Registry.ghcr({ owner: 'example' }),
  'zot at localhost of each node, with a mirror': () =>
    Registry.oci({
      owner: 'apps',
      pull: Endpoint.http('localhost:30080', {
        zones: [Zone.HOST, Zone.NODE],
        mirrors: [
          Endpoint.http('zot.zot.svc.cluster.local:5000'),
          Endpoint.https('zot.home.example', { trust: Trust.privateCa(ca()) }),
        ],
      }),
      push: Endpoint.http('zot.zot.svc.cluster.local:5000'),
    }),
  'Harbor with a scan endpoint and a token server of its own': () =>
    Registry.oci({
      owner: 'team/ci',
      pull: Endpoint.https('harbor.example.com'),
      scan: Endpoint.http('harbor-core.harbor.svc:8080'),
      tokenServer: Endpoint.https('auth.example.com', { trust: Trust.privateCa(CaBundle.fromSecret('auth-ca')) }),
      credentials: credentials(),
    }),
};
