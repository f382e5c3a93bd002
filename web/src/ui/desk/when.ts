const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })

/** “2026-11-22 21:27”: short and aligned, for tables. Always the city's clock. */
export const minute = (iso?: string | null): string => (iso ? format.format(new Date(iso)) : '—')
