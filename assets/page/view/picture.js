// A picture that was sent, shown below its file once it comes into sight: fetched with the token, checked against its hash,
// shown from a blob. Only raster images, and only small ones, so that nothing a file holds can act and nobody's line is filled.

import { download } from '../core/download.js'
import { el } from './dom.js'
import { open } from './dialog.js'

const SHOWN = /\.(png|jpe?g|gif|webp|avif)$/i
const SIZE_MOST = 3 * 1024 * 1024
/** Pictures kept in memory; what was seen longest ago goes first. */
const KEPT_MOST = 40

const kept = new Map()

const sight = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue
    sight.unobserve(target)
    show(target)
  }
}, { rootMargin: '300px' })

const files = new WeakMap()

export function picture(file) {
  if (!SHOWN.test(file.name) || file.size > SIZE_MOST || file.size === 0) return undefined
  const frame = el('div', { class: 'picture' })
  files.set(frame, file)
  if (kept.has(file.sha256)) paint(frame, file, kept.get(file.sha256))
  else sight.observe(frame)
  return frame
}

async function show(frame) {
  const file = files.get(frame)
  try {
    if (!kept.has(file.sha256)) keep(file.sha256, await download({ path: `api/files/${file.id}`, ...file }, {}))
    paint(frame, file, kept.get(file.sha256))
  } catch {
    frame.remove()
  }
}

function keep(hash, blob) {
  kept.set(hash, URL.createObjectURL(blob))
  for (const [oldest, url] of kept) {
    if (kept.size <= KEPT_MOST) break
    URL.revokeObjectURL(url)
    kept.delete(oldest)
  }
}

function paint(frame, file, url) {
  const image = el('img', { alt: file.name, src: url })
  image.addEventListener('error', () => frame.remove())
  image.addEventListener('load', () => frame.classList.add('loaded'))
  const larger = () => open({ title: file.name, className: 'viewer', build: () => el('img', { alt: file.name, src: url }) })
  frame.replaceChildren(el('button', { type: 'button', class: 'picture-open', 'aria-label': `Show ${file.name} larger`, on: { click: larger } }, image))
}
