import type { Case } from '@/api'
import { minute } from '@/ui/desk/when'

/** Every step, newest first: who, when, with which opinion and on what ground. */
export function Timeline({ c }: { c: Case }) {
  const steps = [...c.timeline].sort((a, b) => b.seq - a.seq)
  return (
    <section className="desk-panel" aria-labelledby="timeline">
      <h2 id="timeline">办理过程</h2>
      <ol className="desk-time">
        {steps.map((e, i) => (
          <li key={e.seq} className={i === 0 ? 'now' : undefined}>
            <p><b>{e.move === 'check-material' ? '核对材料' : e.state_text}</b><time dateTime={e.at}>{minute(e.at)}</time></p>
            <p className="desk-quiet">{[e.post, e.by].filter(Boolean).join(' ') || '系统'}{e.article ? `　行政许可法${e.article}` : ''}</p>
            {e.opinion && <p className="desk-opinion">{e.opinion}</p>}
          </li>
        ))}
      </ol>
    </section>
  )
}
