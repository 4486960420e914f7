// Dialogs: the browser's own `<dialog>`, which keeps the focus inside, closes by Escape and gives the focus back.

import { told } from '../core/fault.js'
import { button, el, fill } from './dom.js'
import { isTyped } from './keyboard.js'

let last = 0

/** What a new password is asked to be; which ones are too common, the server says. */
export const SAFE = { minlength: 8, hint: 'At least 8 characters, and not one that everybody thinks of first.' }

/** A code of the second factor, where one is asked for. */
export const CODE = { name: 'code', label: 'Code', required: true, autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', hint: 'What your app for codes shows, or one of your recovery codes.' }

/** Opens one. Its title is a text or, where names stand in it, a `phrase`. `build(close)` gives its content; `closed` is settled with what `close` was given. */
export function open({ title, className = '', build }) {
  const id = `dialog-${++last}`
  const element = el('dialog', { class: `dialog ${className}`, 'aria-labelledby': id })
  const closed = new Promise(resolve => element.addEventListener('close', () => { element.remove(); resolve(element.result) }, { once: true }))
  const close = result => { element.result = result; element.close() }
  element.append(
    el('header', { class: 'dialog-head' },
      el('h2', { id }, title),
      button({ label: 'Close', icon: 'close', kind: 'quiet', press: () => close() })),
    el('div', { class: 'dialog-body' }, build(close)))
  element.addEventListener('click', event => { if (event.target === element) close() })
  document.body.append(element)
  element.showModal()
  element.querySelector('[autofocus], .dialog-body :is(input, textarea, select, button)')?.focus()
  return { element, close, closed }
}

/** Asks whether to go on. */
export function confirm({ title, text, action, danger = false }) {
  return open({
    title,
    className: 'small',
    build: close => [
      el('p', {}, text),
      el('div', { class: 'dialog-foot' },
        button({ text: 'Cancel', press: () => close(false), autofocus: danger }),
        button({ text: action, kind: danger ? 'danger' : 'primary', press: () => close(true), autofocus: !danger })),
    ],
  }).closed.then(Boolean)
}

/**
 * A form in a dialog. Fields: { name, label, type, value, required, hint, options, … }. `submit(values)` may refuse by throwing; its
 * message is shown and the dialog stays. Settled with what `submit` gave, or undefined.
 */
export function form({ title, text, fields, picture, action, danger = false, submit }) {
  return open({
    title,
    className: 'small',
    build: close => formOf({ text, fields, picture, action, danger, submit, done: close, cancel: () => close() }),
  }).closed
}

/** The same without the dialog. */
export function formOf({ text, fields, picture, action, danger = false, submit, done = () => {}, cancel, extra }) {
  const inputs = new Map(fields.map(field => [field.name, inputOf(field)]))
  const alert = el('p', { class: 'form-error', role: 'alert' })
  const send = el('button', { type: 'submit', class: `button ${danger ? 'danger' : 'primary'}`, text: action })
  const values = () => Object.fromEntries([...inputs].map(([name, input]) => [name, valueOf(input)]))
  const foot = el('div', { class: 'dialog-foot' }, cancel && button({ text: 'Cancel', press: cancel }), extra, send)
  const element = el('form', { class: 'form', novalidate: true },
    text && el('p', { class: 'form-text' }, text),
    picture,
    fields.map(field => rowOf(field, inputs.get(field.name))),
    alert,
    foot)
  element.addEventListener('keydown', event => { if (event.key === 'Enter' && !isTyped(event)) event.preventDefault() })
  element.addEventListener('submit', async event => {
    event.preventDefault()
    const missing = [...inputs.values()].find(input => !input.checkValidity())
    for (const input of inputs.values()) input.setAttribute('aria-invalid', String(input === missing))
    // Beside the field that it is about.
    const blame = (input, message) => {
      input.setAttribute('aria-invalid', 'true')
      input.closest('.field').append(alert)
      alert.textContent = message
      input.focus()
    }
    if (missing) return blame(missing, missing.validationMessage)
    foot.before(alert)
    fill(alert)
    send.disabled = true
    try {
      done(await submit(values(), element))
    } catch (error) {
      const wrong = inputs.get(error?.field)
      if (wrong) blame(wrong, told(error))
      else alert.textContent = told(error)
    } finally {
      send.disabled = false
    }
  })
  return element
}

function inputOf({ name, type = 'text', value, options, required, hint, label, ...more }) {
  const id = `field-${++last}`
  const shared = { id, name, required, 'aria-describedby': hint && `${id}-hint`, ...more }
  if (type === 'select') {
    const made = el('select', shared, options.map(([value, text]) => el('option', { value, text })))
    if (value !== undefined) made.value = value
    return made
  }
  if (type === 'area') return el('textarea', { rows: 4, ...shared, value })
  if (type === 'check') return el('input', { type: 'checkbox', ...shared, checked: value })
  return el('input', { type, ...shared, value })
}

function rowOf({ label, hint, type, required }, input) {
  const told = el('label', { for: input.id, text: label }, !required && type !== 'check' && type !== 'select' && el('span', { class: 'optional', text: ' (optional)' }))
  const note = hint && el('p', { class: 'hint', id: `${input.id}-hint`, text: hint })
  return type === 'check'
    ? el('div', { class: 'field check' }, input, told, note)
    : el('div', { class: 'field' }, told, input, note)
}

function valueOf(input) {
  if (input.type === 'checkbox') return input.checked
  if (input.type === 'file') return input.files[0]
  return input.value
}
