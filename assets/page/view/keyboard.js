// What a key event means, on whatever keyboard.

/**
 * Whether a key was pressed for the page, and not for an input method that puts a word together. Safari ends the composition before
 * it tells of the Enter that ended it; the code 229 is what is left to know it by.
 */
export const isTyped = event => !event.isComposing && event.keyCode !== 229

/** A shortcut as it is listed. A letter is the one that stands on the key where the alphabet is another; "/" is one with Shift or without. */
export function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
  const control = ctrlKey || metaKey
  const letter = control && /^Key[A-Z]$/.test(code) && !/^[a-z]$/i.test(key) ? code.at(-1) : key.length === 1 ? key.toUpperCase() : key
  return [control && 'Ctrl', altKey && 'Alt', shiftKey && letter !== '/' && 'Shift', letter].filter(Boolean).join(' ')
}

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform ?? navigator.platform ?? '')
