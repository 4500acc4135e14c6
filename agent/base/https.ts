// node:https and node:tls without their import, as http.ts: whoever needs them loads this file.

const https = process.getBuiltinModule("node:https");
const tls = process.getBuiltinModule("node:tls");

export const HttpsAgent: typeof https.Agent = https.Agent;
export const httpsRequest: typeof https.request = https.request;
export const createSecureContext: typeof tls.createSecureContext = tls.createSecureContext;
export const getCACertificates: typeof tls.getCACertificates = tls.getCACertificates;
export const tlsConnect: typeof tls.connect = tls.connect;
export const checkServerIdentity: typeof tls.checkServerIdentity = tls.checkServerIdentity;
