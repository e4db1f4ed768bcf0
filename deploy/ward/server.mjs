// The embedded ward's upload server: @tus/server on 127.0.0.1, nothing of its own but the wiring.
// Reads one line of JSON settings from stdin, prints "port N", and ends when stdin closes (its parent is gone).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const lines = createInterface({ input: process.stdin })
lines.once('line', (line) => start(JSON.parse(line)))
lines.on('close', () => process.exit(0))

function start(settings) {
  const datastore = new FileStore({ directory: settings.directory })
  const tus = new Server({
    path: '/files',
    datastore,
    maxSize: settings.maxSize,
    // Behind TLS the library would still write http:// into an absolute address.
    relativeLocation: Boolean(settings.tls),
    namingFunction: (_, metadata) => `${safe(metadata?.id)}-${randomBytes(6).toString('hex')}.mp4`,
    onIncomingRequest: async (request) => authorise(request, settings.logins),
    onUploadFinish: async (_, upload) => verify(upload, settings.directory, datastore),
  })
  const listener = (request, response) => tus.handle(request, response)
  const server = settings.tls ? https.createServer(tlsOptions(settings.tls), listener) : http.createServer(listener)
  server.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  server.listen({ host: '127.0.0.1', port: settings.port }, () => console.log(`port ${server.address().port}`))
}

function tlsOptions(tls) {
  return {
    minVersion: 'TLSv1.2',
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    ca: readFileSync(tls.ca),
    requestCert: tls.requireClient,
    rejectUnauthorized: tls.requireClient,
  }
}

const safe = (text) => String(text ?? 'upload').replace(/[^A-Za-z0-9-]/g, '').slice(0, 60) || 'upload'

function authorise(request, logins) {
  if (!logins.length) return
  const given = Buffer.from(request.headers.get('authorization') ?? '')
  const known = logins.some(([user, password]) => {
    const wanted = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
    return wanted.length === given.length && timingSafeEqual(wanted, given)
  })
  if (!known) throw { status_code: 401, body: 'login required\n' }
}

async function verify(upload, directory, datastore) {
  const wanted = upload.metadata?.sha256
  if (!wanted) return {}
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(directory, upload.id)), hash)
  if (hash.digest('hex') !== wanted) {
    await datastore.remove(upload.id)
    throw { status_code: 460, body: 'sha256 mismatch\n' }
  }
  return {}
}
