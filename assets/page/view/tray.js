// Files on their way: one row each with its progress, how to stop it, and how to try again.

import { sizeOf } from '../core/text.js'
import { button, el, fill, icon, name, reconcile } from './dom.js'
import { say } from './notices.js'

export function startTransfers({ store, house, scope }) {
  const list = el('ul', { class: 'tray-list', role: 'list' })
  const element = el('section', { class: 'tray', 'aria-label': 'Files on their way', hidden: true }, list)
  const spoken = new Map()
  scope.watch(['transfers'], () => {
    const all = [...house.transfers.all.values()]
    element.hidden = all.length === 0
    reconcile(list, all, transfer => transfer.id, transfer => make(transfer, house), update)
    for (const transfer of all) tell(transfer, spoken)
  })
  return element
}

function make(transfer, { transfers }) {
  return el('li', { class: 'transfer' },
    icon(transfer.kind === 'up' ? 'upload' : 'download'),
    el('div', { class: 'transfer-main' },
      el('div', { class: 'transfer-names' }, name(transfer.name, { class: 'file-name' }), el('span', { class: 'transfer-state muted' })),
      el('progress', { max: transfer.size || 1, 'aria-label': `${transfer.kind === 'up' ? 'Upload' : 'Download'} of ${transfer.name}` })),
    button({ text: 'Try again', kind: 'link again', press: () => transfers.retry(transfer) }),
    button({ label: `Stop ${transfer.name}`, icon: 'close', kind: 'quiet small', press: () => transfers.drop(transfer) }))
}

function update(row, transfer) {
  row.dataset.state = transfer.state
  row.querySelector('progress').value = transfer.state === 'done' ? transfer.size || 1 : transfer.done
  row.querySelector('.again').hidden = transfer.state !== 'failed' || transfer.isFinal
  fill(row.querySelector('.transfer-state'), stateOf(transfer))
}

function stateOf({ state, error, kind, done, size, checked }) {
  if (state === 'failed') return error
  if (state === 'waiting') return 'waiting'
  if (state === 'done') return kind === 'up' ? 'sent' : checked ? 'saved, its SHA-256 agrees' : 'saved'
  return `${sizeOf(done)} of ${sizeOf(size)}`
}

function tell(transfer, spoken) {
  const { id, name, state, error, kind } = transfer
  if (spoken.get(id) === state) return
  spoken.set(id, state)
  if (state === 'done') say(`${name} ${kind === 'up' ? 'was sent' : 'was saved'}.`)
  if (state === 'failed') say(`${name}: ${error}`)
}
