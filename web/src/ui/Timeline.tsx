import type { ReactNode } from 'react'
import type { TimelineEntry } from '@/api'
import { atMinute } from './time'

/** What happened, the newest first, in plain words. `extra` adds what belongs to one entry (its paper). */
export function Timeline({ entries, extra }: { entries: TimelineEntry[]; extra?: (e: TimelineEntry) => ReactNode }) {
  const newestFirst = [...entries].sort((a, b) => b.seq - a.seq)
  return (
    <ol className="timeline">
      {newestFirst.map((e, i) => (
        <li key={e.seq} aria-current={i === 0 ? 'step' : undefined}>
          <time dateTime={e.at}>{atMinute(e.at)}</time>
          <p className="timeline-text">{e.told || e.state_text}</p>
          {e.by && <p className="small soft">{[e.post, e.by].filter(Boolean).join(' ')}</p>}
          {e.opinion && <p className="timeline-opinion">{e.opinion}</p>}
          {extra?.(e)}
        </li>
      ))}
    </ol>
  )
}

export interface Stage {
  name: string
  note?: string
  at?: string
}

/** A case as a parcel's way: where it is, what is behind it and what is to come. */
export function Way({ stages, at, ended }: { stages: Stage[]; at: number; ended?: boolean }) {
  return (
    <ol className="way">
      {stages.map((s, i) => {
        const done = i < at || (ended === true && i === at)
        const here = i === at && !ended
        return (
          <li key={s.name} className={done ? 'done' : here ? 'here' : 'ahead'} aria-current={here ? 'step' : undefined}>
            <span className="way-name">{s.name}</span>
            <span className="off">{done ? '，已完成' : here ? '，正在进行' : '，尚未开始'}</span>
            {s.note && <span className="way-note">{s.note}</span>}
          </li>
        )
      })}
    </ol>
  )
}
