// A menu that opens beside a button: arrows move, Enter chooses, Escape closes and gives the focus back.

import { el, icon } from './dom.js'

/**
 * @param items [{ text, icon, press, danger }], empty ones are passed over
 * @param head what stands above them
 */
export function openMenu(anchor, items, { label = 'Actions', at, head } = {}) {
  document.querySelector('.menu')?.hidePopover()
  const entries = items.filter(Boolean).map(({ text, icon: which, press, danger }) =>
    el('button', {
      type: 'button', role: 'menuitem', tabindex: -1, class: danger ? 'menu-item danger' : 'menu-item',
      on: { click: () => { close(); press() } },
    }, which && icon(which), el('span', { text })))
  const menu = head
    ? el('div', { class: 'menu', role: 'dialog', 'aria-label': label, popover: 'auto' }, head, entries.length > 0 && el('div', { role: 'menu', 'aria-label': label }, entries))
    : el('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'auto' }, entries)
  const close = () => menu.hidePopover()
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return
    const inside = menu.contains(document.activeElement) || document.activeElement === document.body
    menu.remove()
    anchor.setAttribute('aria-expanded', 'false')
    if (inside && anchor.isConnected) anchor.focus()
  })
  menu.addEventListener('keydown', event => {
    const now = entries.indexOf(document.activeElement)
    if (now < 0) return
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: entries.length - 1 }[event.key]
    if (event.key === 'Tab') close()
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    entries[(to + entries.length) % entries.length].focus()
  })
  // Beside its button, in the top layer; within a dialog, inside it.
  const home = anchor.closest('dialog') ?? document.body
  home.append(menu)
  anchor.setAttribute('aria-haspopup', 'menu')
  anchor.setAttribute('aria-expanded', 'true')
  menu.showPopover()
  settle(menu, at ?? anchor.getBoundingClientRect())
  entries[0]?.focus()
  return menu
}

/** Below the anchor and within the window, or above where there is no room. */
export function settle(element, anchor) {
  const { width, height } = element.getBoundingClientRect()
  const beside = anchor.left + width <= innerWidth - 8 ? anchor.left : (anchor.right ?? anchor.left) - width
  const left = Math.min(beside, innerWidth - width - 8)
  const below = anchor.bottom + 4
  const top = below + height > innerHeight - 8 ? Math.max(8, anchor.top - height - 4) : below
  element.style.setProperty('left', `${Math.max(8, left)}px`)
  element.style.setProperty('top', `${top}px`)
}
