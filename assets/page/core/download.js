// One download: with progress, gone on with after a break (RFC 9110: Range with If-Range), and believed only once its SHA-256
// is what the socket told.

import { Fault, Lost } from './fault.js'
import { Sha256 } from './sha256.js'
import { bearer, token } from './token.js'
import { refusal, rest } from './upload.js'

const TRIES_MOST = 8

/**
 * @param what { path, size, sha256 }
 * @returns a Blob whose bytes have that hash
 */
export async function download({ path, size, sha256 }, { signal, progress = () => {} }) {
  const got = { pieces: [], bytes: 0, hash: new Sha256() }
  for (let failures = 0; ;) {
    const before = got.bytes
    try {
      await take(path, sha256, got, signal, progress)
      break
    } catch (error) {
      if (signal?.aborted || !(error instanceof Lost)) throw error
      failures = got.bytes > before ? 1 : failures + 1
      if (failures >= TRIES_MOST) throw error
      await rest(error.retryAfter ?? Math.min(15_000, 500 * 2 ** failures), signal)
    }
  }
  if (got.bytes !== size || got.hash.digest() !== sha256) {
    throw new Fault({ code: 'damaged', message: 'What arrived is not what was sent: its SHA-256 is another. Nothing was saved; try again.' })
  }
  return new Blob(got.pieces)
}

async function take(path, sha256, got, signal, progress) {
  const headers = token() ? bearer() : {}
  if (got.bytes > 0) Object.assign(headers, { Range: `bytes=${got.bytes}-`, 'If-Range': `"${sha256}"` })
  const response = await fetch(new URL(path, document.baseURI), { headers, signal, cache: 'no-store' })
    .catch(error => { throw signal?.aborted ? error : new Lost() })
  if (!response.ok) throw refusal(response.status, await response.text().catch(() => ''), name => response.headers.get(name))
  if (response.status !== 206 && got.bytes > 0) Object.assign(got, { pieces: [], bytes: 0, hash: new Sha256() })
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(error => { throw signal?.aborted ? error : new Lost() })
    if (done) return
    got.pieces.push(value)
    got.bytes += value.length
    got.hash.update(value)
    progress(got.bytes)
  }
}

/** Hands a blob to the browser's downloads, under a name of no meaning to any file system. */
export function save(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = safeName(name)
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

export function safeName(name) {
  const cleaned = name.replace(/[\p{C}/\\:*?"<>|]/gu, '_').replace(/^[.\s]+|[.\s]+$/g, '')
  return [...cleaned].slice(0, 150).join('') || 'file'
}
