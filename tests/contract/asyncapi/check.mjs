// Reads an AsyncAPI document from stdin; prints what the official parser says of it as one line of JSON.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'))
const said = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join('/') }))
console.log(JSON.stringify({ parsed: Boolean(document), said }))
