import type { Case } from '@/api'
import { DeskLight } from '@/ui/desk/DeskLight'
import { minute } from '@/ui/desk/when'

/** The three deadlines with their lights. */
export function Clock({ c }: { c: Case }) {
  const rows = [
    { name: '本环节', d: c.deadlines.step },
    { name: '承诺办结', d: c.deadlines.promised, limit: c.limits_text.promised },
    { name: '法定办结', d: c.deadlines.statutory, limit: c.limits_text.statutory },
  ]
  return (
    <section className="desk-panel" aria-labelledby="clock">
      <h2 id="clock">时限</h2>
      {c.suspension && <p>计时已暂停（{c.suspension.ground}），依法不计入时限，所需时间：{c.suspension.needed}。</p>}
      <dl className="desk-facts">
        {rows.map(({ name, d, limit }) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}{limit ? `（${limit}）` : ''}</dt>
            <dd>{d?.due ? <><DeskLight light={d.light} />　{minute(d.due)}{d.provisional ? '（暂定，下一年放假安排公布后更新）' : ''}</> : <span className="desk-quiet">{c.accepted_at || name === '本环节' ? '—' : '受理后起算'}</span>}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
