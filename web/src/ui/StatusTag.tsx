import type { ReactNode } from 'react'

export type Tone = 'todo' | 'going' | 'good' | 'bad' | 'quiet'

const caseTones: Record<string, Tone> = {
  submitted: 'going', resubmitted: 'going', accepted: 'going', reviewed: 'going', suspended: 'quiet',
  supplement_requested: 'todo', granted: 'good', made: 'good', delivered: 'good', closed: 'good',
  refused: 'bad', not_accepted: 'bad', withdrawn: 'quiet',
}

/** How a case's state is tinted. The word is always there; the tint only helps the eye. */
export function caseTone(state: string, result?: string): Tone {
  if (result === 'refused') return 'bad'
  return caseTones[state] ?? 'going'
}

export function StatusTag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`tag ${tone}`}>{children}</span>
}
