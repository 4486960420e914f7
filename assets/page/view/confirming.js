// The password once more, before what an account could be taken over by.

import { form } from './dialog.js'

/** Asks for it until `confirm(password)` takes it; whether that came to be. */
export const askPassword = confirm => form({
  title: 'Your password once more',
  text: 'So that nobody else does this in your name. For ten minutes you are not asked again.',
  fields: [{ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' }],
  action: 'Go on',
  async submit({ password }) {
    await confirm(password)
    return true
  },
})
