/** The longest text of a clipboard that goes either way, in bytes of UTF-8. */
export const maxClipboardBytes = 1024 * 1024
