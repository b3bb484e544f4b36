// A workload written with @grpc/grpc-js, as any Node program would be. Each command prints one JSON object per line.
// node client.mjs PROTOS COMMAND SOCKET ...
import { X509Certificate, createPrivateKey } from 'node:crypto';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const [protos, command, socket, ...rest] = process.argv.slice(2);
const load = file => grpc.loadPackageDefinition(loader.loadSync(`${protos}/${file}`, { keepCase: true, longs: String, enums: String }));
const say = object => console.log(JSON.stringify(object));
const header = new grpc.Metadata();
header.set('workload.spiffe.io', 'true');
const api = new (load('workload.proto').SpiffeWorkloadAPI)(`unix:${socket}`, grpc.credentials.createInsecure());

const first = stream => new Promise((resolve, reject) => {
  stream.once('data', message => { resolve(message); stream.cancel(); });
  stream.on('error', reject);
});
const unary = (method, request) => new Promise((resolve, reject) =>
  api[method](request, header, (error, response) => error ? reject(error) : resolve(response)));

// DER certificates one after the other, as PEM
function pem(der) {
  const blocks = [];
  while (der.length > 0) {
    const long = der[1] & 0x7f;
    const length = der[1] < 0x80 ? der[1] + 2 : der.readUIntBE(2, long) + 2 + long;
    blocks.push(new X509Certificate(der.subarray(0, length)).toString());
    der = der.subarray(length);
  }
  return Buffer.from(blocks.join(''));
}

async function identity() {
  const svid = (await first(api.FetchX509SVID({}, header))).svids[0];
  const key = createPrivateKey({ key: svid.x509_svid_key, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
  return { chain: pem(svid.x509_svid), key: Buffer.from(key), bundle: pem(svid.bundle), id: svid.spiffe_id };
}

const idOf = certificate => certificate.subjectaltname.split(', ').filter(n => n.startsWith('URI:')).map(n => n.slice(4)).join();
const echo = {
  Peer: {
    path: '/Echo/Peer', requestStream: false, responseStream: false,
    requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b,
  },
};

const commands = {
  async fetch() {
    const x509 = await first(api.FetchX509SVID({}, header));
    say({ x509: x509.svids.map(s => s.spiffe_id), hints: x509.svids.map(s => s.hint ?? '') });
    const jwt = await unary('FetchJWTSVID', { audience: ['reports'] });
    const verdict = await unary('ValidateJWTSVID', { audience: 'reports', svid: jwt.svids[0].svid });
    say({ jwt: verdict.spiffe_id });
    const bundles = await first(api.FetchJWTBundles({}, header));
    say({ keys: Object.keys(bundles.bundles), uses: JSON.parse(Object.values(bundles.bundles)[0]).keys.map(k => k.use) });
    const refused = await unary('FetchJWTSVID', { audience: [] }).catch(e => e.code);
    say({ noAudience: grpc.status[refused] });
  },

  // The authority that gRPC for Java and for Python send on a unix socket.
  async authority(name) {
    const client = new (load('workload.proto').SpiffeWorkloadAPI)(`unix:${socket}`, grpc.credentials.createInsecure(), { 'grpc.default_authority': name });
    const once = () => first(client.FetchX509SVID({}, header));
    const answers = await Promise.all([once(), once(), once()]);
    say({ ids: answers.map(a => a.svids[0].spiffe_id) });
  },

  async watch() {
    const stream = api.FetchX509SVID({}, header);
    stream.on('data', m => say({ serial: new X509Certificate(m.svids[0].x509_svid).serialNumber.toLowerCase() }));
    stream.on('error', e => say({ problem: grpc.status[e.code] }));
    await new Promise(resolve => process.stdin.resume().on('end', resolve));
    stream.cancel();
  },

  async sds() {
    const envoy = load('sds.proto').envoy.service.secret.v3;
    const sds = new envoy.SecretDiscoveryService(`unix:${socket}`, grpc.credentials.createInsecure());
    const Secret = protobuf.loadSync(`${protos}/sds.proto`).lookupType('envoy.service.secret.v3.Secret');
    function read(any) {
      const item = Secret.toObject(Secret.decode(any.value), { bytes: String });
      const text = data => data ? Buffer.from(data.inlineBytes, 'base64').toString() : undefined;
      const chain = text(item.tlsCertificate?.certificateChain);
      return {
        name: item.name,
        serial: chain && new X509Certificate(chain).serialNumber.toLowerCase(),
        key: text(item.tlsCertificate?.privateKey)?.startsWith('-----BEGIN PRIVATE KEY-----'),
        fits: chain && new X509Certificate(chain).checkPrivateKey(createPrivateKey(text(item.tlsCertificate.privateKey))),
        authority: item.validationContext?.trustedCa && new X509Certificate(text(item.validationContext.trustedCa)).ca,
        validator: item.validationContext?.customValidatorConfig?.name,
      };
    }
    const type_url = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
    const stream = sds.StreamSecrets();
    stream.on('data', m => {
      say({ version: m.version_info, secrets: m.resources.map(read) });
      stream.write({ type_url, version_info: m.version_info, response_nonce: m.nonce, resource_names: ['default', 'ROOTCA'] });
    });
    stream.on('error', e => say({ problem: grpc.status[e.code], details: e.details }));
    stream.write({ type_url, resource_names: ['default', 'ROOTCA'], node: { id: 'sidecar' } });
    const fetch = names => new Promise(resolve => sds.FetchSecrets({ type_url, resource_names: names }, (e, m) => resolve(e ? { problem: grpc.status[e.code] } : { fetched: m.resources.map(read) })));
    for (const names of [[], ['ALL'], ['spiffe://castellan.local/ns/default/sa/another']]) say(await fetch(names));
    await new Promise(resolve => process.stdin.resume().on('end', resolve));
    stream.cancel();
  },

  async call(target, peer) {
    const { chain, key, bundle } = await identity();
    const credentials = grpc.credentials.createSsl(bundle, key, chain, {
      checkServerIdentity: (_, certificate) => idOf(certificate) === peer ? undefined : new Error(`the server is ${idOf(certificate)}`),
    });
    const client = new (grpc.makeGenericClientConstructor(echo, 'Echo'))(target, credentials);
    await new Promise((resolve, reject) => client.Peer(Buffer.alloc(0), (e, answer) => e ? reject(e) : resolve(say({ answer: answer.toString('utf8').slice(2) }))));
  },

  async serve(peer) {
    const { chain, key, bundle } = await identity();
    const server = new grpc.Server();
    server.addService(echo, {
      Peer: (call, done) => {
        const id = idOf(call.getAuthContext().sslPeerCertificate);
        if (id !== peer) return done({ code: grpc.status.PERMISSION_DENIED, details: id });
        const text = Buffer.from(`hello ${id}`);
        done(null, Buffer.concat([Buffer.from([0x0a, text.length]), text])); // field 1, a string
      },
    });
    const credentials = grpc.ServerCredentials.createSsl(bundle, [{ private_key: key, cert_chain: chain }], true);
    const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', credentials, (e, p) => e ? reject(e) : resolve(p)));
    say({ port });
    await new Promise(resolve => process.stdin.resume().on('end', resolve));
    server.forceShutdown();
  },
};

try {
  await commands[command](...rest);
  process.exit(0);
} catch (e) {
  console.error(e.stack ?? e);
  process.exit(1);
}
