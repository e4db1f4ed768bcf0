// The gate of the media server: TLS with client certificates outside, RTMP to this machine's media server inside, and
// the answer to the media server's question who may publish or look at what.
//
// RTMP carries no certificate. So each connection goes on from a loopback address of its own (127.x.y.z), and when the
// media server asks about that address, the gate knows whose certificate opened it. A node publishes NODE, NODE.CAM or
// NODE/CAM of its own and looks at nothing; the ward's own people look at all and publish nothing; nobody else anything.
// What this does not stop: a program on the ward's own machine that connects from the loopback address of a connection
// that is open now.
import { randomInt } from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { authorities, listen, readAgain, settings, tlsOptions, whoIs } from './doors.mjs'

const MOST = 200
const MOST_EACH = 4
const IDLE_MS = 60_000
const BODY_BYTES = 8192
const open = new Map() // loopback address -> {name, staff, socket}

settings((given) => {
  const staff = authorities(given.tls)
  const server = tls.createServer({ ...tlsOptions(given.tls), handshakeTimeout: 10_000 }, (socket) => {
    socket.on('error', () => socket.destroy())
    const who = whoIs(socket, staff)
    const own = [...open.values()].filter((one) => one.name === who?.name && one.staff === who.staff)
    if (!who || open.size >= MOST || own.length >= MOST_EACH) socket.destroy()
    else forward(socket, who, given.media)
  })
  server.on('tlsClientError', (_, socket) => socket.destroy())
  readAgain(server, given.tls, () => {
    for (const one of open.values()) one.socket.destroy()
  })
  const asked = http.createServer((request, response) => answer(request, response))
  asked.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  asked.listen({ host: '127.0.0.1', port: given.ask }, () => listen(server, given.host, given.port))
})

function forward(socket, who, port) {
  const address = freeAddress()
  open.set(address, { ...who, socket })
  const inner = net.connect({ host: '127.0.0.1', port, localAddress: address })
  const end = () => {
    open.delete(address)
    inner.destroy()
    socket.destroy()
  }
  for (const one of [socket, inner]) {
    one.setTimeout(IDLE_MS, end)
    one.on('error', end)
    one.on('close', end)
  }
  socket.pipe(inner).pipe(socket)
}

function freeAddress() {
  for (;;) {
    const address = `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`
    if (!open.has(address)) return address
  }
}

// nginx-rtmp sends a form (addr, call, app, name), MediaMTX an object (ip, action, path).
async function answer(request, response) {
  let body = ''
  for await (const piece of request) {
    body += piece
    if (body.length > BODY_BYTES) break
  }
  response.writeHead(body.length <= BODY_BYTES && allowed(body) ? 204 : 403).end()
}

function allowed(body) {
  const question = body.startsWith('{') ? fromMediaMtx(body) : fromNginx(body)
  const who = question && open.get(question.address)
  if (!who) return false
  if (who.staff) return question.act === 'play'
  const rest = question.name.startsWith(who.name) ? question.name.slice(who.name.length) : undefined
  return question.act === 'publish' && rest !== undefined && /^([./][a-z0-9_-]{1,64})?$/.test(rest)
}

function fromNginx(body) {
  const form = new URLSearchParams(body)
  return { address: form.get('addr'), act: form.get('call'), name: form.get('name') ?? '' }
}

function fromMediaMtx(body) {
  try {
    const { ip, action, path } = JSON.parse(body)
    return { address: ip, act: action === 'read' ? 'play' : action, name: String(path).replace(/^live\//, '') }
  } catch {
    return undefined
  }
}
