import { Link } from 'react-router'
import type { CaseRow } from '@/api'
import { caseTone, dueWords, has, Light, onDay, StatusTag, Way } from '@/ui'
import { isOpen, wayOf } from './progress'

/** A case in a list, as a parcel's way: where it is, who has it, until when, what I can do. */
export function CaseCard({ row, level = 2 }: { row: CaseRow; level?: 2 | 3 }) {
  const way = wayOf(row)
  const H = `h${level}` as 'h2'
  const mine = row.state === 'supplement_requested'
  const due = row.due ?? row.promised_due
  return (
    <article className="card case-card">
      <div className="section-head">
        <H><Link to={`/my/cases/${encodeURIComponent(row.case_no)}`}>{row.item_name}</Link></H>
        <StatusTag tone={caseTone(row.state, row.result)}>{row.state_text}</StatusTag>
      </div>
      <p className="small soft">{row.org_name} · {onDay(row.submitted_at)}提交 · <span className="num">{row.case_no}</span></p>
      <Way {...way} />
      {isOpen(row) && (
        <p className="row case-next">
          <span>{mine ? '等您补正' : `由${row.org_name}办理`}</span>
          {has(due) && !mine && <span className="soft">{dueWords(due)} 前</span>}
          {!mine && <Light light={row.light} />}
          {mine && <Link className="btn main" to={`/my/cases/${encodeURIComponent(row.case_no)}`}>去补正</Link>}
        </p>
      )}
    </article>
  )
}
