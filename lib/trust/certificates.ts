import { X509Certificate } from 'node:crypto';
import { ForgeError, quoted } from '../support';

const BLOCK = /-----BEGIN ([^\r\n]*?)-----([\s\S]*?)(?:-----END \1-----|$(?![\s\S]))/g;

/**
 * Parses PEM text as a bundle of certificates, and returns it in a format that every consumer accepts. The result
 * contains only the certificates, in sequence.
 *
 * @param text the PEM text
 * @param validOn a date on which all of them must be valid; not checked if left out, because a synth knows no clock
 * @throws FORGE-TRUST-001 if it is not one or more certificates, FORGE-TRUST-002 if it holds a key, FORGE-TRUST-003 if one is not valid then,
 * FORGE-TRUST-008 if the root is missing
 *
 * @jsii ignore
 */
export function certificatesIn(text: string, validOn?: Date): string {
  const blocks = [...text.replace(/\r\n?/g, '\n').matchAll(BLOCK)].map(([whole, label, body]) => ({
    whole,
    label,
    body,
  }));
  const key = blocks.find(({ label }) => label.includes('PRIVATE KEY'));
  if (key) {
    throw ForgeError.of({
      code: 'FORGE-TRUST-002',
      message: 'the CA bundle holds a private key (not shown)',
      allowed: 'certificates only',
      fix: 'take the key out: whoever has it can issue certificates that all your clients trust; give the file that holds CERTIFICATE blocks, often ca.crt',
    });
  }
  if (blocks.length === 0) {
    throw notCertificates('there is no BEGIN CERTIFICATE line in it');
  }
  const certificates = blocks.map((block) => certificateIn(block));
  certificates.forEach((certificate) => checkIssuer(certificate, certificates));
  if (validOn) {
    certificates.forEach((certificate) => checkValidity(certificate, validOn));
  }
  return certificates.map((certificate) => certificate.toString().trim()).join('\n') + '\n';
}

function certificateIn(block: { whole: string; label: string; body: string }): X509Certificate {
  if (block.label !== 'CERTIFICATE') {
    throw notCertificates(`it holds a block ${quoted(block.label)}`);
  }
  if (!block.whole.endsWith('-----END CERTIFICATE-----')) {
    throw notCertificates('a BEGIN line has no END line');
  }
  // Go's pool, which BuildKit, containerd and Flux read this with, passes over a block with headers without a word.
  if (!/^\s*(?:[A-Za-z0-9+/]+\s+)*[A-Za-z0-9+/]+={0,2}\s*$/.test(block.body)) {
    throw notCertificates('a block holds more than base64');
  }
  const certificate = readable(block.whole);
  // What was damaged on its way may still be a certificate to OpenSSL; its own signature gives it away. Go would pass over it.
  if (!certificate || (certificate.subject === certificate.issuer && !isSignedBy(certificate, certificate))) {
    throw notCertificates('a block is no X.509 certificate, or a damaged one');
  }
  return certificate;
}

function readable(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.issuer === authority.subject && certificate.verify(authority.publicKey);
  } catch {
    return false;
  }
}

/**
 * Checks that the issuer of a certificate is in the bundle. Go trusts an intermediate certificate without its root;
 * curl, git and Node.js do not.
 */
function checkIssuer(certificate: X509Certificate, bundle: readonly X509Certificate[]): void {
  if (bundle.some((authority) => isSignedBy(certificate, authority))) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-TRUST-008',
    message: `the certificate of ${quoted(oneLine(certificate.subject))} is signed by ${quoted(oneLine(certificate.issuer))}, whose own is not in the bundle`,
    allowed: 'self-signed certificates, and those that they signed',
    fix: "add the root's certificate to the file",
    symptom: 'SSL certificate problem: unable to get issuer certificate',
  });
}

function oneLine(name: string | undefined): string {
  return (name ?? '').replace(/\n/g, ', ');
}

function checkValidity(certificate: X509Certificate, date: Date): void {
  if (Number.isNaN(date.getTime())) {
    throw ForgeError.of({
      code: 'FORGE-TRUST-003',
      message: 'the date on which the CA must be valid is no date',
      allowed: "a day such as '2027-01-31'",
      fix: 'write year, month and day',
    });
  }
  if (date >= new Date(certificate.validFrom) && date <= new Date(certificate.validTo)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-TRUST-003',
    message: `the certificate of ${quoted(oneLine(certificate.subject))} is valid from ${certificate.validFrom} to ${certificate.validTo}, not on ${date.toISOString().slice(0, 10)}`,
    fix: 'renew the CA, or give the bundle that holds the new one beside the old',
    symptom: 'x509: certificate has expired or is not yet valid',
  });
}

function notCertificates(why: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-TRUST-001',
    message: `the CA bundle is not a list of PEM certificates: ${why}`,
    allowed: 'one or more blocks from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"',
    fix: 'export the CA in PEM form: `openssl x509 -in ca.der -inform der -out ca.crt`',
    symptom: 'x509: certificate signed by unknown authority',
  });
}
