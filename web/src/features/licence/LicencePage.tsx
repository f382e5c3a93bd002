import { lazy, Suspense, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { licences } from '@/api'
import { ErrorBox, Note, onDay, Page, StatusTag, Waiting } from '@/ui'
import { Present } from './Present'
import './licence.css'

const OfdFrame = lazy(() => import('./OfdFrame'))

/** One licence: the paper itself in the page, its data in words, showing and taking it along. */
export default function LicencePage() {
  const { id = '' } = useParams()
  const q = useQuery({ queryKey: ['licence', id], queryFn: () => licences.get(id) })
  const [showing, setShowing] = useState(false)
  const back = <Link to="/my/licences">‹ 我的证照</Link>
  if (q.isPending) return <Page title="电子证照" back={back}><Waiting lines={8} /></Page>
  if (q.isError) return <Page title="电子证照" back={back}><ErrorBox error={q.error} retry={() => void q.refetch()} action={<Link className="btn" to="/my/licences">查看我的证照</Link>} /></Page>
  const l = q.data
  const valid = l.status === 'valid'
  return (
    <Page title={l.title} back={back} lead={l.holder_name} actions={<StatusTag tone={valid ? 'good' : 'bad'}>{l.status_text}</StatusTag>}>
      {!valid && <Note tone="bad"><p>这张证照{l.status_text}（{onDay(l.status_at)}），不能再使用。{l.status_reason && `理由：${l.status_reason}`}</p></Note>}
      <div className="row licence-actions">
        {valid && <button type="button" className="btn main" onClick={() => setShowing(true)}>出示二维码</button>}
        <a className="btn" href={licences.fileHref(l.id, 'ofd')} download>下载 OFD 原件</a>
        <a className="btn" href={licences.fileHref(l.id, 'pdf')} download>下载 PDF 副本</a>
      </div>
      {showing && <Present id={l.id} title={l.title} onClose={() => setShowing(false)} />}
      <Suspense fallback={<Waiting lines={6} label="正在打开证照" />}>
        <OfdFrame id={l.id} title={l.title} />
      </Suspense>
      <section className="card licence-data" aria-labelledby="data">
        <h2 id="data">证照信息</h2>
        <dl className="kv">
          <div><dt>证照编号</dt><dd className="num">{l.number}</dd></div>
          <div><dt>持证主体</dt><dd>{l.holder_name}（<span className="num">{l.holder_code_masked}</span>）</dd></div>
          {l.fields.map((f) => <div key={f.title}><dt>{f.title}</dt><dd>{f.value}</dd></div>)}
          <div><dt>颁发机构</dt><dd>{l.issuer_name}</dd></div>
          <div><dt>颁发日期</dt><dd>{onDay(l.issued_at)}</dd></div>
          <div><dt>有效期</dt><dd>{onDay(l.valid_from)} 至 {l.valid_to ? onDay(l.valid_to) : '长期'}</dd></div>
          <div><dt>电子证照标识</dt><dd className="num">{l.identifier}</dd></div>
          <div><dt>由办件颁发</dt><dd><Link to={`/my/cases/${encodeURIComponent(l.case_no)}`} className="num">{l.case_no}</Link></dd></div>
        </dl>
      </section>
    </Page>
  )
}
