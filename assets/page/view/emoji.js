// A small palette of emoji, and a field for any other.

import { el } from './dom.js'
import { isTyped } from './keyboard.js'
import { settle } from './menu.js'

const PALETTE = [
  ['👍', 'thumbs up'], ['❤️', 'heart'], ['😂', 'tears of joy'], ['🎉', 'party'], ['😮', 'surprised'], ['😢', 'crying'],
  ['🙏', 'thanks'], ['👀', 'eyes'], ['🔥', 'fire'], ['✅', 'done'], ['👎', 'thumbs down'], ['🤔', 'thinking'],
  ['😀', 'grin'], ['😉', 'wink'], ['😍', 'in love'], ['😎', 'cool'], ['😅', 'sweat'], ['😭', 'sobbing'],
  ['👏', 'applause'], ['💪', 'strong'], ['🚀', 'rocket'], ['💡', 'idea'], ['🐛', 'bug'], ['☕', 'coffee'],
]
const ACROSS = 6
/** A word is no emoji. */
const EMOJI = /^\s*(?=\P{L}+$)[^]*(\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3)/u

export function pickEmoji(anchor, chosen) {
  const choose = emoji => { picker.hidePopover(); chosen(emoji) }
  const buttons = PALETTE.map(([emoji, label]) => el('button', { type: 'button', class: 'emoji', 'aria-label': label, title: label, text: emoji, on: { click: () => choose(emoji) } }))
  const other = el('input', { class: 'emoji-other', 'aria-label': 'Another emoji', placeholder: 'Another…', maxlength: 16 })
  const picker = el('div', { class: 'picker', role: 'dialog', 'aria-label': 'Choose an emoji', popover: 'auto' }, el('div', { class: 'picker-grid' }, buttons), other)
  picker.addEventListener('keydown', event => {
    const at = buttons.indexOf(document.activeElement)
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS }[event.key]
    if (at >= 0 && by) {
      event.preventDefault()
      buttons[at + by]?.focus()
    }
    if (event.key === 'Enter' && isTyped(event) && document.activeElement === other && other.value.trim()) {
      event.preventDefault()
      if (EMOJI.test(other.value)) choose(other.value.trim())
      else other.select()
    }
  })
  picker.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return
    const inside = picker.contains(document.activeElement) || document.activeElement === document.body
    picker.remove()
    if (inside && anchor.isConnected) anchor.focus()
  })
  document.body.append(picker)
  picker.showPopover()
  settle(picker, anchor.getBoundingClientRect())
  buttons[0].focus()
}
