// The repository: apps by category and words, with downloads that check what they got, uploads, and for admins the queue of
// what waits for a decision.

import { count, shortTimeOf, sizeOf } from '../core/text.js'
import { button, el, fill, icon, invite, name, phrase } from './dom.js'
import { confirm, form } from './dialog.js'
import { attempt, complain, notice } from './notices.js'
import { screenHead, waitingFor } from './heading.js'
import { tabs } from './tabs.js'

export const CATEGORIES = [
  ['application', 'Applications'], ['component', 'Components'], ['sound_theme', 'Sound themes'],
  ['game', 'Games'], ['tce_package', 'TCE packages'], ['language_pack', 'Language packs'],
]
const STATES = { approved: 'approved', pending: 'waits for a decision', rejected: 'rejected' }

export function showRepository(main, frame) {
  const { store, house, scope } = frame
  let state = 'approved', apps, stats
  const query = el('input', { type: 'search', placeholder: 'Search apps', 'aria-label': 'Search apps', on: { input: () => soon() } })
  const category = el('select', { 'aria-label': 'Category', on: { change: () => load() } })
  const list = el('ul', { class: 'cards apps', role: 'list' })
  const waiting = store.isAdmin ? 'To decide' : 'Mine, waiting'
  const bar = tabs([['approved', 'Approved'], ['pending', waiting], ['rejected', store.isAdmin ? 'Rejected' : 'Mine, rejected']], state, list, to => { state = to; apps = undefined; draw(); load() })
  fill(main, screenHead(frame, 'Repository', button({ text: 'Upload an app', icon: 'upload', kind: 'primary', press: () => uploadApp(frame) })),
    el('div', { class: 'page-body' }, el('div', { class: 'filters' }, query, category), bar.element, bar.panel))
  const load = async () => {
    try {
      const asked = { state, category: category.value || undefined, query: query.value.trim() || undefined }
      ;[{ apps }, stats] = await Promise.all([house.ask('apps', asked), house.ask('app_stats')])
      draw()
    } catch (error) {
      draw()
      if (error.code !== 'lost') complain(error)
    }
  }
  let timer
  const soon = () => { clearTimeout(timer); timer = setTimeout(load, 150) }
  const draw = () => {
    drawCategories(category, stats)
    if (store.isAdmin) bar.mark('pending', stats?.pending ?? 0)
    fill(list, !apps ? el('li', { class: 'empty', text: waitingFor(store) })
      : apps.length === 0 ? el('li', { class: 'empty', text: empty(state, query.value || category.value) }) : apps.map(app => card(app, frame)))
  }
  draw()
  scope.watch(['apps', 'link'], soon)
  invite(query)
  return {}
}

function drawCategories(select, stats) {
  const chosen = select.value
  fill(select, el('option', { value: '', text: 'All categories' }), CATEGORIES.map(([key, text]) => {
    const number = stats?.categories[key]
    return el('option', { value: key, text: number ? `${text} (${number})` : text })
  }))
  select.value = chosen
}

function empty(state, narrowed) {
  if (narrowed) return 'Nothing fits. Try other words or all categories.'
  return { approved: 'The repository is empty so far. Upload the first app.', pending: 'Nothing waits for a decision.', rejected: 'Nothing was rejected.' }[state]
}

function card(app, frame) {
  const { store, house } = frame
  const mine = app.author.id === store.me.id
  const admin = store.isAdmin
  return el('li', { class: 'card app' },
    el('span', { class: 'conversation-sign' }, icon('box')),
    el('div', { class: 'card-main' },
      el('h2', {}, name(app.name), ' ', el('span', { class: 'version', dir: 'auto', text: app.version }), app.state !== 'approved' && el('span', { class: 'tag', text: STATES[app.state] })),
      app.description && el('p', { class: 'app-description', dir: 'auto', text: app.description }),
      app.state === 'rejected' && app.reason && el('p', { class: 'app-reason' }, 'Rejected: ', el('span', { dir: 'auto', text: app.reason })),
      el('p', { class: 'muted' }, CATEGORIES.find(([key]) => key === app.category)?.[1] ?? app.category, ' · ', name(app.author.username),
        ` · ${shortTimeOf(app.uploaded_at)} · ${count(app.downloads, 'download')}`),
      el('details', { class: 'app-details' }, el('summary', { text: 'File and checksum' }),
        el('p', {}, name(app.file_name), ` · ${sizeOf(app.size)}`), el('p', { class: 'hash' }, 'SHA-256 ', el('code', { text: app.sha256 })))),
    el('div', { class: 'card-tools' },
      button({ text: `Download, ${sizeOf(app.size)}`, label: `Download ${app.name}, ${sizeOf(app.size)}`, icon: 'download', kind: app.state === 'approved' ? 'primary' : 'plain', press: () => fetchApp(frame, app) }),
      admin && app.state !== 'approved' && button({ text: 'Approve', label: `Approve ${app.name}`, icon: 'check', press: () => approve(frame, app) }),
      admin && app.state !== 'rejected' && button({ text: 'Reject', label: `Reject ${app.name}`, icon: 'close', press: () => reject(house, app, frame) }),
      (admin || mine) && button({ label: `Delete ${app.name}`, icon: 'remove', kind: 'quiet', press: () => remove(frame, app) })))
}

async function fetchApp({ house, store }, app) {
  const transfer = house.transfers.fetchApp(app)
  await transfer.ended
  if (transfer.state === 'done') store.changed('apps')
}

/** The hash goes along: what is approved is what was looked at. */
async function approve({ house, store }, app) {
  if (await attempt(() => house.ask('approve_app', { app: app.id, sha256: app.sha256 }), `${app.name} is approved.`)) store.changed('apps')
}

function reject(house, app, { store }) {
  return form({
    title: phrase`Reject ${app.name}?`, text: 'Its author sees the reason.',
    fields: [{ name: 'reason', label: 'Reason', type: 'area', rows: 2, required: true, maxlength: 1000 }], action: 'Reject', danger: true,
    async submit({ reason }) {
      await house.ask('reject_app', { app: app.id, reason })
      store.changed('apps')
      return true
    },
  })
}

async function remove({ house, store }, app) {
  const sure = await confirm({ title: phrase`Delete ${app.name}?`, text: 'It is gone from the repository for everybody.', action: 'Delete', danger: true })
  if (sure && await attempt(() => house.ask('delete_app', { app: app.id }), `${app.name} is deleted.`)) store.changed('apps')
}

function uploadApp({ house, store }) {
  return form({
    title: 'Upload an app',
    text: 'An admin looks at it before everybody can see it.',
    fields: [
      { name: 'file', label: 'File', type: 'file', required: true },
      { name: 'name', label: 'Name', required: true, maxlength: 100 },
      { name: 'version', label: 'Version', required: true, maxlength: 50, value: '1.0' },
      { name: 'category', label: 'Category', type: 'select', options: CATEGORIES },
      { name: 'description', label: 'Description', type: 'area', required: true, rows: 3, maxlength: 4000 },
    ],
    action: 'Upload',
    submit({ file, ...app }) {
      const transfer = house.transfers.sendApp(file, app)
      transfer.ended.then(result => {
        if (!result) return
        notice(`${app.name} is uploaded and waits for a decision.`)
        store.changed('apps')
      })
      return true
    },
  })
}
