const zone = 'Asia/Shanghai'
const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })

/** “2026-11-22 21:27”: short and aligned, for tables. Always the city's clock. */
export const minute = (iso?: string | null): string => (iso ? format.format(new Date(iso)) : '—')

/** “11-22 21:27”, or with the year when it is not this one. */
export const short = (iso?: string | null, now: Date = new Date()): string => {
  const words = minute(iso)
  return words.startsWith(format.format(now).slice(0, 5)) ? words.slice(5) : words
}

/** “2026-11-22” */
export const day = (iso?: string | null): string => minute(iso).slice(0, 10)

const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })

/** “21:27:05” */
export const clockTime = (iso: string): string => clock.format(new Date(iso))
