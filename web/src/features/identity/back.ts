/** Where to go after signing in: a path of this site or nothing (never another site by a crafted link). */
export function safeBack(raw: string | null): string | null {
  if (!raw || !raw.startsWith('/') || raw.startsWith('//') || /[\\\r\n\t]/.test(raw)) return null
  return raw
}

/** Whether the portal's own router has the address; the rest are documents from the server. */
export const isTool = (path: string) => /^\/(my|apply)(\/|\?|$)/.test(path)
