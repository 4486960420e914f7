// Makes the picture of the page that stands in the README: `TITAN_SERVER=… TITAN=… node tests/page/picture.js FILE.png`.

import { World } from './support.js'

const world = new World()
try {
  await world.start()
  const viewport = { width: 1120, height: 690 }
  const [ada, bob] = await Promise.all([world.person('ada', { viewport, admin: true }), world.person('bob', { viewport })])
  await ada.page.getByRole('button', { name: 'Make a room' }).click()
  await ada.dialog('Make a room').getByLabel('Name').fill('Reading circle')
  await ada.dialog('Make a room').getByLabel('Description').fill('Books, mostly.')
  await ada.dialog('Make a room').getByRole('button', { name: 'Make the room' }).click()
  await ada.field.waitFor()
  await bob.page.getByRole('link', { name: 'All rooms' }).click()
  await bob.page.getByRole('button', { name: 'Join Reading circle' }).click()
  await bob.page.getByRole('heading', { level: 1, name: 'Reading circle' }).waitFor()
  await ada.says('Shall we read **Lem** next? I have *Solaris* here.')
  await bob.sees('Lem')
  await bob.says('I would love that, @ada!')
  await ada.sees('love that')
  await ada.message('love that').hover()
  await ada.message('love that').getByRole('button', { name: 'React' }).click()
  await ada.page.getByRole('button', { name: 'party' }).click()
  await ada.page.getByLabel('Files to send').setInputFiles({ name: 'solaris.epub', mimeType: 'application/epub+zip', buffer: Buffer.alloc(431_022, 7) })
  await bob.message('solaris.epub').waitFor()
  await bob.message('Shall we read').hover()
  await bob.message('Shall we read').getByRole('button', { name: 'Reply', exact: true }).click()
  await bob.says('Is Thursday all right? I made a list:\n```\nchapters 1-4   this week\nchapters 5-9   the next\n```')
  await ada.sees('Is Thursday')
  await bob.page.getByRole('link', { name: 'People' }).click()
  await bob.page.getByRole('button', { name: 'Write to ada' }).click()
  await bob.says('Tea first?')
  await ada.link(/bob.*1 unread/).waitFor()
  await ada.page.getByRole('region', { name: 'Files on their way' }).waitFor({ state: 'hidden' })
  await ada.page.mouse.move(5, 400)
  await ada.page.screenshot({ path: process.argv[2] })
} finally {
  await world.end()
}
