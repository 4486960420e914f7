// Files that are chosen, pasted or dropped, before they are sent: each with what it looks like and how to take it back. What stands in
// the message field becomes the caption. They wait here for each conversation until its person sends them.

import { sizeOf } from '../core/text.js'
import { button, el, fill, icon, name } from './dom.js'

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/
const PREVIEW_MOST = 30 * 1024 * 1024

export class Staging {
  /** @param kept a list that outlives the view; @param changed called when there are more or fewer */
  constructor(kept, changed) {
    Object.assign(this, { kept, changed })
    this.shown = new Map()
    this.list = el('ul', { class: 'staged', role: 'list', 'aria-label': 'Files to be sent', hidden: true })
    this.draw()
  }

  get files() { return this.kept }

  add(files) {
    this.kept.push(...files)
    this.draw()
    this.changed()
  }

  /** All of them, and none is left. */
  take() {
    const files = this.kept.splice(0)
    this.draw()
    return files
  }

  draw() {
    for (const [file, url] of this.shown) if (!this.kept.includes(file)) this.release(file, url)
    this.list.hidden = this.kept.length === 0
    fill(this.list, this.kept.map(file => this.chip(file)))
  }

  chip(file) {
    const remove = () => {
      this.kept.splice(this.kept.indexOf(file), 1)
      this.draw()
      this.changed()
    }
    return el('li', { class: 'staged-file' },
      PICTURE.test(file.type) && file.size <= PREVIEW_MOST ? el('img', { class: 'staged-picture', alt: '', src: this.preview(file) }) : icon('file'),
      el('span', { class: 'file-names' }, name(file.name, { class: 'file-name' }), el('span', { class: 'file-size', text: sizeOf(file.size) })),
      button({ label: `Do not send ${file.name}`, icon: 'close', kind: 'quiet small', press: remove }))
  }

  preview(file) {
    if (!this.shown.has(file)) this.shown.set(file, URL.createObjectURL(file))
    return this.shown.get(file)
  }

  release(file, url) {
    URL.revokeObjectURL(url)
    this.shown.delete(file)
  }

  end() {
    for (const [file, url] of this.shown) this.release(file, url)
  }
}
