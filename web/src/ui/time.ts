/** Times are shown in Asia/Shanghai whatever the device's zone: a deadline is an instant of the city's clock. */
const zone = 'Asia/Shanghai'
const day = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, year: 'numeric', month: 'long', day: 'numeric' })
const minute = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone, year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
})
const dayWithWeek = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, month: 'long', day: 'numeric', weekday: 'short' })
const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

const parse = (iso: string | undefined | null): Date | null => {
  if (!iso) return null
  const d = new Date(iso)
  // Go's zero time means "not yet".
  return Number.isNaN(d.getTime()) || d.getUTCFullYear() < 1900 ? null : d
}

export const has = (iso: string | undefined | null): iso is string => parse(iso) !== null
export const onDay = (iso?: string | null) => format(day, iso)
export const atMinute = (iso?: string | null) => format(minute, iso)
export const atClock = (iso?: string | null) => format(clock, iso)
/** “11月30日周一 17:30” — a deadline as one would say it. */
export const dueWords = (iso?: string | null) => {
  const d = parse(iso)
  return d ? `${dayWithWeek.format(d)} ${clock.format(d)}` : '—'
}

function format(f: Intl.DateTimeFormat, iso?: string | null): string {
  const d = parse(iso)
  return d ? f.format(d) : '—'
}

/** “3.2 MB”: what a file weighs, as phones show it. */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} 字节`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
