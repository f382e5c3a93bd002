/**
 * 长者模式 and 高对比. Remembered in the cookie that the Go pages read and write too
 * (`onedoor_display=elder.contrast`), so that one switch serves every page; the classes on <html>
 * are the same, and tokens.css does the rest.
 */
export interface Display {
  elder: boolean
  contrast: boolean
}

const cookieName = 'onedoor_display'

export function readDisplay(cookie: string = document.cookie): Display {
  const words = new RegExp(`(?:^|; )${cookieName}=([^;]*)`).exec(cookie)?.[1]?.split('.') ?? []
  return { elder: words.includes('elder'), contrast: words.includes('contrast') }
}

export function applyDisplay(display: Display): void {
  document.documentElement.classList.toggle('elder', display.elder)
  document.documentElement.classList.toggle('contrast', display.contrast)
}

export function saveDisplay(display: Display): void {
  const words = [display.elder && 'elder', display.contrast && 'contrast'].filter(Boolean).join('.')
  const secure = location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `${cookieName}=${words}; path=/; max-age=31536000; samesite=lax${secure}`
  applyDisplay(display)
}
