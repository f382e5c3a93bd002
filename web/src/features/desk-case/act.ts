import type { DeskAction } from '@/api'

/** Does a step on the version that was seen; gives undefined when it was done, otherwise what went wrong, in words. */
export type Act = (action: DeskAction, body: Record<string, unknown>, seen: number) => Promise<string | undefined>

/** The same inside a dialog, which knows what it was opened on. */
export type DialogAct = (action: DeskAction, body: Record<string, unknown>) => Promise<string | undefined>
