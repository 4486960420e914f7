// One upload by tus 1.0 (PROTOCOL.md, "Files, over HTTP"): begun, sent in pieces with progress, gone on with after a break, and
// after a reload when the same file is chosen again for the same purpose.

import { Fault, Lost } from './fault.js'
import { clientId } from './ids.js'
import { forget, keep, recall } from './memory.js'
import { bearer } from './token.js'

/** A piece is on the server's disk when it is answered. */
const PIECE = 8 * 1024 * 1024
const TRIES_MOST = 8

/**
 * @param purpose what the bytes are to become: the fields of Upload-Metadata, but the file's name
 * @param signal an AbortSignal: gives the upload up, at the server too
 * @param progress (sent) => …
 * @returns the server's result: what was posted, or the app
 */
export async function upload(account, file, purpose, { signal, progress }) {
  const key = `upload.${account}.${[file.name, file.size, file.lastModified, ...Object.values(purpose)].join('|')}`
  let place = recall(key)
  let farthest = 0
  for (let failures = 0; ;) {
    const moved = sent => {
      if (sent > farthest) [farthest, failures] = [sent, 0]
      progress(sent)
    }
    try {
      place ??= await begin(file, purpose, signal)
      keep(key, place)
      const result = await goOn(place, file, { signal, progress: moved })
      forget(key)
      return result
    } catch (error) {
      if (signal.aborted) {
        forget(key)
        if (place) fetch(place, { method: 'DELETE', headers: headers() }).catch(() => {})
        throw error
      }
      if (error.code === 'gone' && failures++ < 2) {
        place = undefined
        forget(key)
      } else if (!(error instanceof Lost) || ++failures >= TRIES_MOST) {
        forget(key)
        throw error
      } else {
        await rest(error.retryAfter ?? Math.min(15_000, 500 * 2 ** failures), signal)
      }
    }
  }
}

const headers = more => ({ ...bearer(), 'Tus-Resumable': '1.0.0', ...more })

async function begin(file, purpose, signal) {
  const fields = { filename: file.name, ...purpose }
  if (purpose.conversation) fields.client_id = clientId()
  const metadata = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  const response = await asked(new URL('api/uploads', document.baseURI), {
    method: 'POST',
    signal,
    headers: headers({
      'Upload-Length': file.size,
      'Upload-Metadata': metadata.map(([name, value]) => `${name} ${base64(String(value))}`).join(','),
    }),
  })
  return new URL(response.headers.get('Location'), response.url).href
}

async function goOn(place, file, { signal, progress }) {
  const at = await asked(place, { method: 'HEAD', signal, headers: headers() })
  let offset = Number(at.headers.get('Upload-Offset'))
  let result = at.headers.get('Titan-Result')
  progress(offset)
  // An empty file is complete when it is begun, and an upload whose last answer was lost is complete already.
  while (!result) {
    const piece = file.slice(offset, offset + PIECE)
    const answer = await patch(place, piece, offset, signal, sent => progress(offset + sent))
    offset = Number(answer.get('Upload-Offset'))
    result = answer.get('Titan-Result')
    if (!result && offset >= file.size) throw new Fault({ code: 'internal', message: 'The server did not say what became of the file.' })
  }
  return JSON.parse(result)
}

/** `fetch` tells nothing of the bytes that are on their way, so this is the older way. */
function patch(place, piece, offset, signal, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    signal.addEventListener('abort', stop, { once: true })
    request.open('PATCH', place)
    const sent = headers({ 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' })
    for (const [name, value] of Object.entries(sent)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => progress(loaded)
    request.onloadend = () => {
      signal.removeEventListener('abort', stop)
      const header = name => request.getResponseHeader(name)
      if (request.status === 204 || request.status === 200) resolve({ get: header })
      else reject(refusal(request.status, request.responseText, header))
    }
    request.send(piece)
  })
}

async function asked(url, options) {
  const response = await fetch(url, options).catch(error => { throw options.signal.aborted ? error : new Lost() })
  if (response.ok) return response
  throw refusal(response.status, await response.text().catch(() => ''), name => response.headers.get(name))
}

/** What a refusal means: lost (go on later), gone (begin anew), or a fault that its text explains. */
export function refusal(status, text, header) {
  if (status === 0 || status === 409 || status === 423 || status === 429 || status >= 500 && status !== 507) {
    return Object.assign(new Lost(), { retryAfter: Number(header('Retry-After') ?? 0) * 1000 || undefined })
  }
  if (status === 404 || status === 410) return new Fault({ code: 'gone', message: 'It is no longer there.' })
  let message
  try {
    message = JSON.parse(text).error
  } catch {
    message = undefined
  }
  return new Fault({ code: `http_${status}`, message: message ?? `The server refused that (${status}).` })
}

export function rest(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason) }, { once: true })
  })
}

const base64 = text => btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join(''))
