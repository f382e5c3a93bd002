import type { Case, Current } from '@/api'
import { short } from '@/ui/desk/when'

/** The loser of a race is told who won, when, and what the case is now. */
export const faster = (now: Current): string =>
  `${now.by || '另一位同事'}${now.at ? `已于 ${short(now.at)} ` : '已'}处理了这一件，现在是“${now.state_text}”。您的操作没有生效。`

type Step = Case['timeline'][number]

const last = (steps: Step[]) => steps.reduce<Step | undefined>((a, e) => (a && a.seq > e.seq ? a : e), undefined)

const nobodys = (e: Step | undefined) => ['make', 'deliver', 'close', 'accept-by-silence'].includes(e?.move ?? '')

/** Whether the last step was nobody's: a licence made, a paper delivered, a limit passed. */
export const bySystem = (c: Case): boolean => nobodys(last(c.timeline))

/** The last step of a case, as the answer to “who was it?”: a person, though the system may have gone on since. */
export function lastStep(c: Case): Current {
  const step = last(c.timeline.filter((e) => !nobodys(e))) ?? last(c.timeline)
  return { state: c.state, state_text: c.state_text, version: c.version, ...(step ? { by: [step.post, step.by].filter(Boolean).join(' ') || '系统', at: step.at } : {}) }
}
