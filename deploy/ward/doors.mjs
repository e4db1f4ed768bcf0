// Who is there, by certificate: shared by the upload server and the gate of the media server.
// A node's certificate is of the nodes' authority, one of the ward's own people of the staff's.
import { constants, X509Certificate } from 'node:crypto'
import { readFileSync, watchFile } from 'node:fs'
import { createInterface } from 'node:readline'

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
const STAFF = /^ward\.[a-z0-9-]{1,40}$/
const LOOK_MS = 2000

export function tlsOptions(tls) {
  const both = (one, other) => [one, other].filter(Boolean).map((file) => readFileSync(file))
  return {
    minVersion: 'TLSv1.2',
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    ca: both(tls.ca, tls.staff),
    crl: tls.crl ? both(tls.crl, tls.staffCrl) : undefined,
    requestCert: tls.requireClient,
    rejectUnauthorized: tls.requireClient,
    // A ticket would let somebody whose certificate was revoked come in once more without being looked at.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}

// Certificates and lists are read again when one changes; then everybody has to show their certificate anew.
export function readAgain(server, tls, dropAll) {
  for (const file of [tls.cert, tls.ca, tls.crl, tls.staff, tls.staffCrl].filter(Boolean)) {
    watchFile(file, { interval: LOOK_MS, persistent: false }, () => {
      try {
        server.setSecureContext(tlsOptions(tls))
      } catch (error) {
        console.error(`kept the certificates as they were: ${error.message}`)
        return
      }
      dropAll()
    })
  }
}

export function authorities(tls) {
  return tls.staff ? new X509Certificate(readFileSync(tls.staff)) : undefined
}

// {name, staff} or undefined. Only for a socket that TLS has accepted.
export function whoIs(socket, staff) {
  const shown = socket.getPeerCertificate()
  const name = shown?.subject?.CN
  if (!socket.authorized || typeof name !== 'string' || !shown.raw) return undefined
  const ofStaff = Boolean(staff) && new X509Certificate(shown.raw).verify(staff.publicKey)
  return (ofStaff ? STAFF : NAME).test(name) ? { name, staff: ofStaff } : undefined
}

// Settings come as a file's name (a service) or as one line on stdin; with stdin the parent's end is ours too.
export function settings(start) {
  const file = process.argv[2]
  if (file) {
    start(JSON.parse(readFileSync(file)))
    process.on('SIGTERM', () => process.exit(0))
    return
  }
  const lines = createInterface({ input: process.stdin })
  lines.once('line', (line) => start(JSON.parse(line)))
  lines.on('close', () => process.exit(0))
}

// Prints "port N" when it listens; ends the program when it cannot.
export function listen(server, host, port) {
  server.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  server.listen({ host: host ?? '127.0.0.1', port }, () => console.log(`port ${server.address().port}`))
}
