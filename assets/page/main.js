// Puts the page together: either the entrance or the house, by whether there is a session. What is inside is a script of its own, so
// that one can log in before all of it is there, on a slow line too.

import { keepToken, token } from './core/token.js'
import { guardDrops } from './view/drop.js'
import { clearNotices, startNotices } from './view/notices.js'
import { showEntrance } from './view/entrance.js'

const root = document.getElementById('app')
const inside = () => import('./inside.js')

async function enter() {
  try {
    const { enterHouse } = await inside()
    enterHouse(root, reason => { clearNotices(); welcome(reason) })
  } catch (error) {
    console.warn(error)
    welcome('Not all of the page arrived. Load it anew, and try again.')
  }
}

function welcome(reason) {
  showEntrance(root, {
    reason,
    enter(loggedIn, lasting) {
      keepToken(loggedIn.token, lasting)
      return enter()
    },
  })
  inside().catch(() => {})
}

startNotices()
guardDrops()
if (token()) enter()
else welcome()
