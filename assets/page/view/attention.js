// Telling of what is new: the page's title counts, a screen reader hears the line, and the desktop shows a notice where its user
// asked for that and isn't looking.

import { recall } from '../core/memory.js'
import { plain } from '../core/markup.js'
import { line } from '../core/text.js'
import { say } from './notices.js'
import { address, go, where } from './route.js'

/** Beyond so many at once, only their number is spoken. */
const SPOKEN_MOST = 3

export const wantsNotices = () => recall('notices') === true && globalThis.Notification?.permission === 'granted'

export function startAttention({ store, scope }) {
  scope.watch(['conversations', 'me'], () => { document.title = titleOf(store) })
  scope.listen(window, 'hashchange', () => { document.title = titleOf(store) })
  scope.on('attention', () => {
    const heard = store.heard.splice(0)
    const here = heard.filter(({ conversation }) => conversation.id === store.open)
    if (here.length > SPOKEN_MOST) say(`${here.length} new messages.`)
    else for (const { entry } of here) say(`${entry.author.username}: ${said(entry)}`)
    const loud = heard.filter(({ conversation, named }) => named || conversation.direct)
    for (const one of loud) if (one.conversation.id !== store.open || document.hidden || !document.hasFocus()) tell(one, store)
  })
}

function titleOf(store) {
  if (!store.me) return 'Titan'
  const { mentions, unread } = store.unread()
  const at = where()
  const open = at.screen === 'c' && store.conversation(at.id)
  const count = mentions > 0 ? `(${mentions}) ` : unread > 0 ? '• ' : ''
  return `${count}${open ? `${store.name(open)} · ` : ''}Titan`
}

const said = ({ text, file }) => line(plain(text) || (file ? `sent ${file.name}` : ''), 200)

function tell({ entry, conversation }, store) {
  const title = conversation.direct ? entry.author.username : `${entry.author.username} in ${store.name(conversation)}`
  if (conversation.id !== store.open) say(`${title}: ${said(entry)}`)
  if (!wantsNotices() || (document.hasFocus() && conversation.id === store.open)) return
  try {
    const shown = new Notification(title, { body: said(entry), tag: `titan-${conversation.id}` })
    shown.onclick = () => { window.focus(); go(address.conversation(conversation.id)); shown.close() }
  } catch {
    // Some browsers on phones have the word and not the thing.
  }
}
