import type { Case } from '@/api'
import { minute } from '@/ui/desk/when'

/** Every transition, newest first: who, when, with which opinion and on what ground. */
export function Timeline({ c }: { c: Case }) {
  return (
    <section className="desk-panel" aria-labelledby="timeline">
      <h2 id="timeline">办理过程</h2>
      <ol className="desk-time">
        {[...c.timeline].reverse().map((e) => (
          <li key={e.seq}>
            <time dateTime={e.at}>{minute(e.at)}</time>　<b>{e.state_text}</b>
            <p>{e.by}{e.post ? `（${e.post}）` : ''}</p>
            {e.opinion && <p>意见：{e.opinion}</p>}
            {e.article && <p className="desk-quiet">依据：{e.article}</p>}
          </li>
        ))}
      </ol>
    </section>
  )
}
