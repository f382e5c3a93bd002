import { cases, licences, type Case } from '@/api'
import { minute } from '@/ui/desk/when'

/** The papers that the case has brought forth, and the licence at its end. */
export function Documents({ c }: { c: Case }) {
  return (
    <section className="desk-panel" aria-labelledby="documents">
      <h2 id="documents">文书和证照</h2>
      {c.documents.length === 0 && !c.licence && <p className="desk-quiet">还没有文书。受理、补正、决定时会自动生成，并加盖本部门电子印章。</p>}
      <ul className="desk-papers">
        {c.documents.map((d) => (
          <li key={d.id}>
            <b>{d.title}</b>
            <span className="desk-quiet">{d.number}　{minute(d.issued_at)}</span>
            {d.ready ? (
              <span className="desk-links">
                <a href={`${cases.documentHref(c.case_no, d.id)}?format=pdf`} target="_blank" rel="noreferrer">查看<span className="off">：{d.title}</span></a>
                <a href={`${cases.documentHref(c.case_no, d.id)}?format=ofd`} download>下载盖章原件<span className="off">：{d.title}</span></a>
              </span>
            ) : <span className="desk-quiet">正在生成并盖章，稍候自动出现</span>}
          </li>
        ))}
        {c.licence && (
          <li>
            <b>{c.licence.name}</b>
            <span className="desk-quiet">{c.licence.number}</span>
            <span className="desk-links">
              <a href={`${licences.fileHref(c.licence.id, 'pdf')}&inline=1`} target="_blank" rel="noreferrer">查看<span className="off">：{c.licence.name}</span></a>
              <a href={licences.fileHref(c.licence.id, 'ofd')} download>下载原件<span className="off">：{c.licence.name}</span></a>
            </span>
          </li>
        )}
      </ul>
    </section>
  )
}
