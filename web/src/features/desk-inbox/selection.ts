/**
 * The chosen row is a case, not a place in the list: rows come and go while one reads. When the
 * case itself goes, the choice falls to what came after it, else to the last row that is left.
 */
export function follow(chosen: string | undefined, before: readonly string[], after: readonly string[]): string | undefined {
  if (after.length === 0) return undefined
  if (chosen === undefined) return after[0]
  if (after.includes(chosen)) return chosen
  const left = new Set(after)
  const at = before.indexOf(chosen)
  return before.slice(at + 1).find((no) => left.has(no)) ?? before.slice(0, Math.max(at, 0)).reverse().find((no) => left.has(no)) ?? after[0]
}

/** The row one step down (1) or up (-1); the ends hold. */
export function step(chosen: string | undefined, rows: readonly string[], by: 1 | -1): string | undefined {
  const at = chosen === undefined ? -1 : rows.indexOf(chosen)
  return rows[Math.min(Math.max(at + by, 0), rows.length - 1)]
}

/** What came in by itself: rows that were not there, unless the reader asked for more pages. */
export function arrived(before: readonly string[], after: readonly string[], samePages: boolean): string[] {
  if (!samePages) return []
  const known = new Set(before)
  return after.filter((no) => !known.has(no))
}
