// The ward's upload server: @tus/server, nothing of its own but the wiring and who may touch what.
// Settings: see `settings` in doors.mjs. Prints "port N".
//
// Where clients show a certificate, an upload belongs to the name on it: the upload's own name begins with it, so there
// is no list that could part from the files. A node creates, asks for and continues its own uploads and nothing else;
// it lists, fetches and removes none, so a stolen node gives away nothing that the ward already has. The ward's own
// people (certificates of the staff's authority) may fetch.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { statfs } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import { authorities, listen, readAgain, settings, tlsOptions, whoIs } from './doors.mjs'

const DAY_MS = 86_400_000
const CLEAN_MS = 3_600_000
const ID = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/
const NODE_MAY = ['POST', 'HEAD', 'PATCH', 'OPTIONS']
const STAFF_MAY = ['GET', 'HEAD', 'OPTIONS']

settings((given) => {
  const owned = Boolean(given.tls?.requireClient)
  const staff = given.tls && authorities(given.tls)
  const datastore = new FileStore({
    directory: given.directory,
    expirationPeriodInMilliseconds: (given.abandonedAfterDays ?? 0) * DAY_MS,
  })
  const tus = new Server({
    path: '/files',
    datastore,
    maxSize: given.maxSize,
    // Behind TLS the library would still write http:// into an absolute address.
    relativeLocation: Boolean(given.tls),
    namingFunction: (_, metadata) => nameOf(metadata),
    onIncomingRequest: async (request, id) => {
      authorise(request, given.logins ?? [])
      if (owned) checkOwner(request, id, staff)
      if (given.keepFree && ['POST', 'PATCH'].includes(request.method)) await checkRoom(request, given)
    },
    onUploadFinish: async (_, upload) => verify(upload, given.directory, datastore),
  })
  const listener = (request, response) => tus.handle(request, response)
  const server = given.tls ? https.createServer(tlsOptions(given.tls), listener) : http.createServer(listener)
  if (owned) readAgain(server, given.tls, () => server.closeAllConnections())
  if (given.abandonedAfterDays) setInterval(() => tus.cleanUpExpiredUploads().catch(complain), CLEAN_MS).unref()
  listen(server, given.host, given.port)
})

const complain = (error) => console.error(error.message)
const safe = (text, other) => String(text ?? '').replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64) || other

// NODE.CLIP-RANDOM.ENDING: a node's id has no dot in it.
function nameOf(metadata) {
  const ending = extname(String(metadata?.filename ?? '')).match(/^\.[A-Za-z0-9]{1,10}$/)?.[0].toLowerCase() ?? ''
  return `${safe(metadata?.node, 'unknown')}.${safe(metadata?.id, 'upload')}-${randomBytes(6).toString('hex')}${ending}`
}

function authorise(request, logins) {
  if (!logins.length) return
  const given = Buffer.from(request.headers.get('authorization') ?? '')
  const known = logins.some(([user, password]) => {
    const wanted = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
    return wanted.length === given.length && timingSafeEqual(wanted, given)
  })
  if (!known) throw { status_code: 401, body: 'login required\n' }
}

// `id` of a POST is the name that the upload would have: made of what the client says it is.
function checkOwner(request, id, staff) {
  const who = whoIs(request.runtime.node.req.socket, staff)
  if (!who) throw { status_code: 403, body: 'a certificate with a name of this ward is required\n' }
  if (!(who.staff ? STAFF_MAY : NODE_MAY).includes(request.method)) throw { status_code: 403, body: 'not allowed\n' }
  if (!ID.test(id)) throw { status_code: 404, body: 'no such upload\n' }
  if (who.staff || id.startsWith(`${who.name}.`)) return
  if (request.method === 'POST') throw { status_code: 403, body: 'metadata: node is not the name on the certificate\n' }
  throw { status_code: 404, body: 'no such upload\n' } // no word on whether another node has one
}

async function checkRoom(request, given) {
  const disk = await statfs(given.directory)
  // Of a whole upload when it begins, and of each piece: many may have begun while there was room.
  const size = Number(request.headers.get(request.method === 'POST' ? 'upload-length' : 'content-length') ?? 0)
  if (!(disk.bavail * disk.bsize - size >= given.keepFree)) throw { status_code: 507, body: 'the ward has no room left\n' }
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
