// Files dragged over the page. Wherever one is dropped, the page stays: a browser by itself would open it in the page's place.

/** Whether a drag carries files. */
export const carries = event => [...event.dataTransfer?.types ?? []].includes('Files')

/** Only fields take something by themselves: text where one writes, files where one chooses them. */
const takesItself = event => event.target.closest?.(carries(event) ? 'input[type="file"]' : 'input, textarea')

export function guardDrops() {
  for (const kind of ['dragover', 'drop']) {
    addEventListener(kind, event => {
      if (takesItself(event)) return
      if (kind === 'dragover' && !event.defaultPrevented && event.dataTransfer) event.dataTransfer.dropEffect = 'none'
      event.preventDefault()
    })
  }
}

/**
 * Files dropped anywhere in the window while a conversation is open.
 * @param area what shows that it takes them
 */
export function takeDrops(scope, area, { mayTake, take }) {
  let depth = 0
  const mark = by => { depth = Math.max(0, depth + by); area.classList.toggle('drop', depth > 0) }
  const listen = (kind, heard) => scope.listen(document, kind, event => carries(event) && mayTake() && !takesItself(event) && heard(event))
  listen('dragenter', () => mark(1))
  listen('dragleave', () => mark(-1))
  listen('dragover', event => event.preventDefault())
  listen('drop', event => {
    event.preventDefault()
    mark(-depth)
    take(event.dataTransfer.files)
  })
  scope.add(() => area.classList.remove('drop'))
}
