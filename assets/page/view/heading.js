// The head of a screen that is no conversation: what opens the sidebar, its title, its tools.

import { el } from './dom.js'

/** What stands where a list will be. */
export const waitingFor = ({ link }) => link === 'online' ? 'Loading…' : 'There is no connection. This is loaded once it is back.'

export function screenHead(frame, title, ...more) {
  return el('header', { class: 'screen-head' }, frame.handle(), el('h1', { text: title }), el('div', { class: 'screen-tools' }, more))
}
